"""What activity at laptops looks like: what is usual, the running sums, the anomalies.

Of what passes nothing is kept here but sizes and times (terminals/anomaly, docs/anomaly.md).
"""

from django.db import models
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.models.engagement import AccessKind
from scif.facilities.models import Facility, Record
from scif.people.models import Person
from terminals.anomaly.policy import Act, Part
from terminals.anomaly.wording import WORDINGS, Wording
from terminals.models.session import Session


class AnomalyKind(models.TextChoices):
    """What the detector found, by its part."""

    BURST = Part.BURST.value, _("much at once")
    LEAK = Part.LEAK.value, _("no quiet window")
    HOURS = Part.HOURS.value, _("odd hours")
    KEYS = Part.KEYS.value, _("scripted keys")
    SCRAPE = Part.SCRAPE.value, _("pages by a clock")


class AnomalyAct(models.TextChoices):
    """What becomes of the session, from the mildest to the gravest."""

    FLAG = Act.FLAG.value, _("flagged")
    SLOW = Act.SLOW.value, _("slowed")
    PAUSE = Act.PAUSE.value, _("paused")
    LOCK = Act.LOCK.value, _("locked")


class AnomalyVerdict(models.TextChoices):
    """What the reviewer found."""

    UPHELD = "upheld", _("upheld")
    FALSE_ALARM = "false_alarm", _("false alarm")


class ActivityBaseline(Record):
    """What is usual for a person in one kind of engagement at one facility.

    ``record`` is the JSON of ``terminals/anomaly/baseline.py``: a few figures of each of the last
    sessions. Hours in it are the facility's.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of engagement"), max_length=20, choices=AccessKind)
    record = models.JSONField(_("record"))
    learnt_at = models.DateTimeField(_("last learnt at"), db_index=True)

    class Meta:
        verbose_name = _("baseline of activity")
        verbose_name_plural = _("baselines of activity")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "person", "kind"], name="activity_baseline_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.kind}"


class ActivitySums(Record):
    """The detector's running sums for a person in an engagement, from session to session.

    ``record`` is the JSON of ``terminals/anomaly/detector.py``. INVARIANT: one detector looks at a
    person's work in an engagement, wherever he works; logging out pays nothing back.
    """

    facility_path = "engagement__areas__facility"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    record = models.JSONField(_("record"))
    seen_at = models.DateTimeField(_("last seen at"), db_index=True)

    class Meta:
        verbose_name = _("sums of activity")
        verbose_name_plural = _("sums of activity")
        constraints = [
            models.UniqueConstraint(fields=["person", "engagement"], name="activity_sums_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.engagement.reference}"


class SessionActivity(Record):
    """What one session will leave for the baseline, and its last hours for a plot.

    ``diary`` is the JSON of ``terminals/anomaly/diary.py``, ``trail`` that of
    ``terminals/anomaly/trail.py``. ``learnt_at``: when the baseline took it in.
    """

    facility_path = "session__terminal__facility"

    session = models.OneToOneField(Session, models.PROTECT, related_name="activity")
    diary = models.JSONField(_("diary"))
    trail = models.JSONField(_("trail"))
    seen_at = models.DateTimeField(_("last seen at"), db_index=True)
    learnt_at = models.DateTimeField(_("learnt at"), null=True, blank=True)

    class Meta:
        verbose_name = _("activity of a session")
        verbose_name_plural = _("activity of sessions")

    def __str__(self) -> str:
        return str(self.session)


class Anomaly(Record):
    """Activity that does not look like its person, and what somebody found when he looked.

    ``params`` fill the words, ``plot`` is what the figure showed when it was raised: a baseline
    moves on. ``grave_at``: since when it is grave, if it is. ``consequence`` holds until the
    review; past ``review_by`` it becomes graver, ``overdue`` tells that a review was missed. All
    that wait of a person in an engagement have one consequence. INVARIANT: no finding gets milder
    or goes, the reviewer is another than the session's person, and a reviewed one never changes.
    """

    facility_path = "session__terminal__facility"

    session = models.ForeignKey(Session, models.PROTECT, related_name="anomalies")
    person = models.ForeignKey(Person, models.PROTECT, related_name="anomalies")
    kind = models.CharField(_("kind"), max_length=8, choices=AnomalyKind)
    raised_at = models.DateTimeField(_("raised at"), db_index=True)
    grave_at = models.DateTimeField(_("grave since"), null=True, blank=True)
    params = models.JSONField(_("figures"))
    plot = models.JSONField(_("plot"))
    policy_version = models.CharField(_("policy version"), max_length=60)
    consequence = models.CharField(_("consequence"), max_length=5, choices=AnomalyAct)
    review_by = models.DateTimeField(_("to be reviewed by"), null=True, blank=True)
    overdue = models.BooleanField(_("review overdue"), default=False)
    verdict = models.CharField(_("verdict"), max_length=11, choices=AnomalyVerdict, blank=True)
    reason = models.CharField(_("what was found"), max_length=300, blank=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("anomaly")
        verbose_name_plural = _("anomalies")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "kind"],
                condition=models.Q(verdict=""),
                name="anomaly_of_a_kind_waits_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=AnomalyKind.values, consequence__in=AnomalyAct.values),
                name="anomaly_words",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="", reviewed_by=None, reviewed_at=None, reason="")
                | models.Q(
                    verdict__in=AnomalyVerdict.values,
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                )
                & ~models.Q(reason=""),
                name="anomaly_reviewed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None) | ~models.Q(reviewed_by=models.F("person")),
                name="anomaly_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.session.terminal}, {self.raised_at:%d %b %H:%M}"

    @property
    def words(self) -> str:
        """What was seen, in words and figures."""
        return translated(self._wording.message).format_map(self.params)

    @property
    def look(self) -> str:
        """What whoever reviews it does first."""
        return translated(self._wording.look)

    @property
    def _wording(self) -> Wording:
        return WORDINGS[Part(self.kind)]

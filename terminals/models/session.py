"""Sessions of laptops: who asked, what was granted, what passed, how it ended."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement, Visit
from scif.facilities.models import Area, Record
from scif.people.models import Person
from terminals.models.place import RegisteredPlace
from terminals.models.terminal import Terminal
from terminals.models.terms import EngagementTerms
from terminals.rules.session_states import OPEN_STATES, SessionState


class SessionStatus(models.TextChoices):
    """The states of ``terminals/rules/session_states.py`` in words."""

    REQUESTED = SessionState.REQUESTED.value, _("Being granted")
    LIVE = SessionState.LIVE.value, _("Running")
    PAUSED = SessionState.PAUSED.value, _("Paused")
    CUTTING = SessionState.CUTTING.value, _("Being cut")
    ENDED = SessionState.ENDED.value, _("Ended")


class Session(Record):
    """One session of one person at one laptop, to the one harness of his engagement.

    ``grant_id`` is what the bastion knows it by: login name, principal and forced command of the
    certificate. It stands on a visit in its area, or on a registered place. ``source`` is the
    laptop's address; ``ends_at`` the end of the booking, or of what holds outside. ``connected``:
    whether the laptop's `ssh` is there now. Bytes are payload, as the bastion counts it. ``why`` is
    the word for what ended or holds it.
    """

    facility_path = "terminal__facility"
    own_path = ("person", "engagement__sponsor__officer")

    grant_id = models.CharField(
        _("grant"), max_length=24, unique=True, validators=[RegexValidator(r"^[0-9a-f]{24}\Z")]
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="sessions")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="sessions")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="sessions")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="sessions")
    place = models.ForeignKey(
        RegisteredPlace, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="sessions")
    terms = models.ForeignKey(EngagementTerms, models.PROTECT, related_name="sessions")
    state = models.CharField(
        _("state"), max_length=10, choices=SessionStatus, default=SessionState.REQUESTED.value
    )
    why = models.CharField(_("because"), max_length=60, blank=True)
    source = models.GenericIPAddressField(_("laptop's address"))
    granted_at = models.DateTimeField(_("granted at"))
    ends_at = models.DateTimeField(_("ends at the latest"))
    connected = models.BooleanField(_("connected"), default=False)
    opened_at = models.DateTimeField(_("first connected at"), null=True, blank=True)
    cut_at = models.DateTimeField(_("ordered to end at"), null=True, blank=True)
    alarmed = models.BooleanField(_("alarm raised"), default=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    bytes_up = models.PositiveBigIntegerField(_("bytes to the harness"), default=0)
    bytes_down = models.PositiveBigIntegerField(_("bytes to the laptop"), default=0)
    warned = models.CharField(_("last warning"), max_length=60, blank=True)
    policy_version = models.CharField(_("policy version"), max_length=60)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-granted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal"],
                condition=models.Q(state__in=OPEN_STATES),
                name="session_of_a_terminal_once",
            ),
            models.UniqueConstraint(
                fields=["visit"],
                condition=models.Q(state__in=OPEN_STATES),
                name="session_of_a_visit_once",
            ),
            models.CheckConstraint(
                condition=models.Q(visit__isnull=False, area__isnull=False, place=None)
                | models.Q(visit=None, area=None, place__isnull=False),
                name="session_inside_or_outside",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ended", ended_at__isnull=False) & ~models.Q(why="")
                | ~models.Q(state="ended") & models.Q(ended_at=None),
                name="session_ended_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.terminal}, {self.granted_at:%d %b %H:%M}"

    @property
    def where(self) -> str:
        """The room or the registered place, by name."""
        return str(self.area or self.place)

    @property
    def total(self) -> int:
        """Bytes both ways, as budgets count them."""
        return self.bytes_up + self.bytes_down


class SessionModerator(Record):
    """Whose session beside it lets a moderated session run, from when to when."""

    facility_path = "session__terminal__facility"

    session = models.ForeignKey(Session, models.PROTECT, related_name="moderators")
    moderator = models.ForeignKey(Session, models.PROTECT, related_name="moderates")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("moderator of a session")
        verbose_name_plural = _("moderators of sessions")
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(until=None), name="session_moderator_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(session=models.F("moderator")), name="moderator_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moderator.person}: {self.session}"


class PinSeen(models.TextChoices):
    """What became of the PIN of a request; one that was not looked at tells nothing."""

    UNSEEN = "unseen", _("not looked at")
    RIGHT = "right", _("right")
    WRONG = "wrong", _("wrong")


class SessionRequest(Record):
    """What a person asked for at a laptop, and every reason against it. Refused ones are kept.

    ``credential`` is the digest of the badge that was shown; ``pin`` what became of its PIN.
    INVARIANT: nothing here tells one right PIN from another.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="session_requests")
    credential = models.CharField(_("credential"), max_length=64)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.ForeignKey(
        RegisteredPlace, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("at"), db_index=True)
    granted = models.BooleanField(_("granted"))
    pin = models.CharField(_("PIN"), max_length=6, choices=PinSeen, default=PinSeen.UNSEEN)
    objections = models.JSONField(_("objections"), default=list)

    class Meta:
        verbose_name = _("request for a session")
        verbose_name_plural = _("requests for sessions")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted=False)
                | models.Q(person__isnull=False, pin="right", objections=[])
                & (models.Q(visit__isnull=False) | models.Q(place__isnull=False)),
                name="session_request_granted_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}, {self.at:%d %b %H:%M}"

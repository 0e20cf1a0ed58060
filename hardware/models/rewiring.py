"""Requests of two officers: wires, ports, alarm panels, what weakens a place, whom it lets in."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hardware.models.gateway import Bus, Device
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Area, Facility, Record
from scif.people.models import Person


class RewiringKind(models.TextChoices):
    """What is asked for."""

    CHANGE = "change", _("Change")
    RETIRE = "retire", _("Take out")
    PORT = "port", _("Move")
    PANEL_END = "panel_end", _("End the alarm panel of")
    EDIT = "edit", _("Edit")
    POLICY = "policy", _("Publish the next version of")
    HAND_OVER = "hand_over", _("Hand over to another gateway:")
    REKEY = "rekey", _("Give a key to the replaced reader")
    GRANT = "grant", _("Grant")


class RewiringStatus(models.TextChoices):
    """The states of ``hardware.rules.rewiring`` in words."""

    REQUESTED = RewiringState.REQUESTED.value, _("Waits for a second officer")
    CONFIRMED = RewiringState.CONFIRMED.value, _("Confirmed")
    WITHDRAWN = RewiringState.WITHDRAWN.value, _("Withdrawn")
    LAPSED = RewiringState.LAPSED.value, _("Lapsed")


SUBJECTS = ("device", "bus", "area", "place_id")


def _of(subject: str, **kind: object) -> models.Q:
    """Of such a kind, and about this subject alone."""
    others = {f"{name}__isnull": name != subject for name in SUBJECTS}
    return models.Q(**kind, **others)


class Rewiring(Record):
    """One officer's request for what weakens a door if it is wrong; another one confirms it.

    ``before`` is what its subject said when it was asked for, ``after`` what it will say: a device
    and a bus as the journal keeps them, a place by its changed fields, a policy by its changed
    values, a grant by what was filled in. A request about a whole panel names the area and says
    neither. ``place_model`` (``app.model``), ``place_id`` and ``place_name`` are those of an edited
    place, of a version of a policy, of a zone, of what a person is granted and does not have yet;
    no such record is ever deleted.
    INVARIANT: nothing changes until it is confirmed, and who confirmed is not who asked.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="rewirings")
    kind = models.CharField(_("what"), max_length=10, choices=RewiringKind)
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="rewirings"
    )
    bus = models.ForeignKey(Bus, models.PROTECT, null=True, blank=True, related_name="rewirings")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="rewirings")
    place_model = models.CharField(_("kind of place"), max_length=40, blank=True)
    place_id = models.UUIDField(_("identifier of the place"), null=True, blank=True)
    place_name = models.CharField(_("place"), max_length=200, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(
        _("state"), max_length=10, choices=RewiringStatus, default=RewiringStatus.REQUESTED
    )
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    lapses_at = models.DateTimeField(_("lapses at"))
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change by two officers")
        verbose_name_plural = _("changes by two officers")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "bus", "area", "place_id"],
                condition=models.Q(state=RewiringState.REQUESTED.value),
                nulls_distinct=False,
                name="rewiring_open_once",
                violation_error_message=_("Such a request waits already."),
            ),
            models.CheckConstraint(
                condition=_of("device", kind__in=["change", "retire", "rekey"])
                | _of("bus", kind="port")
                | _of("area", kind="panel_end")
                | _of("place_id", kind__in=["edit", "policy", "hand_over", "grant"]),
                name="rewiring_of_one_thing",
                violation_error_message=_("A request is about one thing."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RewiringState.CONFIRMED.value)
                | (
                    models.Q(decided_by__isnull=False)
                    & ~models.Q(decided_by=models.F("requested_by"))
                ),
                name="rewiring_two_people",
                violation_error_message=_("Who asked for it may not confirm it."),
            ),
        ]

    def __str__(self) -> str:
        words = {"what": self.get_kind_display(), "of": self.subject}
        return _now("%(what)s %(of)s") % words

    @property
    def waits(self) -> str:
        """Another officer's word."""
        if self.state != RewiringState.REQUESTED:
            return ""
        return _now(
            "Waits for another officer of %(facility)s: %(what)s. It is done when he confirms it "
            "under “%(list)s”; until then nothing changes."
        ) % {"what": self, "facility": self.facility, "list": self._meta.verbose_name_plural}

    @property
    def subject(self) -> str:
        """What it is about, in a few words."""
        if self.device or self.bus:
            return str(self.device or self.bus)
        return str(self.area) if self.area else self.place_name

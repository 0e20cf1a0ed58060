"""Requests of two officers: what monitored inputs mean, and whether an area has an alarm panel."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hardware.models.gateway import Device
from hardware.rules.rewiring import RewiringState
from scif.facilities.models import Area, Facility, Record
from scif.people.models import Person


class RewiringKind(models.TextChoices):
    """What is asked for."""

    CHANGE = "change", _("Change")
    RETIRE = "retire", _("Take out")
    PANEL_END = "panel_end", _("End the alarm panel of")


class RewiringStatus(models.TextChoices):
    """The states of ``hardware.rules.rewiring`` in words."""

    REQUESTED = RewiringState.REQUESTED.value, _("Waits for a second officer")
    CONFIRMED = RewiringState.CONFIRMED.value, _("Confirmed")
    WITHDRAWN = RewiringState.WITHDRAWN.value, _("Withdrawn")
    LAPSED = RewiringState.LAPSED.value, _("Lapsed")


class Rewiring(Record):
    """One officer's request to change what monitored inputs mean; another one confirms it.

    ``before`` is what its device said of itself when it was asked for, ``after`` what it will say,
    both as the journal keeps a device. A request about a whole panel names the area instead.
    INVARIANT: nothing changes until it is confirmed, and who confirmed is not who asked.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="rewirings")
    kind = models.CharField(_("what"), max_length=10, choices=RewiringKind)
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="rewirings"
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="rewirings")
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
        verbose_name = _("re-wiring")
        verbose_name_plural = _("re-wirings")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "area"],
                condition=models.Q(state=RewiringState.REQUESTED.value),
                nulls_distinct=False,
                name="rewiring_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="panel_end", area__isnull=False, device=None)
                | (~models.Q(kind="panel_end") & models.Q(area=None, device__isnull=False)),
                name="rewiring_of_one_thing",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RewiringState.CONFIRMED.value)
                | (
                    models.Q(decided_by__isnull=False)
                    & ~models.Q(decided_by=models.F("requested_by"))
                ),
                name="rewiring_two_people",
            ),
        ]

    def __str__(self) -> str:
        words = {"what": self.get_kind_display(), "of": self.subject}
        return _now("%(what)s %(of)s") % words

    @property
    def subject(self) -> str:
        """The device or the area that it is about."""
        return self.device.code if self.device else str(self.area)

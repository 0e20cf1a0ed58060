"""Lockdown of an area or of a whole facility, and who may enter all the same."""

from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Area, Facility, Record
from scif.people.models import Person


class Lockdown(Record):
    """Nobody enters the area, and what lies within it, until it is lifted; leaving stays free.

    Without an area it holds for the whole facility. ``told`` are the snapshot versions that carry
    it, by gateway: one that has reached its version keeps its doors by it.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="lockdowns")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="lockdowns")
    reason = models.CharField(_("reason"), max_length=300)
    declared_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(_("declared at"))
    lift_asked_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_asked_at = models.DateTimeField(_("lifting asked at"), null=True, blank=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    told = models.JSONField(_("told to the gateways"), default=dict, blank=True)

    class Meta:
        verbose_name = _("lockdown")
        verbose_name_plural = _("lockdowns")
        ordering = ["-declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "area"],
                condition=models.Q(lifted_at=None),
                nulls_distinct=False,
                name="lockdown_once",
                violation_error_message=_("A lockdown is in force here already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(lift_asked_by=models.F("lifted_by")),
                name="lockdown_lifted_by_two",
                violation_error_message=_("Who asked to lift the lockdown cannot lift it."),
            ),
        ]

    def __str__(self) -> str:
        return _gettext("Lockdown of %(scope)s") % {"scope": self.scope}

    @property
    def waits(self) -> str:
        """The second person's word, once one has asked to lift it."""
        if self.lift_asked_at is None or self.lifted_at is not None:
            return ""
        return _gettext("Waits for a second person: %(what)s stays until another one lifts it.") % {
            "what": self
        }

    @property
    def scope(self) -> str:
        """What it holds for, by name."""
        return self.area.name if self.area else self.facility.name


class LockdownPass(Record):
    """The right to enter during a lockdown, for a period, answered for by a sponsor.

    It is no basis of entry: every other rule still asks for one. Without an area it holds in the
    whole facility.
    """

    facility_path = "facility"

    person = models.ForeignKey(Person, models.PROTECT, related_name="lockdown_passes")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="lockdown_passes")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    sponsor = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("right to enter during lockdown")
        verbose_name_plural = _("rights to enter during lockdown")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                name="lockdown_pass_ends_after_start",
                violation_error_message=_("The right to enter ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~models.Q(sponsor=models.F("person")),
                name="lockdown_pass_sponsored",
                violation_error_message=_("Nobody is his own sponsor."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.area or self.facility}"

"""What a person is cleared for, read into, needs to know and has promised."""

from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from access.models.engagement import Engagement
from scif.facilities.models import Compartment, Level, Record
from scif.people.models import Person


class EligibilityStatus(models.TextChoices):
    """Status of an eligibility (R35, R36)."""

    FINAL = "final", _("Final")
    INTERIM = "interim", _("Interim")
    LAA = "laa", _("LAA")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")


class Eligibility(Record):
    """Eligibility for a level, from an authoritative source, never self-asserted (R32).

    ``accepted_on``, ``accepted_by`` and ``acceptance`` are the granting authority's decision, by
    its day, its author and its reference, that an interim one reaches compartments (R36).
    """

    person_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="eligibilities")
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=EligibilityStatus)
    source = models.CharField(_("source"), max_length=120)
    granted_on = models.DateField(_("granted on"))
    review_due = models.DateField(_("review due"), null=True, blank=True)
    vetting_enrolled = models.BooleanField(_("enrolled in continuous vetting"), default=False)
    accepted_on = models.DateField(_("accepted for compartments on"), null=True, blank=True)
    accepted_by = models.CharField(_("accepted by"), max_length=120, blank=True)
    acceptance = models.CharField(_("decision of acceptance"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ["person", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "level"],
                condition=~models.Q(status="revoked"),
                name="eligibility_once",
                violation_error_message=_("This person holds a clearance of this level already."),
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_on=None, accepted_by="", acceptance="")
                | models.Q(accepted_on__isnull=False)
                & ~models.Q(accepted_by="")
                & ~models.Q(acceptance=""),
                name="eligibility_accepted_by_somebody",
                violation_error_message=_(
                    "A decision of the granting authority has a day, an author and a reference."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.level}, {self.status_words}"

    @property
    def status_words(self) -> str:
        """Its status, and what the granting authority decided of it while it is interim."""
        status = str(self.get_status_display())
        if self.status != EligibilityStatus.INTERIM or self.accepted_on is None:
            return status
        return _gettext("%(status)s, accepted for compartments") % {"status": status}


class Indoctrination(Record):
    """A read-in to a compartment, until the debrief (Form 4414)."""

    person_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="indoctrinations")
    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="indoctrinations")
    briefed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    briefed_on = models.DateField(_("briefed on"))
    debriefed_on = models.DateField(_("debriefed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("read-in")
        verbose_name_plural = _("read-ins")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "compartment"],
                condition=models.Q(debriefed_on=None),
                name="indoctrination_once",
                violation_error_message=_("This person is read into this compartment already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.compartment}"


class NeedToKnow(Record):
    """Need to know, granted by the discloser, not by who plans the visit (R31)."""

    facility_path = "engagement__areas__facility"

    person = models.ForeignKey(Person, models.PROTECT, related_name="needs_to_know")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="needs_to_know")
    grantor = models.ForeignKey(Person, models.PROTECT, related_name="+")
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("need to know")
        verbose_name_plural = _("needs to know")

    def __str__(self) -> str:
        return f"{self.person}: {self.engagement.reference}"


class Nda(Record):
    """A signed non-disclosure agreement; signer and witness sign the same day (R34)."""

    person_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="ndas")
    document = models.CharField(_("document"), max_length=80)
    signed_on = models.DateField(_("signed on"))
    witness = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("non-disclosure agreement")
        verbose_name_plural = _("non-disclosure agreements")

    def __str__(self) -> str:
        return f"{self.person}: {self.document}"


class RosterEntry(Record):
    """Permanent right of entry for staff: an area, hours, a sponsor, a review date.

    ``hours`` are the person's own, ``{"mon": ["08:00", "18:00"], …}``, local time; none: the
    area's.
    """

    facility_path = "area__facility"
    own_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="roster")
    area = models.ForeignKey("facilities.Area", models.PROTECT, related_name="roster")
    sponsor = models.ForeignKey(Person, models.PROTECT, related_name="+")
    valid_from = models.DateTimeField(_("valid from"))
    review_due = models.DateTimeField(_("review due"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    hours = models.JSONField(_("hours of their own"), default=dict, blank=True)

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("roster")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "area"],
                condition=models.Q(ended_at=None),
                name="roster_once",
                violation_error_message=_(
                    "This person is on the roster of this area already. End that entry first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.area}"


class DutyRole(models.TextChoices):
    """Duties that carry a right of entry while they last."""

    GUARD = "guard", _("guard")
    SWEEPER = "sweeper", _("sweeper")
    OPENER = "opener", _("opener")
    MAINTENANCE = "maintenance", _("maintenance")
    INSPECTOR = "inspector", _("inspector")


class Duty(Record):
    """A shift: entry for the guard, the sweeper, the opener, the repairer, from start to end.

    That of an inspector is his appointment (R40), and ``authority`` is who appointed him.
    ``escort`` accompanies a person who is not cleared, without a break (R38), and has a right of
    entry for the same time. Maintenance is always escorted.
    """

    facility_path = "facility"
    own_path = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="duties")
    facility = models.ForeignKey("facilities.Facility", models.PROTECT, related_name="duties")
    role = models.CharField(_("duty"), max_length=12, choices=DutyRole)
    authority = models.CharField(_("authority"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    escort = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="escorted_duties",
        verbose_name=_("escort"),
    )

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="duty_ends_after_start",
                violation_error_message=_("The shift ends before it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(escort=None) | ~models.Q(escort=models.F("person")),
                name="duty_escort_another",
                violation_error_message=_("Nobody escorts himself."),
            ),
            models.CheckConstraint(
                condition=~models.Q(role="maintenance") | models.Q(escort__isnull=False),
                name="duty_maintenance_escorted",
                violation_error_message=_("Whoever comes for maintenance has an escort."),
            ),
            models.CheckConstraint(
                condition=models.Q(role="inspector") & ~models.Q(authority="")
                | ~models.Q(role="inspector") & models.Q(authority=""),
                name="duty_inspector_authority",
                violation_error_message=_(
                    "An inspector's duty names the authority that appointed him, and no other does."
                ),
            ),
        ]

    def __str__(self) -> str:
        words = f"{self.person}: {self.get_role_display()}"
        if self.escort is None:
            return words
        return _gettext("%(duty)s, escorted by %(escort)s") % {"duty": words, "escort": self.escort}

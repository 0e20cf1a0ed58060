"""Places outside the facility from which laptops may be used."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.models.engagement import approval_words
from scif.facilities.models import Facility, Record
from scif.people.models import Person
from terminals.models.constraints import approved_by_another
from terminals.rules.place_states import PlaceState


class PlaceStatus(models.TextChoices):
    """The states of ``terminals/rules/place_states.py`` in words."""

    PROPOSED = PlaceState.PROPOSED.value, _("Waits for approval")
    APPROVED = PlaceState.APPROVED.value, _("Approved")
    REVOKED = PlaceState.REVOKED.value, _("Revoked")


class RegisteredPlace(Record):
    """A place from which the laptops of one engagement may be used, and until when.

    ``network`` is the one that its laptops come from as bastion and control process see it, in
    CIDR notation. ``ceiling``: no model of a higher security level (RAND, 1 to 5) is studied
    there. ``hours`` by weekday as ``Area.hours``, in the facility's time zone. INVARIANT: what was
    registered never changes; it is approved by two people, for lab and facility, neither
    of whom registered it.
    """

    facility_path = "facility"
    own_path = ("engagement__members__person", "engagement__sponsor__officer")

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="registered_places")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="registered_places")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=200)
    network = models.CharField(_("network"), max_length=43)
    ceiling = models.PositiveSmallIntegerField(
        _("highest security level, 1 to 5"),
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    hours = models.JSONField(_("hours"), default=dict)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    state = models.CharField(
        _("state"), max_length=10, choices=PlaceStatus, default=PlaceStatus.PROPOSED
    )
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(_("registered at"))
    lab_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    facility_approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_why = models.CharField(_("revoked because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("registered place")
        verbose_name_plural = _("registered places")
        ordering = ["engagement", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "name"],
                condition=~models.Q(state="revoked"),
                name="place_registered_once",
                violation_error_message=_(
                    "A place of this name is registered for this engagement already."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")),
                name="place_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(ceiling__range=(1, 5)),
                name="place_ceiling",
                violation_error_message=_("The highest security level is a number from 1 to 5."),
            ),
            approved_by_another(
                "facility_approved_by", "registered_by", "place_approved_by_another"
            ),
            approved_by_another(
                "lab_approved_by", "registered_by", "place_approved_by_another_for_lab"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (
                    models.Q(
                        lab_approved_by__isnull=False,
                        facility_approved_by__isnull=False,
                        approved_at__isnull=False,
                    )
                    & ~models.Q(lab_approved_by=models.F("facility_approved_by"))
                ),
                name="place_approved_by_two",
                violation_error_message=_(
                    "A place counts once the lab and the facility have approved it."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(state="revoked", revoked_at__isnull=False)
                & ~models.Q(revoked_why="")
                | ~models.Q(state="revoked") & models.Q(revoked_at=None),
                name="place_revoked_with_a_reason",
                violation_error_message=_("A place is revoked with a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def waits(self) -> str:
        """The approvals that a proposed one lacks."""
        return approval_words(self, self) if self.state == PlaceState.PROPOSED else ""

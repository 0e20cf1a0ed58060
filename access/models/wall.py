"""Conflict walls: parties that may not meet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record
from scif.people.models import Organisation, Person


class WallKind(models.TextChoices):
    """What the two parties may not share."""

    ROOM = "room", _("a room at one time")
    DAY = "day", _("the facility on a day")


class ConflictWall(Record):
    """Two organisations whose people may not meet at a facility, by local days.

    INVARIANT: neither party learns of it or of the other; only officers and compliance read it.
    The parties stand in the order of their identifiers, so that a pair has one form.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="walls")
    party_a = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    party_b = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    kind = models.CharField(_("may not share"), max_length=10, choices=WallKind)
    reason = models.CharField(_("reason"), max_length=300)
    approver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    valid_from = models.DateField(_("first day"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("conflict wall")
        verbose_name_plural = _("conflict walls")
        ordering = ["facility", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(party_a__lt=models.F("party_b")),
                name="wall_between_two",
                violation_error_message=_("A wall stands between two different parties."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until=None)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="wall_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.UniqueConstraint(
                fields=["facility", "party_a", "party_b", "kind"],
                condition=models.Q(ended_at=None),
                name="wall_once",
                violation_error_message=_("A wall of this kind stands between these two already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_a} / {self.party_b}: {self.get_kind_display()}"

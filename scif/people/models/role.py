"""Roles that a user holds at a facility."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record
from scif.people.models.user import User
from scif.people.rules.roles import Role


class FacilityRole(Record):
    """A user's role at one facility, for a time. What a role may do: ``people/rules/roles.py``."""

    facility_path = "facility"

    user = models.ForeignKey(User, models.PROTECT, related_name="facility_roles")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=[(r.value, r.value) for r in Role])
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role at a facility")
        verbose_name_plural = _("roles at facilities")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "facility", "role"],
                condition=models.Q(valid_until=None),
                name="role_open_once",
                violation_error_message=_(
                    "This account holds this role there already. End that one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}, {self.facility}"

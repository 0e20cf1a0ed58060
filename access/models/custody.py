"""Custody: phone and belongings in a locker, signed in and signed out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.visit import Visit
from scif.facilities.models import Locker, Record
from scif.people.models import Person


class LockerAssignment(Record):
    """A locker given to a visit. States: ``access/rules/states.py``.

    INVARIANT: ``shut_confirmed_at`` is set only from two agreeing reads of the board.
    """

    facility_path = "locker__bank__facility"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="lockers")
    locker = models.ForeignKey(Locker, models.PROTECT, related_name="assignments")
    state = models.CharField(_("state"), max_length=20, default="assigned")
    assigned_at = models.DateTimeField(_("assigned at"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    shut_confirmed_at = models.DateTimeField(_("confirmed shut at"), null=True, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("locker assignment")
        verbose_name_plural = _("locker assignments")
        ordering = ["-assigned_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["locker"], condition=models.Q(released_at=None), name="locker_taken_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.locker}: {self.visit}"


class CustodyItem(Record):
    """A thing taken into custody, or one that stays with the visitor under an approval (R44)."""

    facility_path = "assignment__locker__bank__facility"

    assignment = models.ForeignKey(LockerAssignment, models.PROTECT, related_name="items")
    kind = models.CharField(_("item"), max_length=60)
    mark = models.CharField(_("mark or serial"), max_length=80, blank=True)
    stays_with_visitor = models.BooleanField(_("stays with the visitor"), default=False)
    approval = models.CharField(_("approval"), max_length=40, blank=True)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)

    class Meta:
        verbose_name = _("custody item")
        verbose_name_plural = _("custody items")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stays_with_visitor=False) | ~models.Q(approval=""),
                name="item_stays_only_if_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class SignaturePurpose(models.TextChoices):
    """What a signature on the glass says."""

    DEPOSIT = "deposit", _("deposit")
    RETURN = "return", _("return")


class Signature(Record):
    """A signature on the glass: strokes as drawn, in the pad's units, and who signed when."""

    facility_path = "assignment__locker__bank__facility"

    assignment = models.ForeignKey(LockerAssignment, models.PROTECT, related_name="signatures")
    purpose = models.CharField(_("purpose"), max_length=10, choices=SignaturePurpose)
    signer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    party = models.CharField(
        _("as"), max_length=10, choices=[("visitor", _("visitor")), ("guard", _("guard"))]
    )
    strokes = models.JSONField(_("strokes"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "purpose", "party"], name="signature_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer}, {self.get_purpose_display()}"

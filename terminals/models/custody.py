"""Laptops in somebody's hands, and what was found when they came back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Visit
from scif.facilities.models import Locker, Record
from scif.people.models import Person
from terminals.models.terminal import Terminal


class CustodyEnd(models.TextChoices):
    """How a custody ended."""

    RETURNED = "returned", _("returned")
    LOST = "lost", _("lost")


class TerminalCustody(Record):
    """A laptop issued to a visit, from the hand-over at the desk until it came back.

    ``seals_issued`` and ``seals_returned`` are the numbers as they were read off it.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="custodies")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="terminals")
    locker = models.ForeignKey(Locker, models.PROTECT, null=True, blank=True, related_name="+")
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued at"))
    seals_issued = models.JSONField(_("seals when issued"), default=list)
    taken_back_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_how = models.CharField(_("ended"), max_length=10, choices=CustodyEnd, blank=True)
    seals_returned = models.JSONField(_("seals when returned"), default=list, blank=True)

    class Meta:
        verbose_name = _("laptop in custody")
        verbose_name_plural = _("laptops in custody")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal"],
                condition=models.Q(ended_at=None),
                name="terminal_in_one_hand",
            ),
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(ended_at=None), name="visit_has_one_terminal"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_how="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_how="")),
                name="terminal_custody_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}: {self.visit}"


class HandOver(models.TextChoices):
    """Which hand-over a signature is for: whoever takes the laptop over signs."""

    ISSUE = "issue", _("issue, signed by the visitor")
    RETURN = "return", _("return, signed by the guard")


class TerminalSignature(Record):
    """A signature on the glass for a laptop taken over: strokes in the pad's units."""

    facility_path = "custody__terminal__facility"

    custody = models.ForeignKey(TerminalCustody, models.PROTECT, related_name="signatures")
    hand_over = models.CharField(_("hand-over"), max_length=10, choices=HandOver)
    signer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    strokes = models.JSONField(_("strokes"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature for a laptop")
        verbose_name_plural = _("signatures for laptops")
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["custody", "hand_over"], name="terminal_signature_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer}, {self.get_hand_over_display()}"


class TerminalInspection(Record):
    """What was found on a laptop that came back: the checklist's answers and the seals."""

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="inspections")
    inspector = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("inspected at"))
    answers = models.JSONField(_("answers"))
    seals_read = models.JSONField(_("seals"), default=list)
    passed = models.BooleanField(_("passed"))
    remarks = models.CharField(_("remarks"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("inspection of a laptop")
        verbose_name_plural = _("inspections of laptops")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.terminal}, {self.at:%d %b %H:%M}"

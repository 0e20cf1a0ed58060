"""Laptops in somebody's hands, and what was found when they came back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models import Visit
from scif.facilities.models import Locker, Record
from scif.people.models import Person
from terminals.models.place import RegisteredPlace
from terminals.models.terminal import Terminal


class CustodyEnd(models.TextChoices):
    """How a custody ended."""

    RETURNED = "returned", _("returned")
    LOST = "lost", _("lost")


class TerminalCustody(Record):
    """A laptop in the hands of a person, from the hand-over at the desk until it came back.

    Issued to a visit, or for use at a registered place: then ``due_at`` is when it is to be back,
    and ``overdue_at`` when an alarm said that it was not. ``seals_issued`` and ``seals_returned``
    are the numbers as they were read off it.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="custodies")
    person = models.ForeignKey(Person, models.PROTECT, related_name="terminals")
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="terminals"
    )
    place = models.ForeignKey(
        RegisteredPlace, models.PROTECT, null=True, blank=True, related_name="terminals"
    )
    due_at = models.DateTimeField(_("due back at"), null=True, blank=True)
    overdue_at = models.DateTimeField(_("told overdue at"), null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(ended_at=None, place__isnull=False),
                name="person_has_one_terminal_outside",
            ),
            models.CheckConstraint(
                condition=models.Q(visit__isnull=False, place=None, due_at=None)
                | models.Q(visit=None, place__isnull=False, due_at__isnull=False),
                name="terminal_custody_inside_or_outside",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_how="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_how="")),
                name="terminal_custody_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}: {self.visit or self.place}"


class HandOver(models.TextChoices):
    """Which hand-over a signature is for: whoever takes the laptop over signs."""

    ISSUE = "issue", _("issue, signed by the holder")
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

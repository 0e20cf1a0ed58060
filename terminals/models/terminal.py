"""Laptops and the numbered seals on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Locker, Record
from scif.people.models import Person
from terminals.models.image import SHA256, BootImage
from terminals.rules.states import TerminalState


class TerminalStatus(models.TextChoices):
    """The states of ``terminals/rules/states.py`` in words."""

    REGISTERED = TerminalState.REGISTERED.value, _("Waits for a second officer")
    IN_STORE = TerminalState.IN_STORE.value, _("In store")
    ISSUED = TerminalState.ISSUED.value, _("Issued")
    IN_SESSION = TerminalState.IN_SESSION.value, _("In session")
    RETURNED = TerminalState.RETURNED.value, _("Returned")
    INSPECTED = TerminalState.INSPECTED.value, _("Inspected")
    LOCKED = TerminalState.LOCKED.value, _("Locked")
    QUARANTINED = TerminalState.QUARANTINED.value, _("Quarantined")
    LOST = TerminalState.LOST.value, _("Lost")
    RETIRED = TerminalState.RETIRED.value, _("Retired")


class Terminal(Record):
    """A locked-down laptop, known by the keys in its TPM.

    ``attestation_key`` is the public area of its restricted signing key (TPM2B_PUBLIC);
    ``endorsement_sha256`` the digest of its endorsement key's public area, which says which TPM it
    is. INVARIANT: two officers enrol it, and its keys never change afterwards; the database lets
    it take only the steps of ``terminals/rules/states.py``.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="terminals")
    asset_tag = models.CharField(_("asset tag"), max_length=30)
    serial = models.CharField(_("serial number"), max_length=60)
    state = models.CharField(
        _("state"), max_length=12, choices=TerminalStatus, default=TerminalStatus.REGISTERED
    )
    state_since = models.DateTimeField(_("since"))
    image = models.ForeignKey(BootImage, models.PROTECT, related_name="terminals")
    locker = models.OneToOneField(
        Locker, models.PROTECT, null=True, blank=True, related_name="terminal"
    )
    attestation_key = models.BinaryField(_("attestation key"))
    endorsement_sha256 = models.CharField(
        _("endorsement key, SHA-256"), max_length=64, unique=True, validators=[SHA256]
    )
    enrolled_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField(_("enrolled at"))
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("laptop")
        verbose_name_plural = _("laptops")
        ordering = ["facility", "asset_tag"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "asset_tag"], name="terminal_tag_once"),
            models.UniqueConstraint(fields=["serial"], name="terminal_serial_once"),
            models.UniqueConstraint(fields=["attestation_key"], name="terminal_key_once"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("enrolled_by")),
                name="terminal_enrolled_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["registered", "retired"])
                | models.Q(confirmed_by__isnull=False),
                name="terminal_serves_once_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.asset_tag


class Seal(Record):
    """A numbered seal at one place of a laptop, from when it was put on until it was taken off."""

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="seals")
    number = models.CharField(_("number"), max_length=30, unique=True)
    place = models.CharField(_("place"), max_length=60)
    applied_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(_("put on at"))
    removed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)
    removed_why = models.CharField(_("taken off because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["terminal", "place", "-applied_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal", "place"],
                condition=models.Q(removed_at=None),
                name="seal_at_a_place_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.place}"

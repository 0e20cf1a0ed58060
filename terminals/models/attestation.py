"""What a laptop's TPM was asked and what it answered."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Record
from scif.people.models import Person
from terminals.models.image import BootImage
from terminals.models.terminal import Terminal


class Outcome(models.TextChoices):
    """What became of a question to a TPM."""

    ASKED = "asked", _("asked")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")


class Attestation(Record):
    """A nonce and the quote over it, judged against the image of the moment.

    ``session_key``: where a session was asked for, SHA-256 of its public key, in hex; the quote is
    over both. ``reason`` is a word of ``terminals/rules/quote.py``. Quote and signature are kept as
    they came: anybody can judge them again. INVARIANT: what is decided stays; a nonce is answered
    once.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="attestations")
    image = models.ForeignKey(BootImage, models.PROTECT, related_name="+")
    nonce = models.CharField(_("nonce"), max_length=64, unique=True)
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.ASKED)
    session_key = models.CharField(_("digest of the session's key"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    quote = models.BinaryField(_("quote"), default=b"", blank=True)
    signature = models.BinaryField(_("signature"), default=b"", blank=True)

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="asked", decided_at=None)
                | models.Q(outcome="accepted", reason="", decided_at__isnull=False)
                | (models.Q(outcome="refused", decided_at__isnull=False) & ~models.Q(reason="")),
                name="attestation_refused_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}, {self.get_outcome_display()}"

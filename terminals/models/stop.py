"""What takes a laptop out of use: a lock from afar, a quarantine, a loss."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Record
from scif.people.models import Person
from terminals.models.attestation import Attestation
from terminals.models.terminal import Terminal


class TerminalLock(Record):
    """A lock ordered from afar: requested, delivered to the bastion's socket, confirmed by it.

    Three facts, not one. Without a session that could be open both others hold from the start.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="locks")
    reason = models.CharField(_("reason"), max_length=300)
    requested_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested at"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    alarmed = models.BooleanField(_("alarm raised"), default=False)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("lock of a laptop")
        verbose_name_plural = _("locks of laptops")
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal"], condition=models.Q(ended_at=None), name="terminal_lock_once"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | models.Q(delivered_at__isnull=False),
                name="terminal_lock_delivered_first",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_by=None)
                | models.Q(requested_by=None)
                | ~models.Q(lifted_by=models.F("requested_by")),
                name="terminal_lock_lifted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}: {self.reason}"


class QuarantineEnd(models.TextChoices):
    """How a quarantine ended."""

    RELEASED = "released", _("released by two people")
    RETIRED = "retired", _("retired")
    LOST = "lost", _("lost")


class Quarantine(Record):
    """A laptop's stay in quarantine, and the two who end it.

    The first asks for the release with the seals read and a quote accepted since; another one
    releases. INVARIANT: a trigger lets a laptop out into service only past such a record, while
    those seals are on it, and an ended one never changes.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="quarantines")
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    placed_at = models.DateTimeField(_("placed at"))
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("release asked at"), null=True, blank=True)
    finding = models.CharField(_("finding"), max_length=300, blank=True)
    seals_read = models.JSONField(_("seals"), default=list, blank=True)
    attestation = models.ForeignKey(
        Attestation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_how = models.CharField(_("ended"), max_length=10, choices=QuarantineEnd, blank=True)

    class Meta:
        verbose_name = _("quarantine of a laptop")
        verbose_name_plural = _("quarantines of laptops")
        ordering = ["-placed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal"], condition=models.Q(ended_at=None), name="quarantine_once"
            ),
            models.CheckConstraint(
                condition=models.Q(released_by=None) | ~models.Q(released_by=models.F("asked_by")),
                name="quarantine_released_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(ended_how="released")
                | models.Q(
                    asked_by__isnull=False,
                    released_by__isnull=False,
                    attestation__isnull=False,
                    ended_at__isnull=False,
                ),
                name="quarantine_released_with_proof",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}: {self.reason}"

    @property
    def waits(self) -> str:
        """The second person's word, once one has asked for the release."""
        if self.asked_at is None or self.ended_at is not None:
            return ""
        return _now(
            "Waits for another person: %(what)s stays in quarantine until he releases it."
        ) % {"what": self.terminal}


class LossReport(Record):
    """A laptop that is not where it should be: who said so, what is known, whether it was found.

    ``person`` had it outside the facility. He is debriefed, by another, before he gets one again.
    """

    facility_path = "terminal__facility"

    terminal = models.ForeignKey(Terminal, models.PROTECT, related_name="losses")
    reported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("reported at"))
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)
    last_seen_where = models.CharField(_("last seen where"), max_length=120, blank=True)
    circumstances = models.CharField(_("circumstances"), max_length=300)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="terminals_lost"
    )
    debriefed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    debriefed_at = models.DateTimeField(_("debriefed at"), null=True, blank=True)
    debrief = models.CharField(_("what he said"), max_length=300, blank=True)
    found_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField(_("found at"), null=True, blank=True)
    found_where = models.CharField(_("found where"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("loss report")
        verbose_name_plural = _("loss reports")
        ordering = ["-reported_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["terminal"], condition=models.Q(found_at=None), name="loss_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(debriefed_by=None, debriefed_at=None)
                | models.Q(
                    person__isnull=False, debriefed_by__isnull=False, debriefed_at__isnull=False
                )
                & ~models.Q(debriefed_by=models.F("person")),
                name="loss_debriefed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal}, {self.reported_at:%d %b %H:%M}"

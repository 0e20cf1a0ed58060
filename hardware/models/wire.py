"""What passes between the centre and its gateways: inbox, snapshot deltas, commands, status.

The gateways write with psycopg under a role of their own, so the column ``gateway`` is the
gateway's code, and these tables carry no foreign key.
"""

from datetime import UTC, datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hardware.models.gateway import Gateway
from hardware.words import verb_words
from scif.facilities.models import Record


class InboxEvent(models.Model):
    """An event of an edge journal as it arrived, ``seal`` being the gateway's signature if any.

    INVARIANT: once per (gateway, epoch, seq, hash), so that a forged row keeps no true one out;
    once per (gateway, epoch, seq) among those that were applied and not ``forged``.
    ``quarantine`` says why an event was journaled but not acted upon; a human looks at it.
    """

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=30)
    epoch = models.BigIntegerField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    clock_offset_ms = models.IntegerField(null=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    body = models.JSONField()
    seal = models.BinaryField(null=True)
    arrived_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    quarantine = models.CharField(max_length=200, blank=True, db_default="")
    forged = models.BooleanField(db_default=False)

    class Meta:
        verbose_name = _("inbox event")
        verbose_name_plural = _("inbox events")
        ordering = ["id"]
        constraints = [
            # Infinity and years before Christ are times that no program of ours can read.
            models.CheckConstraint(
                condition=models.Q(
                    occurred_at__gte=datetime(1, 1, 2, tzinfo=UTC),
                    occurred_at__lt=datetime(9999, 12, 31, tzinfo=UTC),
                ),
                name="inbox_event_in_time",
            ),
            models.UniqueConstraint(
                fields=["gateway", "epoch", "seq", "hash"], name="inbox_event_once"
            ),
            models.UniqueConstraint(
                fields=["gateway", "epoch", "seq"],
                condition=models.Q(forged=False, applied_at__isnull=False),
                name="inbox_applied_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["gateway", "epoch", "seq"],
                condition=models.Q(applied_at=None),
                name="inbox_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.epoch}/{self.seq} {self.kind}"


class SnapshotDelta(models.Model):
    """One signed change of a gateway's snapshot; ``payload`` null means the record is gone."""

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=30)
    version = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    payload = models.JSONField(null=True)
    signature = models.BinaryField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("snapshot delta")
        verbose_name_plural = _("snapshot deltas")
        ordering = ["gateway", "version"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "version"], name="snapshot_version_once"),
        ]
        indexes = [
            models.Index("gateway", "kind", "key", models.F("version").desc(), name="snapshot_key"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.version}: {self.kind}:{self.key}"


class SnapshotFloor(models.Model):
    """Up to which version a gateway's deltas were compacted, signed with what is left of them.

    INVARIANT: of the deltas up to ``version`` those that are left are the last word on each key
    there; ``digest`` is the SHA-256 of their signatures in order, so that none can be withheld from
    a gateway that starts from nothing.
    """

    gateway = models.CharField(primary_key=True, max_length=30)
    version = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("snapshot floor")
        verbose_name_plural = _("snapshot floors")

    def __str__(self) -> str:
        return f"{self.gateway} {self.version}"


class GatewayStatus(models.Model):
    """A gateway's last report about itself, written by the gateway every second."""

    gateway = models.CharField(primary_key=True, max_length=30)
    version = models.BigIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    edge_seq = models.BigIntegerField(default=0)
    clock_offset_ms = models.IntegerField(null=True)
    state = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("gateway status")
        verbose_name_plural = _("gateway statuses")

    def __str__(self) -> str:
        return self.gateway


class CommandState(models.TextChoices):
    """Requested, sent, confirmed are three different things, and so are the ways to fail."""

    REQUESTED = "requested", _("Requested")
    SENT = "sent", _("Sent")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")


class Command(Record):
    """An order of a person to a gateway, as signed, and what became of it."""

    facility_path = "gateway__facility"

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="commands")
    target = models.CharField(_("portal or device"), max_length=30)
    verb = models.CharField(_("verb"), max_length=20)
    args = models.JSONField(_("arguments"), default=dict)
    actor = models.CharField(_("ordered by"), max_length=60)
    envelope = models.TextField(_("envelope as signed"))
    signature = models.BinaryField(_("signature"))
    issued_at = models.DateTimeField(_("issued at"))
    deadline = models.DateTimeField(_("deadline"))
    state = models.CharField(
        _("state"), max_length=12, choices=CommandState, default=CommandState.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"{self.target}: {verb_words(self.verb)}"

    @property
    def waits(self) -> str:
        """The device's answer."""
        if self.state not in {CommandState.REQUESTED, CommandState.SENT}:
            return ""
        return _now(
            "Ordered, and waits for the answer of %(target)s: without one an alarm is raised."
        ) % {"target": self.target}

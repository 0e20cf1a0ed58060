"""The inbox by gateway: which waiting rows are its own, and what becomes of the others."""

from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from hardware.gateway.edge_journal import entry_hash, moment
from hardware.models import Gateway, InboxEvent
from hardware.rules.inbox import GENESIS, Arrived, seal_text, sort_arrived
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now
from scif.kernel.keys import KeyMissingError, KeyStore

MOST_LOOKED_AT = 50_000
FORGED = "no seal of the gateway leads back to it"
KeyOf = Callable[[str], Ed25519PublicKey | None]


def edge_key(gateway: str) -> Ed25519PublicKey | None:
    """The public key of a gateway's seals; None where this process does not hold it."""
    try:
        return KeyStore(settings.KEY_DIR).verifier(f"edge.{gateway}.pub")
    except KeyMissingError:
        return None


def genuine_rows(
    gateway: Gateway, *, limit: int, key_of: KeyOf, actor: Actor
) -> Sequence[InboxEvent]:
    """The gateway's own rows that wait, in their order; forged ones are refused on the way.

    Without the gateway's key nothing of it can be told from a forgery: its rows wait, and an alarm
    says so.
    """
    waits = InboxEvent.objects.filter(gateway=gateway.code, applied_at=None)
    waiting = list(waits.order_by("epoch", "seq")[:limit])
    if not waiting:
        return []
    key = key_of(gateway.code)
    if key is None:
        _key_missing(gateway, actor)
        return []
    while not (found := _sort(gateway, waiting, key, actor)):
        # Forgeries that only wait must not hide the true rows behind them.
        if len(waiting) < limit or limit >= MOST_LOOKED_AT:
            break
        limit *= 4
        waiting = list(waits.order_by("epoch", "seq")[:limit])
    return found


def _sort(
    gateway: Gateway, waiting: Sequence[InboxEvent], key: Ed25519PublicKey, actor: Actor
) -> Sequence[InboxEvent]:
    rows = {row.pk: row for row in waiting}
    found: list[InboxEvent] = []
    for epoch in sorted({row.epoch for row in waiting}):
        seq, digest = _head(gateway.code, epoch)
        of_epoch = [_arrived(row, key) for row in waiting if row.epoch == epoch]
        told_apart = sort_arrived(seq, digest, of_epoch)
        for each in told_apart.forged:
            _refuse(gateway, rows[each.row], actor)
        found += [rows[each.row] for each in told_apart.genuine]
    return found


def _head(gateway: str, epoch: int) -> tuple[int, str]:
    """Sequence and hash of the last genuine row that was applied."""
    applied = InboxEvent.objects.filter(
        gateway=gateway, epoch=epoch, forged=False, applied_at__isnull=False
    )
    return applied.order_by("-seq").values_list("seq", "hash").first() or (0, GENESIS)


def _arrived(row: InboxEvent, key: Ed25519PublicKey) -> Arrived:
    return Arrived(row.pk, row.seq, row.prev_hash, row.hash, _is_sound(row), _is_sealed(row, key))


def _is_sound(row: InboxEvent) -> bool:
    try:
        body = canonical_json(row.body)
    except TypeError:
        return False
    return row.hash == entry_hash(
        gateway=row.gateway,
        epoch=row.epoch,
        seq=row.seq,
        kind=row.kind,
        occurred_at=moment(row.occurred_at),
        clock_offset_ms=row.clock_offset_ms,
        prev_hash=row.prev_hash,
        body=body,
    )


def _is_sealed(row: InboxEvent, key: Ed25519PublicKey) -> bool:
    if row.seal is None:
        return False
    try:
        key.verify(bytes(row.seal), seal_text(row.gateway, row.epoch, row.seq, row.hash))
    except InvalidSignature:
        return False
    return True


@transaction.atomic
def _refuse(gateway: Gateway, row: InboxEvent, actor: Actor) -> None:
    """A row that is not the gateway's is no fact: it is kept, told by its hash, and alarmed."""
    row.applied_at, row.forged, row.quarantine = now(), True, FORGED
    row.save(update_fields=["applied_at", "forged", "quarantine"])
    append(
        kind="inbox.refused",
        actor=actor,
        subject=("gateway", gateway.code),
        facility=gateway.facility_id,
        body={"epoch": row.epoch, "seq": row.seq, "kind": row.kind, "hash": row.hash},
    )
    alarm_raise(
        facility=gateway.facility,
        gravity=Gravity.RESPOND,
        kind="inbox_forged",
        subject=gateway.code,
        message=_("Somebody wrote events in the name of gateway %(code)s") % {"code": gateway.code},
        actor=actor,
    )


@transaction.atomic
def _key_missing(gateway: Gateway, actor: Actor) -> None:
    kind = "edge_key_missing"
    if gateway.facility.alarms.filter(kind=kind, subject=gateway.code, closed_at=None).exists():
        return
    alarm_raise(
        facility=gateway.facility,
        gravity=Gravity.ACT,
        kind=kind,
        subject=gateway.code,
        message=_("The key of gateway %(code)s is missing here: its events wait")
        % {"code": gateway.code},
        actor=actor,
    )

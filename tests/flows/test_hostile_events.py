"""Events of a gateway that speaks nonsense: quarantined with a reason, and the next goes on."""

import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.services.edge import HANDLERS as ACCESS
from hardware.models import InboxEvent
from hardware.services.device import HANDLERS as HARDWARE
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.clock import now
from tests.edge_rows import sealed_rows
from tests.factories import make_place
from tests.roles import ingest

KINDS = sorted({*ACCESS, *HARDWARE})
FIELDS = [
    *("device", "portal", "zone", "person_id", "basis", "basis_id", "read_id", "command_id"),
    *("direction", "outcome", "objections", "obligations", "policy_version", "snapshot_version"),
    *("badge", "bank", "lock", "uid", "number_sha256", "reason", "active", "secure", "jump_ms"),
]
DEEP: Any = json.loads("[" * 200 + "]" * 200)
# No float: what has no canonical form cannot be sealed, and is refused before anybody reads it.
WRONG: list[Any] = [None, 7, -(10**30), True, [], {}, "", "x" * 20_000, "\u202e", DEEP]
SIGNER = Ed25519PrivateKey.generate()


def test_nonsense_is_quarantined_and_the_next_goes_on(
    committed_database: str,
) -> None:
    place = make_place("own")
    gateway = f"{place.world.facility.code}-g"
    right = {"device": f"{place.world.facility.code}-r1", "portal": "nowhere", "zone": "nowhere"}
    bodies: list[tuple[str, Any]] = []
    for kind in KINDS:
        bodies += [(kind, wrong) for wrong in WRONG if wrong is not None]
        bodies += [(kind, right | dict.fromkeys(FIELDS, wrong)) for wrong in WRONG]
    bodies += [(kind, {}) for kind in ("", "no kind at all", "UPPER.CASE", "x" * 40, "a.b\n")]
    bodies.append(("device.online", right | {"secure": True}))
    InboxEvent.objects.bulk_create(
        InboxEvent(
            gateway=gateway,
            epoch=1,
            seq=entry.seq,
            kind=entry.kind,
            occurred_at=datetime.fromisoformat(entry.occurred_at),
            prev_hash=entry.prev_hash,
            hash=entry.hash,
            body=json.loads(entry.body),
            seal=seal,
        )
        for entry, seal in sealed_rows(gateway, bodies, SIGNER, now())
    )
    applied = 0
    while done := ingest(key_of=lambda _code: SIGNER.public_key()):
        applied += done
    assert applied == len(bodies), "none is left behind"
    rows = list(InboxEvent.objects.order_by("seq"))
    assert all(row.applied_at for row in rows)
    assert rows[-1].quarantine == "", "the one that is right was applied"
    assert sum(bool(row.quarantine) for row in rows) > len(bodies) / 2
    told = {entry.fields["source"]["seq"] for entry in Outbox.objects.all() if _sourced(entry)}
    assert told == set(range(1, len(bodies) + 1)), "each is in the journal"
    assert Alarm.objects.filter(kind="event_quarantined", closed_at=None).exists()


def _sourced(entry: Outbox) -> bool:
    return "source" in entry.fields

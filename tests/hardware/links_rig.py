"""A gateway's links to the centre over the real database, for the tests of both directions."""

import json
from collections.abc import Callable

from hardware.gateway.database import Connection, PostgresCentre
from hardware.gateway.downlink import Downlink
from hardware.gateway.snapshot import Delta
from tests.gateway_rig import Rig

Connect = Callable[[], Connection]
Report = Callable[..., None]


def inbox(owner: Connection) -> list[tuple[int, str]]:
    rows = owner.execute("SELECT seq, hash FROM hardware_inboxevent ORDER BY seq").fetchall()
    return [(int(seq), str(digest)) for seq, digest in rows]


def publish(owner: Connection, *deltas: Delta) -> None:
    for delta in deltas:
        owner.execute(
            "INSERT INTO hardware_snapshotdelta (gateway, version, kind, key, payload, signature)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                delta.gateway,
                delta.version,
                delta.kind,
                delta.key,
                None if delta.payload is None else json.dumps(delta.payload),
                delta.signature,
            ),
        )


def downlink(rig: Rig, connect: Connect) -> Downlink:
    return Downlink(
        rig.snapshot,
        PostgresCentre(rig.code, connect),
        rig.edge,
        rig.gateway.recorder,
        rig.gateway.state,
        rig.time.clock,
        rig.time.monotonic,
    )


def all_deltas(rig: Rig) -> list[Delta]:
    """What the centre has told this gateway so far."""
    told = rig.records.items()
    return [rig.delta(kind, key, payload, n) for n, ((kind, key), payload) in enumerate(told, 1)]

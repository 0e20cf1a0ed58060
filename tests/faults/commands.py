"""Whoever holds the broker: orders repeated, forged, altered, redirected, out of their time."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scif.kernel.canonical import canonical_json
from tests.bench.table import Row, row
from tests.faults.site import Site, site

FORGER = Ed25519PrivateKey.generate()
Attack = Callable[[Site, bytes], None]


def _repeat(gateway: Site, genuine: bytes) -> None:
    gateway.send(genuine)


def _forge(gateway: Site, genuine: bytes) -> None:
    raw = gateway.envelope()
    gateway.send(raw, FORGER.sign(raw))


def _alter(gateway: Site, genuine: bytes) -> None:
    """A genuine signature over another person."""
    said = json.loads(gateway.envelope())
    signature = gateway.signer.sign(canonical_json(said))
    said["args"] = {"person_id": "somebody-else"}
    gateway.send(canonical_json(said), signature)


def _redirect(gateway: Site, genuine: bytes) -> None:
    gateway.send(gateway.envelope(gateway="g2"))


def _late(gateway: Site, genuine: bytes) -> None:
    past = datetime.now(UTC) - timedelta(seconds=30)
    gateway.send(
        gateway.envelope(
            issued_at=past.isoformat(), deadline=(past + timedelta(seconds=10)).isoformat()
        )
    )


def _hoard(gateway: Site, genuine: bytes) -> None:
    """An order made to be good for a day."""
    gateway.send(gateway.envelope(deadline=(datetime.now(UTC) + timedelta(days=1)).isoformat()))


def _babble(gateway: Site, genuine: bytes) -> None:
    gateway.send(b"unlock D1 please")


# The attack, and the reason that the gateway must give for refusing it.
ATTACKS: dict[str, tuple[Attack, str]] = {
    "repeated": (_repeat, "repeated"),
    "signed by a stranger": (_forge, "signature"),
    "altered after signing": (_alter, "signature"),
    "meant for another gateway": (_redirect, "other_gateway"),
    "after its deadline": (_late, "expired"),
    "good for too long": (_hoard, "lives_too_long"),
    "no envelope": (_babble, "not_json"),
}


def play(chance: random.Random, long: bool) -> list[Row]:
    """Each attack in an order that the seed chooses, after one genuine command."""
    rows = []
    with site() as gateway:
        genuine = gateway.envelope()
        gateway.send(genuine)
        gateway.until(lambda: gateway.bodies("command.done"))
        gateway.settle()
        opened = gateway.pulses()
        rows.append(row("A2 a genuine order opens", "1", opened, "pulses", ok=opened == 1))
        journal = gateway.journal()
        names = list(ATTACKS) * (5 if long else 1)
        chance.shuffle(names)
        refused: dict[str, set[str]] = {name: set() for name in ATTACKS}
        for name in names:
            attack, _ = ATTACKS[name]
            before = gateway.last()
            attack(gateway, genuine)
            gateway.until(lambda: gateway.bodies("command.refused", after=before))  # noqa: B023  called at once
            refused[name] |= {
                body["reason"] for body in gateway.bodies("command.refused", after=before)
            }
        promises = gateway.held("orders of whoever holds the broker", journal)
        more = gateway.pulses() - opened
    for name, (_, reason) in ATTACKS.items():
        said = ", ".join(sorted(refused[name]))
        rows.append(row(f"order {name}: refused as", reason, said, "", ok=said == reason))
    rows.append(row("A2 pulses by these orders", 0, more, "pulses", ok=not more))
    return rows + promises

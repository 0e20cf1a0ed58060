"""A gateway of the week that is past: the real one in one thread, on devices that just answer.

Whatever it writes comes from its own decisions; only wires and cards are played here.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from access.decider import AccessDecider
from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.gateway.config import BusConfig
from hardware.gateway.edge_journal import EdgeJournal
from hardware.gateway.gateway import Gateway, GatewayConfig
from hardware.gateway.seals import Sealed, sealed
from hardware.gateway.snapshot import Delta, Snapshot
from hardware.models import Command, InboxEvent, SnapshotDelta
from hardware.services.command import OPEN_STATES
from hardware.services.ingest import inbox_apply
from hardware.services.installation import gateway_wrapping
from hardware.services.snapshot import control_signer
from hardware.services.wiring import panel_inputs
from hardware.wrapping import Unwrapper
from scif.kernel.keys import KeyStore

BATCH = 5_000
NUMBER_BYTES = 16
STORE_KEY_BYTES = 32
REACH_SECONDS = 1.4
WALK_SECONDS = 2.1
RELOCK_SECONDS = 1.0


class PastClock:
    """The wall clock and the monotonic one of the past. INVARIANT: it never goes back."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._from = at

    def __call__(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return (self._at - self._from).total_seconds()

    def advance(self, seconds: float) -> None:
        """Let seconds pass."""
        self._at += timedelta(seconds=seconds)

    def until(self, at: datetime) -> None:
        """Let time pass until then; a time that is past already changes nothing."""
        self._at = max(self._at, at)


class _Bus:
    """Devices on one bus, all of them well; a card lies on the desk reader if ``uid`` names one."""

    def __init__(self, config: BusConfig, clock: PastClock) -> None:
        self.config = config
        self.uid = ""
        self.number = b""
        self._clock = clock
        self._said: list[DeviceEvent] = []

    def open(self) -> None:
        """Every device answers, over its secure session."""
        for device in self.config.devices:
            self.say(device.code, Signal.ONLINE, secure=True)

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """What was said since the last turn."""
        said, self._said = self._said, []
        return said

    def submit(self, command: DeviceCommand) -> bool:
        """Do as told."""
        data: dict[str, Any] = {"uid": self.uid} if self.uid else {}
        if command.verb is Verb.CARD_ENCODE:
            self.number = secrets.token_bytes(NUMBER_BYTES)
            encoded = {**data, "number": self.number}
            self.say(command.device, Signal.CARD_ENCODED, command.command_id, **encoded)
        if command.verb is Verb.LOCKER_OPEN:
            self.say(command.device, Signal.LOCKER, lock=command.args["lock"], shut=False)
        self.say(command.device, Signal.DELIVERED, command.command_id, **data)
        return True

    def traffic(self) -> Mapping[str, Traffic]:
        """No wire, no frames."""
        return {}

    def close(self) -> None:
        """Nothing is to be closed."""

    def say(self, device: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        """A device reports."""
        event = DeviceEvent(device, signal, self._clock.monotonic(), data, command_id)
        self._said.append(event)


class PastGateway:
    """One gateway with its own edge journal, whose entries go into the inbox as its uplink's do."""

    def __init__(self, code: str, directory: Path, clock: PastClock) -> None:
        control = control_signer(settings.KEY_DIR).public_key()
        self.code = code
        self._clock = clock
        self._buses: dict[str, _Bus] = {}
        self._sent = 0
        # Of the week that is past; the gateway of the demonstration makes an epoch and a key anew.
        self._signer = Ed25519PrivateKey.generate()
        self._edge = EdgeJournal(directory / f"{code}.sqlite", code, clock, clock_offset_ms=0)
        self._snapshot = Snapshot(code, control, Unwrapper(gateway_wrapping(code)))
        self._gateway = Gateway(
            GatewayConfig(
                code, directory / f"{code}.snapshot", control, secrets.token_bytes(STORE_KEY_BYTES)
            ),
            AccessDecider(KeyStore(settings.KEY_DIR).secret("pin.hmac")),
            self._driver,
            self._edge,
            self._snapshot,
            clock,
            clock.monotonic,
            threads=False,
        )
        self._gateway.start()
        self._listen()
        for portal in self._gateway.plant.portals.values():
            if portal.config.contact is not None:
                device, number = portal.config.contact
                self._say(device, Signal.INPUT, number=number, active=False)
        # Nobody was in alarm that week: every panel's inputs are at rest, which is ACCESS.
        for bus in self._buses.values():
            for each in bus.config.devices:
                for number, _said in panel_inputs(each.options):
                    self._say(each.code, Signal.INPUT, number=number, active=False)
        self.tell()

    def read(self, reader: str, number: bytes, pin: str = "") -> None:
        """A card is held to a reader, and a PIN typed if there is one; told with what follows."""
        self._listen()
        self._say(reader, Signal.CARD, number=number)
        if pin:
            self._clock.advance(REACH_SECONDS)
            self._say(reader, Signal.KEYPAD, digits=f"{pin}#")

    def walk(self, portal: str, *, seconds: float = WALK_SECONDS) -> None:
        """Somebody opens an unlocked door, goes through and lets it fall shut."""
        config = self._gateway.plant.portals[portal].config
        strike, contact = config.strike(None), config.contact
        if strike is None or contact is None:
            raise LookupError(f"{portal} has no strike or no contact")
        self._clock.advance(REACH_SECONDS)
        self._say(contact[0], Signal.INPUT, number=contact[1], active=True)
        self._clock.advance(RELOCK_SECONDS)
        self._say(strike[0], Signal.OUTPUT, number=strike[1], active=False)
        self._clock.advance(seconds)
        self._turn()
        self._say(contact[0], Signal.INPUT, number=contact[1], active=False)
        self.tell()

    def locker_shut(self, board: str, lock: int) -> None:
        """Somebody shuts a locker; the board reads it twice."""
        self._listen()
        self._say(board, Signal.LOCKER, lock=lock, shut=True)
        self.tell()

    def obey(self, verb: str, uid: str = "") -> bytes:
        """Obey the waiting order; ``uid`` is the card on the desk reader. Gives its number."""
        self._listen()
        command = Command.objects.get(gateway__code=self.code, verb=verb, state__in=OPEN_STATES)
        device = self._bus_of(command.target)
        device.uid = uid
        self._clock.advance(REACH_SECONDS)
        self._turn()
        self._gateway.submit_command(command.envelope, bytes(command.signature).hex())
        self._turn()
        self.tell()
        return device.number

    def close(self) -> None:
        """End this gateway; its journal is in the inbox."""
        self._gateway.stop()

    def _driver(self, config: BusConfig) -> Driver:
        self._buses[config.code] = bus = _Bus(config, self._clock)
        return bus

    def _bus_of(self, device: str) -> _Bus:
        return next(
            bus for bus in self._buses.values() if device in {d.code for d in bus.config.devices}
        )

    def _say(self, device: str, signal: Signal, **data: Any) -> None:
        self._bus_of(device).say(device, signal, **data)
        self._turn()

    def _turn(self) -> None:
        """Buses first: one that took no turn while hours passed would count as stuck."""
        while self._gateway.turn():
            pass
        self._gateway.tick()
        while self._gateway.turn():
            pass

    def _listen(self) -> None:
        """Take what the centre has told since."""
        self._turn()
        deltas = SnapshotDelta.objects.filter(
            gateway=self.code, version__gt=self._snapshot.version
        ).order_by("version")
        rows = deltas.values_list("gateway", "version", "kind", "key", "payload", "signature")
        self._snapshot.apply([Delta(*row[:5], bytes(row[5])) for row in rows])
        self._snapshot.heard(self._clock())
        self._turn()

    def tell(self) -> None:
        """Bring new entries into the inbox and apply them."""
        while entries := self._edge.after(self._sent, BATCH):
            InboxEvent.objects.bulk_create([_row(each) for each in sealed(entries, self._signer)])
            self._sent = entries[-1].seq
            inbox_apply(limit=BATCH, key_of=lambda _code: self._signer.public_key())


def _row(each: Sealed) -> InboxEvent:
    entry = each.entry
    return InboxEvent(
        gateway=entry.gateway,
        epoch=entry.epoch,
        seq=entry.seq,
        kind=entry.kind,
        occurred_at=datetime.fromisoformat(entry.occurred_at),
        clock_offset_ms=entry.clock_offset_ms,
        prev_hash=entry.prev_hash,
        hash=entry.hash,
        body=json.loads(entry.body),
        seal=each.seal,
    )

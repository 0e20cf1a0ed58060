"""A door reader: antenna, keypad, face, relay outputs, supervised inputs, a cover switch."""

import secrets
from collections import deque
from typing import Any

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from hardware.simulators.cards import Card, CardError
from hardware.simulators.control import Answer, Refused
from hardware.simulators.loop import Timer
from hardware.simulators.osdp_device import Device
from hardware.simulators.osdp_frames import Command, Nak, Reply
from hardware.simulators.reader_face import Face
from hardware.simulators.world import Config, World

KEYS = {"#": 0x0D, "*": 0x7F} | {digit: ord(digit) for digit in "0123456789"}
TENTH = 0.1
STATUS = {Command.LSTAT: Reply.LSTATR, Command.ISTAT: Reply.ISTATR, Command.OSTAT: Reply.OSTATR}
MOST_READS = 16
KEY_BYTES = 16


def diversified(key: bytes, uid: bytes, aid: int, system: bytes) -> bytes:
    """The card's own AES-128 key under a master key: NXP AN10922, 2.2.

    A CMAC over ``01 ‖ UID ‖ AID ‖ system identifier``, padded to 32 bytes and masked with the
    second subkey even where no padding was needed to fill a block.
    """
    message = b"\x01" + uid + aid.to_bytes(3, "big") + system
    cmac = CMAC(AES(key))
    # CMAC pads a 17..31-byte message to 32 bytes with the second subkey, as the note wants; a
    # shorter one would stop at 16 bytes.
    if not 17 <= len(message) <= 31:
        raise ValueError("the system identifier must bring the message to 17 to 31 bytes")
    cmac.update(message)
    return cmac.finalize()


class Output:
    """A relay. ``resting`` is where it returns when a timed operation ends."""

    def __init__(self) -> None:
        self.active = False
        self.resting = False
        self.timer: Timer | None = None

    def stop(self) -> None:
        """End a timed operation where it stands."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Reader:
    """One OSDP address; see the ``readers`` of a bus's configuration.

    ``card`` tells how the reader was provisioned: application, file, key number and read key. A
    card that it cannot read gives its UID. A read that is not fetched within ``patience`` seconds
    is forgotten, so that a panel which comes back does not open a door for someone long gone.
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name: str = config["name"]
        self._world = world
        self._provision: Config | None = config.get("card")
        self._patience = float(config.get("patience", 2.0))
        self.outputs = [Output() for _ in range(int(config.get("outputs", 0)))]
        self.inputs = [False] * int(config.get("inputs", 0))
        self.face = Face(world.loop, display=bool(config.get("display", True)))
        self.tamper = False
        self.on_battery = False
        self.powered = True
        self._reads: deque[tuple[float, Reply, bytes]] = deque(maxlen=MOST_READS)
        self._changed: set[Command] = set()
        self._own: bytes | None = None  # kept while another reader's key is in its place
        self._other = False
        self.device = Device(
            address=int(config["address"]),
            scbk=bytes.fromhex(config["scbk"]) if config.get("scbk") else None,
            equipment=self,
            capable=bool(config.get("secure", True)),
        )

    def hear(self, raw: bytes) -> bytes | None:
        """One frame off the bus, and the answer if it was for this reader."""
        return self.device.hear(raw, self._world.loop.now()) if self.powered else None

    # What people do to it

    def tap(self, name: str) -> Answer:
        """Hold a card to the antenna."""
        try:
            card = self._world.cards.load(name)
        except CardError as error:
            raise Refused(str(error)) from error
        number = self._number(card)
        payload = number if number is not None else card.uid
        bits = (len(payload) * 8).to_bytes(2, "little")
        self._offer(Reply.RAW, b"\x00\x00" + bits + payload)
        return {"read": "uid" if number is None else "number"}

    def type(self, digits: str) -> Answer:
        """Press keys: digits, ``*`` and ``#``."""
        if not digits or not set(digits) <= KEYS.keys():
            raise Refused("a keypad has 0 to 9, * and #")
        codes = bytes(KEYS[digit] for digit in digits)
        self._offer(Reply.KEYPAD, bytes([0, len(codes)]) + codes)
        return {}

    def cover(self, *, is_open: bool) -> Answer:
        """Take the cover off, or put it on."""
        self.tamper = is_open
        self._changed.add(Command.LSTAT)
        return {}

    def sense(self, number: int, *, active: bool) -> None:
        """An input changes: a door contact, a button."""
        if self.inputs[number] != active:
            self.inputs[number] = active
            self._changed.add(Command.ISTAT)
            self._world.ring.add("input", reader=self.name, number=number, active=active)

    def closed(self, output: int) -> bool:
        """Whether a relay has pulled."""
        return self.outputs[output].active

    def power(self, *, on: bool) -> Answer:
        """Unplug the reader, or plug it in: without power its relays fall and it forgets."""
        self.powered = on
        self.device.reset()
        self._reads.clear()
        self._changed.clear()
        self.face.dark()
        for number, output in enumerate(self.outputs):
            output.stop()
            output.resting = False
            self._switch(number, active=False)
        return {}

    def rekey(self, key: str) -> Answer:
        """Give it another base key, as an installer or an intruder would; "" resets it to none."""
        self.device.scbk = bytes.fromhex(key) if key else None
        self._other = False
        self.device.reset()
        return {}

    def exchange(self, *, other: bool) -> Answer:
        """Put a reader of another installation in its place, whose key nobody here knows, or take
        it away again.
        """
        if other != self._other:
            self._other = other
            if other:
                self._own, self.device.scbk = self.device.scbk, secrets.token_bytes(KEY_BYTES)
            else:
                self.device.scbk = self._own
            self.device.reset()
        return {}

    def expose(self, *, clear: bool) -> Answer:
        """Put a reader in its place that has no Secure Channel, or take it away again."""
        self.device.capable = not clear
        self.device.reset()
        return {}

    def supply(self, *, failed: bool) -> Answer:
        """Its supply fails and it runs on its battery, or the supply is back."""
        self.on_battery = failed
        self._changed.add(Command.LSTAT)
        return {}

    def state(self) -> Answer:
        """All that can be seen of it."""
        now = self._world.loop.now()
        return {
            "address": self.device.address,
            "powered": self.powered,
            "online": self.powered and self.device.online(now),
            "secure": self.powered and self.device.secure(now),
            "tamper": self.tamper,
            "on_battery": self.on_battery,
            "keyed": self.device.scbk is not None,
            "clear": not self.device.capable,
            "other_key": self._other,
            "inputs": list(self.inputs),
            "outputs": [output.active for output in self.outputs],
            **self.face.state(),
        }

    # What the panel does with it

    def capabilities(self) -> list[tuple[int, int, int]]:
        """Annex B: contacts, outputs, raw card data, and what the face has."""
        contacts = [(1, 1, len(self.inputs))] if self.inputs else []
        relays = [(2, 2, len(self.outputs))] if self.outputs else []
        return [*contacts, *relays, (3, 1, 0), *self.face.capabilities()]

    def report(self) -> tuple[Reply, bytes] | None:
        """A changed status first, then the oldest read that is still fresh."""
        if self._changed:
            command = min(self._changed)
            self._changed.discard(command)
            return STATUS[command], self._status(command)
        while self._reads:
            expires, reply, data = self._reads.popleft()
            if expires >= self._world.loop.now():
                return reply, data
        return None

    def obey(self, command: int, data: bytes) -> tuple[Reply, bytes] | Nak:
        """Carry out what the panel orders."""
        match command:
            case Command.LSTAT | Command.ISTAT | Command.OSTAT:
                kind = Command(command)
                self._changed.discard(kind)
                status = self._status(kind)
                return (STATUS[kind], status) if status else Nak.UNKNOWN
            case Command.OUT:
                return self._operate(data)
            case Command.LED | Command.BUZ | Command.TEXT:
                return (Reply.ACK, b"") if self.face.show(command, data) else Nak.RECORD
        return Nak.UNKNOWN

    def _status(self, command: Command) -> bytes:
        if command is Command.LSTAT:
            return bytes([self.tamper, self.on_battery])
        if command is Command.ISTAT:
            return bytes(self.inputs)
        return bytes(output.active for output in self.outputs)

    def _operate(self, data: bytes) -> tuple[Reply, bytes] | Nak:
        records = [data[at : at + 4] for at in range(0, len(data), 4)]
        if not records or any(len(record) != 4 for record in records):
            return Nak.LENGTH
        if any(record[0] >= len(self.outputs) or record[1] > 6 for record in records):
            return Nak.RECORD
        for number, control, *timer in records:
            self._control(number, control, int.from_bytes(bytes(timer), "little"))
        return Reply.ACK, b""

    def _control(self, number: int, control: int, tenths: int) -> None:
        """SIA OSDP v2.2, 6.10: 1, 2 off and on; 3, 4 the same after the timer; 5, 6 timed."""
        output = self.outputs[number]
        if control in (1, 2):
            output.stop()
            output.resting = control == 2
            self._switch(number, active=output.resting)
        elif control in (3, 4):
            output.resting = control == 4
            if output.timer is None:
                self._switch(number, active=output.resting)
        elif control in (5, 6):
            output.stop()
            self._switch(number, active=control == 5)
            if tenths:
                output.timer = self._world.loop.call_later(
                    tenths * TENTH, lambda: self._rest(number)
                )

    def _rest(self, number: int) -> None:
        output = self.outputs[number]
        output.timer = None
        self._switch(number, active=output.resting)

    def _switch(self, number: int, *, active: bool) -> None:
        output = self.outputs[number]
        if output.active != active:
            output.active = active
            self._changed.add(Command.OSTAT)
            self._world.ring.add("output", reader=self.name, number=number, active=active)

    def _offer(self, reply: Reply, data: bytes) -> None:
        if not self.powered:
            raise Refused(f"{self.name} has no power")
        self._reads.append((self._world.loop.now() + self._patience, reply, data))
        self._world.ring.add("offered", reader=self.name, code=int(reply))

    def _number(self, card: Card) -> bytes | None:
        how: Any = self._provision
        if how is None:
            return None
        aid, key = int(how["aid"], 16), bytes.fromhex(how["key"])
        if how.get("diversification", "none") == "an10922":
            key = diversified(key, card.uid, aid, bytes.fromhex(how.get("system", "")))
        return card.read(aid=aid, file=how["file"], key_number=how["key_number"], key=key)

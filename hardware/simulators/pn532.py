"""A desk reader: a PN532 chip on a serial port, and on its antenna a card of the store or none.

Speaks what libnfc asks of a PN532, after the chip's user manual UM0701-02. The wait for a card is
the chip's own: it answers when one is put down or when the time that the host gave is over.
"""

from collections.abc import Callable
from typing import ClassVar

from hardware.simulators.cards import CardError
from hardware.simulators.control import Answer, Refused, Request
from hardware.simulators.desfire import DesfireCard
from hardware.simulators.lies import Lies
from hardware.simulators.loop import Timer
from hardware.simulators.pn532_frames import ACK, ERROR, HostFrames, frame
from hardware.simulators.pty import PacedPty
from hardware.simulators.world import Config, World

FIRMWARE = bytes.fromhex("32010607")  # PN532, version 1.6, all three card families
SENS_RES, SEL_RES = bytes.fromhex("0344"), b"\x20"
ATS = bytes.fromhex("067577810280")
AUTO_RATS = 0x10
POLL_UNIT = 0.150  # seconds
TYPE_A, TYPE_MIFARE, TYPE_14443_4A = 0x00, 0x10, 0x20
FOR_EVER = 0xFF
RF_FIELD, MAX_RETRIES = 0x01, 0x05
RF_TIMEOUT = 0x01


class Pn532:
    """One reader. Requests: ``place`` (``card``); ``remove``, at once or, given ``after``, when the
    card has answered that many commands more, and ``then`` another lies there; ``silent``
    (``active``): the chip hears nothing; ``lie`` (``lies``, ``again``): what becomes of the card's
    next answers (``simulators/lies.py``).

    Configuration: ``name``, ``port``, ``baud`` (115200).
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name = str(config["name"])
        self._world = world
        self._frames = HostFrames()
        self._registers: dict[int, int] = {}
        self._parameters = 0x14
        self._retries = FOR_EVER
        self._card_name: str | None = None
        self._card: DesfireCard | None = None
        self._answers_left: int | None = None
        self._next_card: str | None = None
        self._lies = Lies()
        self._silent = False
        self._waiting: tuple[Callable[[], bytes | None], Timer | None] | None = None
        self.port = PacedPty(
            world.loop,
            link=world.port(str(config["port"])),
            baud=int(config.get("baud", 115200)),
            heard=self._heard,
            wire=lambda way, data: world.ring.add("wire", bus=self.name, way=way, data=data.hex()),
        )

    def handle(self, request: Request) -> Answer | None:
        """Move a card, or make the chip hang and recover."""
        match request["do"]:
            case "place":
                self._place(str(request["card"]))
            case "remove":
                if "after" in request:
                    self._answers_left = int(request["after"])
                    self._next_card = request.get("then")  # one that is no card is none
                else:
                    self._remove()
            case "lie":
                self._lies.set(request["lies"], again=bool(request.get("again", False)))
            case "silent":
                self._silent = bool(request["active"])
                self._settle()
            case _:
                return None
        return {}

    def state(self) -> Answer:
        """What lies on the reader, and whether the chip answers."""
        return {"card": self._card_name, "silent": self._silent, "plugged": self.port.plugged}

    def close(self) -> None:
        """Unplug."""
        self._settle()
        self.port.unplug()

    def _remove(self) -> None:
        self._card_name, self._card = None, None
        self._answers_left, self._next_card = None, None

    def _place(self, name: str) -> None:
        if self._card_name is not None:
            raise Refused(f"{self._card_name} lies on the reader")
        try:
            self._world.cards.load(name)
        except CardError as error:
            raise Refused(str(error)) from error
        self._card_name = name
        if self._waiting is not None and not self._silent:
            found = self._waiting[0]()
            if found is not None:
                self._settle()
                self.port.write(frame(found))

    def _heard(self, data: bytes) -> None:
        for command in self._frames.feed(data):
            if self._silent:
                continue
            self._settle()  # a new command, as an ACK from the host, ends the one that waits
            if not command:
                continue
            handler = self._commands.get(command[0])
            if handler is None:
                self.port.write(ACK + ERROR)
                continue
            self.port.write(ACK)
            answer = handler(self, command[1:])
            if answer is not None:
                self.port.write(frame(bytes((command[0] + 1,)) + answer))

    def _settle(self) -> None:
        if self._waiting is not None and self._waiting[1] is not None:
            self._waiting[1].cancel()
        self._waiting = None

    def _wait(self, find: Callable[[], bytes | None], empty: bytes, seconds: float | None) -> None:
        """Answer with what ``find`` finds when a card comes, with ``empty`` when time is up."""

        def give_up() -> None:
            self._waiting = None
            self.port.write(frame(empty))

        timer = None if seconds is None else self._world.loop.call_later(seconds, give_up)
        self._waiting = (find, timer)

    def _activate(self) -> bytes | None:
        """Wake the card afresh: what it says of itself. None without a card."""
        if self._card_name is None:
            return None
        name, cards = self._card_name, self._world.cards
        try:
            card = cards.load(name)
        except CardError:
            return None
        self._card = DesfireCard(card, lambda: cards.save(name, card))
        ats = ATS if self._parameters & AUTO_RATS else b""
        return SENS_RES + SEL_RES + bytes((len(card.uid),)) + card.uid + ats

    # The chip's commands: their data in, the answer's data out; None if the answer comes later.

    def _diagnose(self, data: bytes) -> bytes:
        if data[:1] == b"\x06":  # is the card still there?
            return b"\x00" if self._card is not None else b"\x01"
        return data

    def _firmware(self, _data: bytes) -> bytes:
        return FIRMWARE

    def _read_register(self, data: bytes) -> bytes:
        pairs = zip(data[::2], data[1::2], strict=False)
        return bytes(self._registers.get(high << 8 | low, 0) for high, low in pairs)

    def _write_register(self, data: bytes) -> bytes:
        for high, low, value in zip(data[::3], data[1::3], data[2::3], strict=False):
            self._registers[high << 8 | low] = value
        return b""

    def _set_parameters(self, data: bytes) -> bytes:
        self._parameters = data[0] if data else self._parameters
        return b""

    def _configure_radio(self, data: bytes) -> bytes:
        if len(data) >= 4 and data[0] == MAX_RETRIES:
            self._retries = data[3]
        if len(data) >= 2 and data[0] == RF_FIELD and not data[1] & 1:
            self._card = None  # without the field the card forgets its session
        return b""

    def _nothing(self, _data: bytes) -> bytes:
        return b""

    def _done(self, _data: bytes) -> bytes:
        return b"\x00"

    def _exchange(self, data: bytes) -> bytes:
        if self._answers_left == 0:
            then = self._next_card
            self._remove()
            self._card_name = then
            self._activate()
        if self._card is None or len(data) < 2:
            return bytes((RF_TIMEOUT,))
        if self._answers_left is not None:
            self._answers_left -= 1
        return b"\x00" + self._lies.tell(self._card.apdu(data[1:]))

    def _through(self, _data: bytes) -> bytes:
        return bytes((RF_TIMEOUT,))  # raw frames, by which libnfc looks for cards of other families

    def _list_targets(self, data: bytes) -> bytes | None:
        wanted = data[2:].replace(b"\x88", b"", 1) if len(data) > 2 else b""

        def find() -> bytes | None:
            target = self._activate()
            if target is None or not target[4:11].startswith(wanted):
                return None
            return b"\x4b\x01\x01" + target

        if data[1:2] != bytes((TYPE_A,)):
            return b"\x00"
        found = find()
        if found is not None:
            return found[1:]
        if self._retries != FOR_EVER:
            return b"\x00"
        self._wait(find, b"\x4b\x00", None)
        return None

    def _poll(self, data: bytes) -> bytes | None:
        if len(data) < 3:
            return b"\x00"
        times, period, types = data[0], data[1], data[2:]
        ours = [kind for kind in (TYPE_14443_4A, TYPE_MIFARE, TYPE_A) if kind in types]

        def find() -> bytes | None:
            target = self._activate() if ours else None
            if target is None:
                return None
            return b"\x61\x01" + bytes((ours[0], len(target) + 1, 1)) + target

        found = find()
        if found is not None:
            return found[1:]
        seconds = None if times == FOR_EVER else times * period * POLL_UNIT * len(types)
        self._wait(find, b"\x61\x00", seconds)
        return None

    _commands: ClassVar[dict[int, Callable[["Pn532", bytes], bytes | None]]] = {
        0x00: _diagnose,
        0x02: _firmware,
        0x06: _read_register,
        0x08: _write_register,
        0x12: _set_parameters,
        0x14: _nothing,  # SAMConfiguration
        0x16: _done,  # PowerDown
        0x32: _configure_radio,
        0x40: _exchange,
        0x42: _through,
        0x44: _done,  # InDeselect
        0x4A: _list_targets,
        0x52: _done,  # InRelease
        0x54: _done,  # InSelect
        0x60: _poll,
    }

"""What passed on a wire, in words: OSDP, KR-CU16 and PN532 frames as an onlooker reads them.

Routine is left out: a poll, its empty answer, a report that says nothing new. Data under OSDP
Secure Channel stay sealed; the code of a frame does not, and that is what is named here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hardware.simulators.osdp_frames import Block, Command, Frame, Reply, Splitter, decode
from hardware.simulators.pn532_frames import FROM_HOST, START

Words = str | Promise
SHOWN_BYTES = 5  # of a longer frame, from its start


@dataclass(frozen=True, slots=True)
class Said:
    """One frame. ``address`` and ``code`` are OSDP's; ``state`` is what a report repeats."""

    words: Words
    wire: str
    address: int | None = None
    code: int | None = None
    state: str = ""


COMMANDS: dict[int, tuple[str, Words]] = {
    Command.OUT: ("OUT", _("Strike told")),
    Command.LED: ("LED", _("Lamp set")),
    Command.BUZ: ("BUZ", _("Buzzer told")),
    Command.TEXT: ("TEXT", _("Text sent to its display")),
    Command.CHLNG: ("CHLNG", _("Secure Channel: challenge")),
    Command.SCRYPT: ("SCRYPT", _("Secure Channel: the gateway's proof")),
}
REPLIES: dict[int, tuple[str, Words]] = {
    Reply.NAK: ("NAK", _("Refused what it was told")),
    Reply.PDID: ("PDID", _("Said who it is")),
    Reply.LSTATR: ("LSTATR", _("Told of its cover")),
    Reply.ISTATR: ("ISTATR", _("Told of its inputs")),
    Reply.OSTATR: ("OSTATR", _("Told of its outputs")),
    Reply.RAW: ("RAW", _("Card read, handed to the gateway")),
    Reply.KEYPAD: ("KEYPAD", _("Keys handed to the gateway")),
    Reply.CCRYPT: ("CCRYPT", _("Secure Channel: the reader's proof")),
    Reply.RMAC_I: ("RMAC-I", _("Secure Channel up")),
}
READS = frozenset({Reply.RAW, Reply.KEYPAD})
ANSWERS = frozenset({Command.OUT, Command.LED, Command.BUZ, Command.TEXT})
SEALED = frozenset({Block.COMMAND_SEALED, Block.REPLY_SEALED})


def osdp(data: bytes) -> list[Said]:
    """OSDP frames among the bytes of one piece."""
    found = []
    for raw in Splitter().feed(data):
        frame = decode(raw)
        if frame is None:
            found.append(Said(_("Damaged on the line"), shortened(raw)))
            continue
        told = (REPLIES if frame.reply else COMMANDS).get(frame.code)
        if told is not None:
            found.append(_osdp_said(frame, raw, *told))
    return found


def _osdp_said(frame: Frame, raw: bytes, name: str, words: Words) -> Said:
    sealed = " + MAC" if frame.block and frame.block[0] in SEALED else ""
    wire = f"{shortened(raw)} {name}{sealed}"
    return Said(words, wire, frame.address, frame.code)


def krcu16(data: bytes) -> list[Said]:
    """Frames of a KR-CU16 board; a report carries its hooks and sensors as ``state``."""
    if len(data) < 5 or data[0] != 0x02 or sum(data[:-1]) & 0xFF != data[-1]:
        return [Said(_("Damaged on the line"), shortened(data))]
    match data[2]:
        case 0x31:
            number = (data[1] & 0x0F) + 1
            return [Said(gettext("Told to open locker %02d") % number, shortened(data))]
        case 0x33:
            return [Said(_("Told to open every locker"), shortened(data))]
        case 0x35:
            state = data[3:7].hex()
            return [Said(_("Hooks and sensors reported"), shortened(data), state=state)]
    return []


# ISO 7816 wrapping of DESFire's native commands: CLA 90, then the command (NXP AN12752, 4).
DESFIRE: dict[int, Words] = {
    0x5A: _("Card: application chosen"),
    0x6A: _("Card: applications listed"),
    0xAA: _("Card: authentication begun, AES"),
    0x1A: _("Card: authentication begun, DES"),
    0xCA: _("Card: application made"),
    0xDA: _("Card: application deleted"),
    0xCD: _("Card: file made"),
    0x3D: _("Card: number written"),
    0xBD: _("Card: number read back"),
    0xC4: _("Card: key changed"),
    0x54: _("Card: key settings changed"),
    0xFC: _("Card: wiped"),
}
_EXCHANGE = 0x40


def pn532(data: bytes) -> list[Said]:
    """What the host has a card do; waiting for a card and acknowledgements are routine."""
    start = data.find(START)
    body = data[start + 4 :] if start >= 0 else b""
    if len(body) < 5 or body[0] != FROM_HOST or body[1] != _EXCHANGE:
        return []
    apdu = body[3:]
    command = apdu[1] if apdu[0] == 0x90 else apdu[0]
    words = DESFIRE.get(command)
    return [Said(words, f"{shortened(data)} {command:02X}")] if words else []


_COIL_ON, _PULSES = 0xFF00, 0x0200


def modbus(data: bytes) -> list[Said]:
    """What relay boards are told; the inputs that they are asked for at every turn are routine."""
    if len(data) < 5 or data[1] & 0x7F not in {0x01, 0x02, 0x05}:
        return [Said(_("Damaged on the line"), shortened(data))]
    if data[1] & 0x80:
        return [Said(_("Refused what it was told"), shortened(data), data[0])]
    if data[1] != 0x05 or len(data) != 8:
        return []
    address, value = int.from_bytes(data[2:4]), int.from_bytes(data[4:6])
    if address >= _PULSES:
        words = gettext("Relay %(relay)d for %(seconds).1f s") % {
            "relay": address - _PULSES + 1,
            "seconds": value / 10,
        }
    else:
        told = gettext("Relay %d on") if value == _COIL_ON else gettext("Relay %d off")
        words = told % (address + 1)
    return [Said(words, shortened(data), data[0])]


READERS_OF: dict[str, Callable[[bytes], list[Said]]] = {
    "osdp": osdp,
    "krcu16": krcu16,
    "nfc": pn532,
    "modbus": modbus,
}


def shortened(data: bytes) -> str:
    """Bytes in hexadecimal: all of a short frame, the start of a longer one."""
    if len(data) <= SHOWN_BYTES + 1:
        return data.hex(" ").upper()
    return f"{data[:SHOWN_BYTES].hex(' ').upper()} …"

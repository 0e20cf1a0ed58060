"""What every command of a simulated DESFire EV1 card rests on: framing, sessions, permissions.

Commands come in ISO 7816 wrapping. The card's memory is the virtual card store's; sessions are the
antenna's and end with it. AES authentication alone is spoken: a card's own DES key, as the factory
leaves it, opens nothing here.
"""

from collections.abc import Callable
from typing import ClassVar

from hardware.simulators.cards import FREE, Application, Card, CardFile
from hardware.simulators.desfire_session import Handshake, Session, SessionError

OK, NO_ROOM, ILLEGAL_COMMAND, INTEGRITY_ERROR = 0x00, 0x0E, 0x1C, 0x1E
NO_SUCH_KEY, LENGTH_ERROR, PERMISSION_DENIED, PARAMETER_ERROR = 0x40, 0x7E, 0x9D, 0x9E
APPLICATION_NOT_FOUND, AUTHENTICATION_ERROR, MORE = 0xA0, 0xAE, 0xAF
BOUNDARY_ERROR, DUPLICATE, FILE_NOT_FOUND = 0xBE, 0xDE, 0xF0

PLAIN, WITH_MAC, ENCIPHERED = 0, 1, 3
MAY_CHANGE_MASTER, FREE_LISTING, FREE_CREATION = 0x01, 0x02, 0x04
SAME_KEY, FROZEN = 0xE, 0xF
AES_KEYS = 0x80


class Refusal(Exception):
    """A command that the card refuses, with its status byte."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:02x}")
        self.status = status


class CardCore:
    """One card in the field. ``save`` is called after each change of its memory.

    A command is a method that takes its code and data and returns status and answer.

    INVARIANT: an error ends the session, as it does in a real card.
    """

    commands: ClassVar[dict[int, Callable[..., tuple[int, bytes]]]] = {}

    def __init__(self, card: Card, save: Callable[[], None]) -> None:
        self.card = card
        self._save = save
        self._selected = 0
        self._session: Session | None = None
        self._handshake: Handshake | None = None
        self._frames: list[bytes] = []

    def apdu(self, command: bytes) -> bytes:
        """Answer one wrapped command ``90 INS 00 00 [Lc data] 00`` with data, ``91`` and status."""
        try:
            status, answer = self._run(command)
        except (Refusal, SessionError) as refusal:
            self._session, self._handshake, self._frames = None, None, []
            status, answer = getattr(refusal, "status", INTEGRITY_ERROR), b""
        return answer + bytes((0x91, status))

    def _run(self, command: bytes) -> tuple[int, bytes]:
        if len(command) < 5 or command[0] != 0x90:
            raise Refusal(ILLEGAL_COMMAND)
        code, data = command[1], command[5 : 5 + command[4]] if len(command) > 5 else b""
        if code == MORE:
            return self._continue(data)
        self._handshake, self._frames = None, []
        if code not in self.commands:
            raise Refusal(ILLEGAL_COMMAND)
        return self.commands[code](self, code, data)

    def _continue(self, data: bytes) -> tuple[int, bytes]:
        """The next frame of an authentication or of a long answer."""
        if self._handshake is not None:
            handshake, self._handshake = self._handshake, None
            try:
                proof, self._session = handshake.answer(data)
            except SessionError:
                raise Refusal(AUTHENTICATION_ERROR) from None
            return OK, proof
        if not self._frames:
            raise Refusal(ILLEGAL_COMMAND)
        frame = self._frames.pop(0)
        return (MORE if self._frames else OK), frame

    # What the commands share

    def _plain(self, code: int, data: bytes, size: int) -> bytes:
        """Parameters that travel in the clear: they only move the session's vector on."""
        if len(data) != size:
            raise Refusal(LENGTH_ERROR)
        if self._session is not None:
            self._session.mac(bytes((code,)) + data)
        return data

    def _answer(self, data: bytes = b"") -> tuple[int, bytes]:
        if self._session is None:
            return OK, data
        return OK, data + self._session.mac(data + bytes((OK,)))

    def _application(self) -> Application:
        if self._selected == 0 or self._selected not in self.card.applications:
            raise Refusal(PERMISSION_DENIED)
        return self.card.applications[self._selected]

    def _require(self, key_number: int) -> Session:
        if self._session is None:
            raise Refusal(AUTHENTICATION_ERROR)
        if self._session.key_number != key_number:
            raise Refusal(PERMISSION_DENIED)
        return self._session

    def _key(self, number: int) -> bytes:
        if self._selected == 0:
            if number != 0 or not self.card.master_aes:
                raise Refusal(AUTHENTICATION_ERROR)
            return self.card.master_key
        keys = self._application().keys
        if number >= len(keys):
            raise Refusal(NO_SUCH_KEY)
        return keys[number]

    def _file(self, number: int) -> CardFile:
        files = self._application().files
        if number not in files:
            raise Refusal(FILE_NOT_FOUND)
        return files[number]

    def _comm(self, file: CardFile, rights: tuple[int, int]) -> int:
        """How data of a file travels in this session; refused if the session may not have it."""
        if self._session is not None and self._session.key_number in rights:
            return file.comm
        if FREE in rights:
            return PLAIN
        raise Refusal(AUTHENTICATION_ERROR if self._session is None else PERMISSION_DENIED)

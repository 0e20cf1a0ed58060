"""The commands of a simulated DESFire EV1 card, after its published functional specification.

``desfire_core`` holds what they share. What EV2 has beyond these is not played.
"""

from collections.abc import Callable
from typing import ClassVar

from hardware.simulators.cards import Application, CardFile
from hardware.simulators.desfire_core import (
    AES_KEYS,
    APPLICATION_NOT_FOUND,
    AUTHENTICATION_ERROR,
    BOUNDARY_ERROR,
    DUPLICATE,
    ENCIPHERED,
    FREE_CREATION,
    FREE_LISTING,
    FROZEN,
    INTEGRITY_ERROR,
    LENGTH_ERROR,
    MAY_CHANGE_MASTER,
    MORE,
    NO_ROOM,
    NO_SUCH_KEY,
    OK,
    PARAMETER_ERROR,
    PERMISSION_DENIED,
    PLAIN,
    SAME_KEY,
    WITH_MAC,
    CardCore,
    Refusal,
)
from hardware.simulators.desfire_session import CRC_BYTES, Handshake, crc32

MAX_FILE_BYTES = 32  # so that every answer fits one frame
MAX_APPLICATIONS = 28
MAX_LISTED = 16
HARDWARE = bytes.fromhex("04010101001a05")
SOFTWARE = bytes.fromhex("04010101041a05")
BATCH = bytes.fromhex("ba5eba11ad0126")


class DesfireCard(CardCore):
    """A card that can be formatted, given applications, keys and files, read and written."""

    def _select(self, _code: int, data: bytes) -> tuple[int, bytes]:
        if len(data) != 3:
            raise Refusal(LENGTH_ERROR)
        aid = int.from_bytes(data, "little")
        if aid and aid not in self.card.applications:
            raise Refusal(APPLICATION_NOT_FOUND)
        self._selected, self._session = aid, None
        return OK, b""

    def _authenticate(self, _code: int, data: bytes) -> tuple[int, bytes]:
        if len(data) != 1:
            raise Refusal(LENGTH_ERROR)
        self._session = None
        self._handshake = Handshake(self._key(data[0]), data[0])
        return MORE, self._handshake.challenge

    def _version(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        last = self.card.uid + BATCH
        _, end = self._answer(HARDWARE + SOFTWARE + last)
        self._frames = [SOFTWARE, last + end[len(HARDWARE + SOFTWARE + last) :]]
        return MORE, HARDWARE

    def _application_ids(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        if self._selected or not self.card.settings & FREE_LISTING:
            raise Refusal(PERMISSION_DENIED)
        aids = b"".join(aid.to_bytes(3, "little") for aid in self.card.applications)
        return self._answer(aids[: 3 * MAX_LISTED])

    def _create_application(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 5)
        aid, settings, keys = int.from_bytes(data[:3], "little"), data[3], data[4]
        if self._selected:
            raise Refusal(PERMISSION_DENIED)
        if not self.card.settings & FREE_CREATION:
            self._require(0)
        if aid == 0 or not keys & AES_KEYS or not 1 <= keys & 0x0F <= 14:
            raise Refusal(PARAMETER_ERROR)
        if aid in self.card.applications:
            raise Refusal(DUPLICATE)
        if len(self.card.applications) >= MAX_APPLICATIONS:
            raise Refusal(NO_ROOM)
        blank = [bytes(16) for _ in range(keys & 0x0F)]
        self.card.applications[aid] = Application(keys=blank, settings=settings)
        self._save()
        return self._answer()

    def _delete_application(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 3)
        aid = int.from_bytes(data, "little")
        if aid not in self.card.applications:
            raise Refusal(APPLICATION_NOT_FOUND)
        own_master = self._selected == aid and self.card.settings & FREE_CREATION
        if self._selected and not own_master:
            raise Refusal(PERMISSION_DENIED)
        self._require(0)
        del self.card.applications[aid]
        self._save()
        self._selected, self._session = 0, None
        return OK, b""

    def _format(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        if self._selected:
            raise Refusal(PERMISSION_DENIED)
        self._require(0)
        self.card.applications.clear()
        self._save()
        return self._answer()

    def _card_uid(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        if self._session is None:
            raise Refusal(AUTHENTICATION_ERROR)
        uid = self.card.uid
        return OK, self._session.seal(uid + crc32(uid + bytes((OK,))))

    def _key_settings(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        if self._selected == 0:
            return self._answer(bytes((self.card.settings, 0x81 if self.card.master_aes else 1)))
        application = self._application()
        if not application.settings & FREE_LISTING:
            self._require(0)
        return self._answer(bytes((application.settings, AES_KEYS | len(application.keys))))

    def _key_version(self, code: int, data: bytes) -> tuple[int, bytes]:
        number = self._plain(code, data, 1)[0]
        self._key(number)
        versions = self._application().versions if self._selected else [self.card.master_version]
        return self._answer(bytes((versions[number],)))

    def _change_key(self, code: int, data: bytes) -> tuple[int, bytes]:
        application, number = self._application(), data[0] & 0x0F if data else 0
        if number >= len(application.keys):
            raise Refusal(NO_SUCH_KEY)
        changer = application.settings >> 4
        if changer == FROZEN or (number == 0 and not application.settings & MAY_CHANGE_MASTER):
            raise Refusal(PERMISSION_DENIED)
        session = self._require(number if changer == SAME_KEY or number == 0 else changer)
        same = session.key_number == number
        plain = session.open(data[1:])
        if len(plain) != 32 or crc32(bytes((code, data[0])) + plain[:17]) != plain[17:21]:
            raise Refusal(INTEGRITY_ERROR)
        key, version = plain[:16], plain[16]
        if not same:
            key = bytes(a ^ b for a, b in zip(key, application.keys[number], strict=True))
            if crc32(key) != plain[21:25]:
                raise Refusal(INTEGRITY_ERROR)
        application.keys[number], application.versions[number] = key, version
        self._save()
        if same:  # the key that opened this session is no more
            self._session = None
        return self._answer()

    def _file_ids(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 0)
        application = self._application()
        if not application.settings & FREE_LISTING:
            self._require(0)
        return self._answer(bytes(application.files))

    def _file_settings(self, code: int, data: bytes) -> tuple[int, bytes]:
        number = self._plain(code, data, 1)[0]
        application = self._application()
        if not application.settings & FREE_LISTING:
            self._require(0)
        file = self._file(number)
        rights = file.access.to_bytes(2, "little")
        return self._answer(bytes((0, file.comm)) + rights + file.size.to_bytes(3, "little"))

    def _create_file(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 7)
        application = self._application()
        if not application.settings & FREE_CREATION:
            self._require(0)
        number, comm, size = data[0], data[1], int.from_bytes(data[4:], "little")
        if number > 31 or comm not in {PLAIN, WITH_MAC, ENCIPHERED} or size == 0:
            raise Refusal(PARAMETER_ERROR)
        if number in application.files:
            raise Refusal(DUPLICATE)
        if size > MAX_FILE_BYTES:
            raise Refusal(NO_ROOM)
        access = int.from_bytes(data[2:4], "little")
        application.files[number] = CardFile(data=bytes(size), comm=comm, access=access)
        self._save()
        return self._answer()

    def _delete_file(self, code: int, data: bytes) -> tuple[int, bytes]:
        number = self._plain(code, data, 1)[0]
        application = self._application()
        if not application.settings & FREE_CREATION:
            self._require(0)
        self._file(number)
        del application.files[number]
        self._save()
        return self._answer()

    def _read(self, code: int, data: bytes) -> tuple[int, bytes]:
        self._plain(code, data, 7)
        file = self._file(data[0])
        comm = self._comm(file, (file.access >> 12 & 0xF, file.access >> 4 & 0xF))
        offset, length = int.from_bytes(data[1:4], "little"), int.from_bytes(data[4:], "little")
        end = offset + length if length else file.size
        if not offset < end <= file.size:
            raise Refusal(BOUNDARY_ERROR)
        content = file.data[offset:end]
        if comm == ENCIPHERED and self._session is not None:
            # Of unknown length to the reader, the end of the data is marked.
            mark = b"" if length else b"\x80"
            return OK, self._session.seal(content + crc32(content + bytes((OK,))) + mark)
        return self._answer(content)

    def _write(self, code: int, data: bytes) -> tuple[int, bytes]:
        if len(data) < 8:
            raise Refusal(LENGTH_ERROR)
        header, body = data[:7], data[7:]
        file = self._file(header[0])
        comm = self._comm(file, (file.access >> 8 & 0xF, file.access >> 4 & 0xF))
        offset, length = int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:], "little")
        if length == 0 or offset + length > file.size:
            raise Refusal(BOUNDARY_ERROR)
        content = self._received(code, header, body, length, comm)
        file.data = file.data[:offset] + content + file.data[offset + length :]
        self._save()
        return self._answer()

    def _received(self, code: int, header: bytes, body: bytes, length: int, comm: int) -> bytes:
        """The data of a write, verified as the file's way of travel demands."""
        session, head = self._session, bytes((code,)) + header
        if comm == ENCIPHERED and session is not None:
            plain = session.open(body)
            content, check = plain[:length], plain[length : length + CRC_BYTES]
            if len(content) != length or crc32(head + content) != check:
                raise Refusal(INTEGRITY_ERROR)
            return content
        content, mac = body[:length], body[length:]
        if len(content) != length:
            raise Refusal(LENGTH_ERROR)
        expected = session.mac(head + content) if session is not None else b""
        if mac != (expected if comm == WITH_MAC else b""):
            raise Refusal(INTEGRITY_ERROR)
        return content

    commands: ClassVar[dict[int, Callable[..., tuple[int, bytes]]]] = {
        0x5A: _select,
        0xAA: _authenticate,
        0x60: _version,
        0x6A: _application_ids,
        0xCA: _create_application,
        0xDA: _delete_application,
        0xFC: _format,
        0x51: _card_uid,
        0x45: _key_settings,
        0x64: _key_version,
        0xC4: _change_key,
        0x6F: _file_ids,
        0xF5: _file_settings,
        0xCD: _create_file,
        0xDF: _delete_file,
        0xBD: _read,
        0x3D: _write,
    }

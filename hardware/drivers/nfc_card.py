"""One DESFire card on the antenna, through `pynfc`: what is asked of libfreefare, and how.

Only commands of EV1, with AES; an EV2 card is asked for nothing of its own.

pynfc's own classes open the reader, poll and tell cards apart; applications, keys and files are
reached by the C functions that it exposes in ``pynfc.nfc``. Importing this needs libfreefare.
"""

import ctypes
import hmac
import secrets
from typing import Any

import pynfc
from pynfc import nfc

from hardware.drivers.desfire_keys import AID, FILE, NUMBER_BYTES, UID_BYTES, KeyNumber, card_key
from hardware.drivers.nfc_room import Room

BLANK = bytes(16)  # every key of a new application
KEY_VERSION = 1
# Only the application's master key lists, creates, deletes and changes keys; it can be changed.
APPLICATION_SETTINGS = 0x09
ENCIPHERED = 3
# Read with key 1, write with key 2, both with none; the rights are changed by key 0.
NO_KEY = 0xF
FILE_RIGHTS = KeyNumber.READ << 12 | KeyNumber.WRITE << 8 | NO_KEY << 4 | KeyNumber.MASTER
WAIT_FOR_EVER = False
# libfreefare writes all that the card sends; every other answer it bounds itself.
ROOM = Room()


class CardError(Exception):
    """The card did not do what was asked; the message is the reason in a word."""


class ReaderError(Exception):
    """The reader cannot be used; the message is the reason in a word."""


class DesktopCard:
    """A card that was found; good for one visit to the antenna.

    INVARIANT: an encoding that breaks off leaves a card that can be encoded again.
    """

    def __init__(self, target: Any, nfc_master: bytes) -> None:
        """``target`` is what pynfc's poll gave."""
        self.uid = uid_of(target)
        self._tag = target.target
        if target.type != nfc.DESFIRE or len(self.uid) != UID_BYTES:
            raise CardError("unsupported_card")
        self._keys = {number: card_key(nfc_master, number, self.uid) for number in KeyNumber}
        self._aid = nfc.mifare_desfire_aid_new(AID)

    def __enter__(self) -> "DesktopCard":
        if nfc.mifare_desfire_connect(self._tag) != 0:
            raise CardError("card_lost")
        return self

    def __exit__(self, *_: object) -> None:
        nfc.mifare_desfire_disconnect(self._tag)

    def number(self) -> bytes | None:
        """The credential, if this card carries one of ours; raises CardError if it went away."""
        if not self._select(self._aid) or not self._authenticate(KeyNumber.READ):
            return None
        return self._read()

    def encode(self) -> bytes:
        """Give the card a new random number, whatever it carried; the number, read back."""
        number = secrets.token_bytes(NUMBER_BYTES)
        self._delete()
        self._demand(self._select(None))
        keys = len(KeyNumber)
        self._do(nfc.mifare_desfire_create_application_aes, self._aid, APPLICATION_SETTINGS, keys)
        self._demand(self._select(self._aid))
        self._demand(self._authenticate(KeyNumber.MASTER, BLANK))
        self._do(
            nfc.mifare_desfire_create_std_data_file, FILE, ENCIPHERED, FILE_RIGHTS, NUMBER_BYTES
        )
        # The master key last: until then the blank one still lets a next attempt begin anew.
        for key in (KeyNumber.READ, KeyNumber.WRITE, KeyNumber.MASTER):
            self._change_key(key)
        self._demand(self._authenticate(KeyNumber.WRITE))
        data = (ctypes.c_ubyte * NUMBER_BYTES)(*number)
        self._do(nfc.mifare_desfire_write_data_ex, FILE, 0, NUMBER_BYTES, data, ENCIPHERED)
        self._demand(self._authenticate(KeyNumber.READ))
        if not hmac.compare_digest(self._read(), number):
            raise CardError("verify_failed")
        return number

    def erase(self) -> bytes | None:
        """Take our application off the card; the number that it carried."""
        number = self.number()
        if not self._delete():
            raise CardError("not_encoded")
        return number

    def _delete(self) -> bool:
        """Delete our application; False if there is none. Another's under our AID stays."""
        if not self._select(self._aid):
            return False
        if not self._authenticate(KeyNumber.MASTER):
            self._demand(self._select(self._aid))
            if not self._authenticate(KeyNumber.MASTER, BLANK):
                raise CardError("foreign_card")
        self._do(nfc.mifare_desfire_delete_application, self._aid)
        return True

    def _select(self, aid: Any) -> bool:
        if nfc.mifare_desfire_select_application(self._tag, aid) == 0:
            return True
        self._present()
        return False

    def _authenticate(self, number: KeyNumber, value: bytes | None = None) -> bool:
        key = _key(self._keys[number] if value is None else value)
        try:
            if nfc.mifare_desfire_authenticate_aes(self._tag, number, key) == 0:
                return True
        finally:
            nfc.mifare_desfire_key_free(key)
        self._present()
        return False

    def _change_key(self, number: KeyNumber) -> None:
        new, old = _key(self._keys[number]), _key(BLANK)
        try:
            self._do(nfc.mifare_desfire_change_key, number, new, old)
        finally:
            nfc.mifare_desfire_key_free(new)
            nfc.mifare_desfire_key_free(old)

    def _read(self) -> bytes:
        room = ROOM.cleared()
        try:
            got = self._do(nfc.mifare_desfire_read_data_ex, FILE, 0, NUMBER_BYTES, room, ENCIPHERED)
            if got != NUMBER_BYTES:
                raise CardError("read_failed")
            return bytes(room[:NUMBER_BYTES])
        finally:
            ROOM.cleared()

    def _do(self, function: Any, *arguments: Any) -> int:
        # pynfc takes the C type ssize_t for unsigned, so a failure would look like success.
        result = ctypes.c_ssize_t(function(self._tag, *arguments)).value
        self._demand(result >= 0)
        return result

    def _demand(self, success: bool) -> None:
        if not success:
            self._present()
            raise CardError("card_refused")

    def _present(self) -> None:
        """A failure without a word from the card means that it is not there any more."""
        if nfc.mifare_desfire_last_picc_error(self._tag) == 0:
            raise CardError("card_lost")


def uid_of(target: Any) -> bytes:
    """The UID of what pynfc's poll gave."""
    return bytes.fromhex(target.uid.decode("ascii"))


def _key(value: bytes) -> Any:
    return nfc.mifare_desfire_aes_key_new_with_version((ctypes.c_ubyte * 16)(*value), KEY_VERSION)


def opened(connection: str) -> Any:
    """A pynfc reader, set up to give up instead of waiting for a card; raises ReaderError."""
    try:
        reader = pynfc.Nfc(connection)
    except Exception as error:  # pynfc raises nothing more particular
        raise ReaderError("no_reader") from error
    ready = nfc.nfc_initiator_init(reader.pdevice) == 0
    # Else a card that is pulled away makes the next selection wait for ever.
    ready = ready and not nfc.nfc_device_set_property_bool(
        reader.pdevice, nfc.NP_INFINITE_SELECT, WAIT_FOR_EVER
    )
    if not ready:
        raise ReaderError("no_reader")
    return reader


def check(reader: Any) -> None:
    """Raise ReaderError if the last poll found no card because the reader is not there."""
    if nfc.nfc_device_get_last_error(reader.pdevice) < 0:
        raise ReaderError("port_lost")

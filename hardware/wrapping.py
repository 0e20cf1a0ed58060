"""Readers' keys on their way to a gateway: wrapped for it alone, so that no table shows one.

A gateway's wrapping key is derived from ``osdp.master``, which the centre holds to make records and
no gateway holds; a gateway holds its own (``readers.GATEWAY.siv``, docs/keys.md). AES-SIV (RFC
5297) gives the same text for the same key, so that a record that says nothing new is not repeated.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 64
MARK = "wrapped:"
SECRET, PROVISION = "scbk", "provision"


def wrapping_key(master: bytes, gateway: str) -> bytes:
    """The key of one gateway; whoever has it cannot find that of another."""
    about = b"scif readers' keys for " + gateway.encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=about).derive(master)


def wrap(key: bytes, secret: bytes, device: str) -> str:
    """Wrap a reader's key, bound to its device."""
    sealed = AESSIV(key).encrypt(secret, [device.encode()])
    return MARK + urlsafe_b64encode(sealed).decode()


def unwrap(key: bytes, text: str, device: str) -> bytes:
    """Take a reader's key out; raises ValueError where it was not wrapped so, or was altered."""
    if not text.startswith(MARK):
        raise ValueError("this is no wrapped key")
    try:
        sealed = urlsafe_b64decode(text.removeprefix(MARK))
        return AESSIV(key).decrypt(sealed, [device.encode()])
    except InvalidTag:
        raise ValueError("this key was altered, or wrapped for another") from None


class Unwrapper:
    """Gives a gateway its records with the keys taken out; others pass as they are.

    INVARIANT: a key that cannot be taken out stays wrapped, and no driver takes that for a key: the
    reader is left out of the installation, and its door stays shut.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, kind: str, key: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record as it is to be kept in memory."""
        if kind != "device":
            return record
        opened = self._opened(record, key)
        offered = opened.get(PROVISION)
        if isinstance(offered, Mapping):
            opened[PROVISION] = self._opened(offered, key)
        return opened

    def _opened(self, record: Mapping[str, Any], device: str) -> dict[str, Any]:
        found = dict(record)
        secret = found.get(SECRET)
        if isinstance(secret, str) and secret.startswith(MARK):
            try:
                found[SECRET] = unwrap(self._key, secret, device).hex()
            except ValueError:
                return found
        return found

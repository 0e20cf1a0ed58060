"""What two answers of a handshake prove of a device (SIA OSDP v2.2, 6.3 and annex D).

Only what stands in a sound answer accuses a device. That libosdp gave it up after that answer does
not: it may have come a moment too late, or behind noise.
"""

import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SECURITY, AES_128 = 9, 0x01  # a capability, and the bit of it
DEFAULT_KEY = bytes(range(0x30, 0x40))  # SCBK-D, published
DEFAULT = 0  # the second byte of a security block: under the default key
RANDOM, CRYPTOGRAM = 8, 16
_IDENTITY = 8


def knows_secure_channel(capabilities: bytes) -> bool:
    """Whether a device's capabilities name the Secure Channel."""
    return any(code == SECURITY and how & AES_128 for code, how in _pairs(capabilities))


def has_key(scbk: bytes, challenge: bytes, answer: bytes) -> bool | None:
    """Whether a device's answer to a challenge proves that it has the base key; None: no answer."""
    if len(challenge) != RANDOM or len(answer) != _IDENTITY + RANDOM + CRYPTOGRAM:
        return None
    theirs, cryptogram = answer[_IDENTITY : _IDENTITY + RANDOM], answer[_IDENTITY + RANDOM :]
    session = _block(scbk, bytes([0x01, 0x82]) + challenge[:6] + bytes(8))
    return hmac.compare_digest(_block(session, challenge + theirs), cryptogram)


def _pairs(capabilities: bytes) -> Iterator[tuple[int, int]]:
    for at in range(0, len(capabilities) - 2, 3):
        yield capabilities[at], capabilities[at + 1]


def _block(key: bytes, data: bytes) -> bytes:
    # Keys and proofs are derived from single blocks; nothing else goes through here.
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - as the standard says
    return cipher.encryptor().update(data)

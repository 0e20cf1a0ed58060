"""The card's side of an AES session as DESFire EV1 runs it (authentication 0xAA).

One initialisation vector runs through the whole session: every command and every answer, whether
enciphered or only authenticated, moves it on, so a message that is lost, repeated or altered makes
everything after it wrong.
"""

import hmac
import secrets
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
MAC_BYTES = 8
CRC_BYTES = 4


class SessionError(Exception):
    """A cryptogram or code that does not verify."""


def crc32(data: bytes) -> bytes:
    """DESFire's CRC-32: that of Ethernet without the final inversion, lowest byte first."""
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(CRC_BYTES, "little")


def encipher(key: bytes, vector: bytes, data: bytes) -> bytes:
    """AES-128-CBC without padding."""
    step = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return step.update(data) + step.finalize()


def decipher(key: bytes, vector: bytes, data: bytes) -> bytes:
    """AES-128-CBC without padding."""
    step = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return step.update(data) + step.finalize()


def _doubled(block: bytes) -> bytes:
    value = int.from_bytes(block, "big") << 1
    if value >> 128:
        value = value ^ 1 << 128 ^ 0x87
    return value.to_bytes(BLOCK, "big")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


class Handshake:
    """The mutual authentication: the card proves itself only to who has proved the key."""

    def __init__(self, key: bytes, key_number: int) -> None:
        self.key = key
        self.key_number = key_number
        self._card_random = secrets.token_bytes(BLOCK)
        self.challenge = encipher(key, bytes(BLOCK), self._card_random)

    def answer(self, token: bytes) -> tuple[bytes, "Session"]:
        """The card's proof and the session; raises SessionError if the other has not the key."""
        if len(token) != 2 * BLOCK:
            raise SessionError("a token is two blocks")
        plain = decipher(self.key, self.challenge, token)
        reader_random, echo = plain[:BLOCK], plain[BLOCK:]
        turned = self._card_random[1:] + self._card_random[:1]
        if not hmac.compare_digest(echo, turned):
            raise SessionError("the reader has another key")
        proof = encipher(self.key, token[-BLOCK:], reader_random[1:] + reader_random[:1])
        mine = self._card_random
        session_key = reader_random[:4] + mine[:4] + reader_random[12:] + mine[12:]
        return proof, Session(session_key, self.key_number)


class Session:
    """An open session: its key, the number of the key that opened it and the running vector."""

    def __init__(self, key: bytes, key_number: int) -> None:
        self.key = key
        self.key_number = key_number
        self.vector = bytes(BLOCK)
        self._whole = _doubled(encipher(key, bytes(BLOCK), bytes(BLOCK)))
        self._partial = _doubled(self._whole)

    def mac(self, data: bytes) -> bytes:
        """Authenticate a message: CMAC from the running vector on, which it becomes."""
        if data and len(data) % BLOCK == 0:
            last = _xor(data[-BLOCK:], self._whole)
            body = data[:-BLOCK]
        else:
            cut = len(data) - len(data) % BLOCK
            padded = (data[cut:] + b"\x80").ljust(BLOCK, b"\0")
            last = _xor(padded, self._partial)
            body = data[:cut]
        self.vector = encipher(self.key, self.vector, body + last)[-BLOCK:]
        return self.vector[:MAC_BYTES]

    def open(self, cryptogram: bytes) -> bytes:
        """Decipher what the reader sent; raises SessionError for a broken length."""
        if not cryptogram or len(cryptogram) % BLOCK:
            raise SessionError("not whole blocks")
        plain = decipher(self.key, self.vector, cryptogram)
        self.vector = cryptogram[-BLOCK:]
        return plain

    def seal(self, plain: bytes) -> bytes:
        """Encipher an answer, padded with zeros to whole blocks."""
        padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK, b"\0")
        cryptogram = encipher(self.key, self.vector, padded)
        self.vector = cryptogram[-BLOCK:]
        return cryptogram

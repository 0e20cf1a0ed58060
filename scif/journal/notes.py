"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint), with Ed25519 keys.

A note is text that ends in a newline, an empty line, and signature lines
``— <name> <base64(key id ‖ signature)>``. A verifier key is written
``<name>+<key id>+<base64(0x01 ‖ public key)>``.
"""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
HASH_BYTES = 32


class NoteError(Exception):
    """A note or key is malformed, or no signature on it is by the expected key."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key under the name that it signs for (the log's origin)."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell which key signed."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a verifier key; raises :class:`NoteError`."""
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise NoteError(f"not a verifier key: {text!r}") from error
        key = cls(name, raw[1:])
        if raw[:1] != ED25519 or len(raw) != HASH_BYTES + 1 or key.key_id.hex() != key_id:
            raise NoteError(f"not an Ed25519 verifier key: {text!r}")
        return key

    def verify(self, note: str) -> str:
        """The text of a note that this key signed; raises :class:`NoteError` otherwise."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines():
            name, _, encoded = line.removeprefix("— ").rpartition(" ")
            try:
                raw = base64.b64decode(encoded, validate=True)
            except ValueError:
                continue
            if not line.startswith("— ") or name != self.name or raw[:4] != self.key_id:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(raw[4:], text.encode())
            except InvalidSignature:
                raise NoteError(f"a signature by {self.name} does not match its note") from None
            return text
        raise NoteError(f"the note is not signed by {self}")


@dataclass(frozen=True)
class Signer:
    """The private key of the log; its name is the log's origin, without spaces or ``+``."""

    name: str
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(letter.isspace() for letter in self.name):
            raise NoteError(f"a log's origin has no space and no plus: {self.name!r}")

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The text as a signed note."""
        if not text.endswith("\n") or "\n\n" in text:
            raise NoteError("a note's text ends in one newline and has no empty line")
        raw = self.verifier.key_id + self.private.sign(text.encode())
        return f"{text}\n— {self.name} {base64.b64encode(raw).decode()}\n"


@dataclass(frozen=True)
class TreeHead:
    """What a checkpoint states: the log's origin, its number of entries, and their root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The checkpoint's text, to be signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "TreeHead":
        """Read a checkpoint's text (signed or not); raises :class:`NoteError`."""
        lines = text.split("\n")
        try:
            origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
        except (IndexError, ValueError) as error:
            raise NoteError("not a checkpoint") from error
        if not origin or size < 0 or str(size) != lines[1] or len(root) != HASH_BYTES:
            raise NoteError("not a checkpoint")
        return cls(origin, size, root)

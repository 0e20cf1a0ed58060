"""Key files: one secret a file, hex text, readable by the processes that hold it (docs/keys.md)."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class KeyMissingError(Exception):
    """A key that this process needs is not there or not readable; it must not start without."""


class KeyStore:
    """The folder of keys of one process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def secret(self, name: str) -> bytes:
        """The raw bytes of a key; raises :class:`KeyMissingError` with the file's name."""
        path = self._directory / name
        try:
            return bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise KeyMissingError(f"key file {path} cannot be read: {error}") from error

    def signer(self, name: str) -> Ed25519PrivateKey:
        """A private signing key."""
        return Ed25519PrivateKey.from_private_bytes(self.secret(name))

    def verifier(self, name: str) -> Ed25519PublicKey:
        """A public key."""
        return Ed25519PublicKey.from_public_bytes(self.secret(name))

"""Keys and certificates as the control plane will make them, and as it never would."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LIFE = 120  # seconds


def grant_id() -> str:
    """96 random bits."""
    return secrets.token_hex(12)


def public_line(key: Ed25519PrivateKey) -> bytes:
    """A public key as OpenSSH writes it."""
    return key.public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)


def write_private(path: Path, key: Ed25519PrivateKey) -> Path:
    """A private key that `ssh` takes."""
    path.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption()))
    path.chmod(0o600)
    return path


@dataclass
class Papers:
    """An authority, a bastion's key, and a laptop's key with certificates for it."""

    directory: Path
    authority: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    host: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    laptop: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        self.key = write_private(self.directory / "laptop", self.laptop)
        self.host_key = write_private(self.directory / "host", self.host)
        self.user_ca = self.directory / "ca.pub"
        self.user_ca.write_bytes(public_line(self.authority) + b"\n")
        self.known_hosts = self.directory / "known_hosts"
        self.known_hosts.write_bytes(b"bastion " + public_line(self.host) + b"\n")

    def certificate(self, login: str, **changes: Any) -> Path:
        """A certificate for a grant; ``changes`` make it another than it should be."""
        now = int(time.time())
        told = {
            "principals": [login],
            "command": login,
            "source": "127.0.0.1/32",
            "after": now - 5,
            "before": now - 5 + LIFE,
            "kind": s.SSHCertificateType.USER,
            "authority": self.authority,
            "extensions": [b"permit-port-forwarding"],
            **changes,
        }
        builder = (
            s.SSHCertificateBuilder()
            .public_key(self.laptop.public_key())
            .serial(secrets.randbits(63))
            .type(told["kind"])
            .key_id(b"test")
            .valid_after(told["after"])
            .valid_before(told["before"])
        )
        if told["principals"]:
            builder = builder.valid_principals([each.encode() for each in told["principals"]])
        else:
            builder = builder.valid_for_all_principals()  # type: ignore[no-untyped-call]  # untyped there
        if told["command"]:
            builder = builder.add_critical_option(b"force-command", told["command"].encode())
        if told["source"]:
            builder = builder.add_critical_option(b"source-address", told["source"].encode())
        for name in told["extensions"]:
            builder = builder.add_extension(name, b"")
        path = self.directory / f"{login}-{secrets.token_hex(4)}-cert.pub"
        path.write_bytes(builder.sign(told["authority"]).public_bytes() + b"\n")
        return path

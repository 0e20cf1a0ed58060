"""The demonstration's bastion and its stand-in for a lab's harness: files, commands, addresses.

In production both are elsewhere: deploy/bastion/, docs/harness-adapter.md.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from scif.runtime.keys import secret_bytes
from scif.runtime.places import Places

BASTION_PORT, LAPTOPS_PORT, HARNESS_PORT = 8022, 8023, 9101


@dataclass(frozen=True)
class Laptops:
    """Where everything about laptops is in one installation."""

    places: Places

    @property
    def host(self) -> str:
        """A loopback address of this installation's own, so that two never meet.

        Other systems than Linux have one loopback address; there only one runs at a time.
        """
        if sys.platform != "linux":
            return "127.0.0.1"
        mark = hashlib.sha256(os.fsencode(self.places.var.resolve())).digest()
        return f"127.{mark[0]}.{mark[1]}.{1 + mark[2] % 254}"

    @property
    def directory(self) -> Path:
        """Files of both."""
        return self.places.var / "laptops"

    @property
    def control(self) -> Path:
        """The bastion's control socket."""
        return self.places.run / "bastion"

    @property
    def harness_control(self) -> Path:
        """The harness adapter's control socket."""
        return self.places.run / "harness"

    @property
    def known_hosts(self) -> Path:
        """The bastion's public key, as a laptop's image holds it."""
        return self.directory / "known_hosts"

    def environment(self) -> dict[str, str]:
        """What the control process and the laptop of the scripted visit are told."""
        return {
            "BASTION_CONTROL": str(self.control),
            "BASTION_ADDRESS": f"{self.host}:{BASTION_PORT}",
            "SESSION_LISTEN": f"{self.host}:{LAPTOPS_PORT}",
            "HARNESS_CONTROL": f"{self.host}={self.harness_control}",
        }

    def bastion(self) -> list[str]:
        """Write the bastion's files; gives its command without the interpreter."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        host_key = self.directory / "host_key"
        fresh = Ed25519PrivateKey.generate()
        kept = secret_bytes(
            host_key,
            fresh.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        )
        public = _public_of(kept)
        self.known_hosts.write_bytes(b"bastion " + public + b"\n")
        authority = bytes.fromhex((self.places.keys / "session_ca.ed25519").read_text().strip())
        signer = Ed25519PrivateKey.from_private_bytes(authority).public_key()
        (self.directory / "user_ca.pub").write_bytes(
            signer.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n"
        )
        values: Mapping[str, object] = {
            "listen_host": self.host,
            "listen_port": BASTION_PORT,
            "host_key": host_key,
            "user_ca": self.directory / "user_ca.pub",
            "ledger": self.directory / "bastion.sqlite",
            "control_socket": self.control,
            "control_uid": os.getuid(),
            "control_group": -1,
            "silence": 5.0,
            "longest_message": 65_536,
            "backlog": 1_000,
            "certificate_seconds": 120,
            "login_seconds": 20,
            "waiting_logins": 100,
            "keepalive_seconds": 10,
            "keepalive_misses": 3,
            "lease": 1_000_000,
            "report_seconds": 1.0,
            "drain_seconds": 1.0,
            "key_bytes": 64,
            "key_pause": 2.0,
            "burst_gap": 1.0,
        }
        config = self.directory / "bastion.toml"
        lines = (
            f"{name} = {json.dumps(str(each)) if isinstance(each, str | Path) else each}\n"
            for name, each in values.items()
        )
        config.write_text("".join(lines), "utf-8")
        return ["-m", "terminals.bastion", "--config", str(config)]

    def harness(self, engagements: Sequence[str]) -> list[str]:
        """Write the stand-in's file, a port for each engagement; gives its command."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        config = self.directory / "harness.json"
        config.write_text(
            json.dumps(
                {
                    "ledger": str(self.directory / "harness.sqlite"),
                    "control_key": str(self.places.keys / "harness.pub"),
                    "control_socket": str(self.harness_control),
                    "listeners": {
                        reference: {"host": self.host, "port": HARNESS_PORT + number}
                        for number, reference in enumerate(engagements)
                    },
                    "seed": 7,
                    "step_seconds": 0.2,
                    "outbox": str(self.places.var / "airlock" / "outbox"),
                    "inbox": str(self.places.var / "airlock" / "inbox"),
                }
            ),
            "utf-8",
        )
        return ["-m", "terminals.harness.stand_in", "--config", str(config)]


def _public_of(private: bytes) -> bytes:
    key = load_ssh_private_key(private, None)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)

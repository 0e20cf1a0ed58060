"""A laptop of the demonstration: its TPM in software, its agent's questions, its `ssh`.

It shares no code with what judges it: a quote is put together as the TPM 2.0 Library, Part 2 says.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

PCRS = {0: b"\x10" * 32, 7: b"\x17" * 32, 11: b"\x1b" * 32}
PATIENCE_SECONDS = 15.0
_RESTRICTED_SIGNING = 0x00050072
_SCHEME = bytes.fromhex("000000100018000b00030010")
_HEAD = bytes.fromhex("ff5443478018")  # TPM_GENERATED, TPM_ST_ATTEST_QUOTE
_SELECTED = bytes.fromhex("00000001000b03810800")  # SHA-256: PCR 0, 7, 11


@dataclass
class Kiosk:
    """A laptop from the factory: every one has other keys."""

    serial: str
    keys: Path
    known_hosts: Path
    tpm: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    endorsement: bytes = field(default_factory=lambda: os.urandom(32))
    ssh: "subprocess.Popen[bytes] | None" = None
    _at: tuple[str, int] = ("", 0)
    _place: "TemporaryDirectory[str]" = field(default_factory=TemporaryDirectory)

    @property
    def attestation_public(self) -> bytes:
        """TPM2B_PUBLIC of its restricted signing key."""
        return _sized(self._area)

    @property
    def endorsement_public(self) -> bytes:
        """TPM2B_PUBLIC of its endorsement key."""
        return _sized(self.endorsement)

    @property
    def _area(self) -> bytes:
        point = self.tpm.public_key().public_numbers()
        head = bytes.fromhex("0023000b") + _RESTRICTED_SIGNING.to_bytes(4, "big")
        x, y = (_sized(each.to_bytes(32, "big")) for each in (point.x, point.y))
        return head + _SCHEME + x + y

    def quote(self, nonce: bytes) -> tuple[bytes, bytes]:
        """TPMS_ATTEST and TPMT_SIGNATURE over what it runs."""
        parent = sha256(bytes.fromhex("4000000b000b") + sha256(self.endorsement).digest()).digest()
        name = b"\x00\x0b" + sha256(self._area).digest()
        signer = b"\x00\x0b" + sha256(b"\x00\x0b" + parent + name).digest()
        clock = (1).to_bytes(8, "big") + bytes(8) + b"\x01" + bytes(8)
        digest = sha256(b"".join(PCRS[each] for each in sorted(PCRS))).digest()
        attest = _HEAD + _sized(signer) + _sized(nonce) + clock + _SELECTED + _sized(digest)
        r, t = decode_dss_signature(self.tpm.sign(attest, ec.ECDSA(hashes.SHA256())))
        numbers = b"".join(_sized(each.to_bytes(32, "big")) for each in (r, t))
        return attest, bytes.fromhex("0018000b") + numbers

    def attest(self) -> dict[str, str]:
        """Answer a nonce, nothing more: as it does when it boots at the desk."""
        return self._ask({"ask": "attest"})

    def sign_in(self, badge: bytes, pin: str) -> dict[str, str]:
        """A person shows his badge and types his PIN; a key is made for this session alone."""
        key = Ed25519PrivateKey.generate()
        self._key.write_bytes(
            key.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
        )
        self._key.chmod(0o600)
        line = key.public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
        told = {"badge": badge.hex(), "pin": pin, "key": line.decode()}
        answer = self._ask({"ask": "session", **told})
        if "certificate" in answer:
            self._key.with_name("key-cert.pub").write_text(answer["certificate"] + "\n")
        return answer

    def connect(self, answer: dict[str, str]) -> None:
        """Stock `ssh` that forwards a port of the laptop's to the harness."""
        host, _, port = answer["bastion"].rpartition(":")
        self._at = (host, _free_port(host))
        options = (
            "IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self.known_hosts}", "GlobalKnownHostsFile=none",
            "HostKeyAlias=bastion", f"CertificateFile={self._key.with_name('key-cert.pub')}",
            "ExitOnForwardFailure=yes",
        )  # fmt: skip
        words = [word for option in options for word in ("-o", option)]
        forward = f"{host}:{self._at[1]}:{answer['harness']}"
        ssh = shutil.which("ssh") or "/usr/bin/ssh"
        self.ssh = subprocess.Popen(  # noqa: S603  no word of it comes from outside
            [ssh, "-F", "none", "-p", port, "-i", str(self._key), *words,
             "-N", "-L", forward, f"{answer['login']}@{host}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def query(self, operation: str, body: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Ask the harness through the session; None where nothing answers in time."""
        way = http.client.HTTPConnection(*self._at, timeout=seconds)
        try:
            way.request("POST", f"/v1/{operation}", json.dumps(body).encode())
            return dict(json.loads(way.getresponse().read()))
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            way.close()

    def ended(self) -> bool:
        """Whether its `ssh` has ended."""
        return self.ssh is None or self.ssh.poll() is not None

    def close(self) -> None:
        """Switch it off."""
        if self.ssh is not None and self.ssh.poll() is None:
            self.ssh.kill()
            self.ssh.wait()
        self._place.cleanup()

    @property
    def _key(self) -> Path:
        return Path(self._place.name) / "key"

    def _ask(self, told: dict[str, str]) -> dict[str, str]:
        context = ssl.create_default_context(cafile=self.keys / "laptops.crt")
        context.check_hostname = False  # its image knows this one certificate and no other
        host, _, port = os.environ["SESSION_LISTEN"].rpartition(":")
        raw = socket.create_connection((host, int(port)), PATIENCE_SECONDS)
        with context.wrap_socket(raw) as talk, talk.makefile("rwb") as lines:
            _say(lines, {"ask": "nonce", "serial": self.serial})
            heard = json.loads(lines.readline())
            if "nonce" not in heard:
                return dict(heard)
            quote, signature = self.quote(bytes.fromhex(heard["nonce"]))
            _say(lines, {**told, "quote": quote.hex(), "signature": signature.hex()})
            return dict(json.loads(lines.readline()))


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _say(lines: Any, message: dict[str, str]) -> None:
    lines.write(json.dumps(message).encode() + b"\n")
    lines.flush()

"""The certificate that opens a session: short-lived, for one grant, from one address. Pure."""

import base64
import hashlib
import secrets
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
    load_ssh_public_key,
)

from scif.kernel.errors import Refused

# Clocks of laptop, bastion and control process differ by a little.
BEFORE_SECONDS = 5
LONGEST_KEY = 1_000


def certificate(
    authority: Ed25519PrivateKey, *, key: str, grant: str, source: str, at: datetime, seconds: int
) -> str:
    """An OpenSSH user certificate for a public key, as a line.

    Login name, only principal and forced command are the grant's id; it permits forwarding and
    nothing else, from ``source`` alone, for ``seconds`` in all. Refuses (``key_unusable``) a key
    that is neither Ed25519 nor ECDSA.
    """
    begins = int(at.timestamp()) - BEFORE_SECONDS
    public = _public(key)
    builder = (
        SSHCertificateBuilder()
        .public_key(public)
        .serial(secrets.randbits(63))
        .type(SSHCertificateType.USER)
        .key_id(grant.encode())
        .valid_principals([grant.encode()])
        .valid_after(begins)
        .valid_before(begins + seconds)
        .add_critical_option(b"force-command", grant.encode())
        .add_critical_option(b"source-address", _network(source).encode())
        .add_extension(b"permit-port-forwarding", b"")
    )
    return builder.sign(authority).public_bytes().decode()


def key_digest(line: str) -> bytes:
    """SHA-256 of the public key as OpenSSH's fingerprint has it; refuses what cannot be certified.

    Of the key itself, so that a comment or a blank in the line makes no other of it.
    """
    blob = _public(line).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1]
    return hashlib.sha256(base64.b64decode(blob)).digest()


def _public(line: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    try:
        public = load_ssh_public_key(line[:LONGEST_KEY].encode())
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if isinstance(public, Ed25519PublicKey | EllipticCurvePublicKey):
        return public
    raise Refused("key_unusable", "This is no public key that a session can have.")


def _network(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"

"""Secrets of an installation, a file each (mode 0600), made once with the system's randomness.

A key file holds the raw key in hexadecimal and a newline, as `scif.kernel.keys` reads it; the
report's signing key is a PKCS#12 file, because that is what PDF tools take. docs/keys.md says which
process holds which key and how it is rotated.
"""

import datetime as dt
import os
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from hardware.wrapping import wrapping_key

# Ed25519 pairs: NAME.ed25519 (32-byte seed) and NAME.pub.
SIGNING_KEYS = ("journal", "control", "session_ca", "harness")
# Symmetric keys and their lengths in bytes.
SYMMETRIC_KEYS = {"pin.hmac": 32, "osdp.master": 32, "nfc.master": 16}
_REPORT_YEARS = 10


def make_keys(directory: Path) -> None:
    """Make every key of the centre that is absent. Raises OSError."""
    for name in SIGNING_KEYS:
        _pair(directory, name)
    for name, length in SYMMETRIC_KEYS.items():
        _hex(directory / name, length)
    if not (directory / "report.p12").exists():
        secret_bytes(directory / "report.p12", _report_key())
    if not (directory / "laptops.pem").exists():
        secret_bytes(directory / "laptops.pem", _laptops_key())
    if not (directory / "laptops.crt").exists():
        secret_bytes(directory / "laptops.crt", _public_half(directory / "laptops.pem"))
    if not (directory / "report.crt").exists():
        secret_bytes(directory / "report.crt", _certificate(directory / "report.p12"))


def make_gateway_key(directory: Path, gateway: str) -> None:
    """Make a gateway's own keys, where they are absent: of its store, its seals, its readers.

    That of its readers follows from the centre's ``osdp.master``, which is made if it is absent.
    """
    _hex(directory / f"store.{gateway}.aes", 32)
    _pair(directory, f"edge.{gateway}")
    master = bytes.fromhex(_hex(directory / "osdp.master", SYMMETRIC_KEYS["osdp.master"]))
    readers = wrapping_key(master, gateway)
    secret_bytes(directory / f"readers.{gateway}.siv", f"{readers.hex()}\n".encode())


def _pair(directory: Path, name: str) -> None:
    seed = bytes.fromhex(_hex(directory / f"{name}.ed25519", 32))
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    secret_bytes(directory / f"{name}.pub", f"{public.hex()}\n".encode())


def _hex(path: Path, length: int) -> str:
    return secret_bytes(path, f"{secrets.token_hex(length)}\n".encode()).decode().strip()


def _report_key() -> bytes:
    """Make the key that signs reports, with a certificate of its own (PKCS#12, no passphrase)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Facility reports")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=365 * _REPORT_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        # PDF validators want non-repudiation (content commitment) of who signs a document.
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"report", key, certificate, None, NoEncryption())


def _laptops_key() -> bytes:
    """Make the TLS key of the place where laptops ask, with a certificate that they pin (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Laptop sessions")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=365 * _REPORT_YEARS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _public_half(pem: Path) -> bytes:
    """The certificate alone, for those who check it (PEM)."""
    return x509.load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.PEM)


def _certificate(archive: Path) -> bytes:
    """The public half of the report's key, for those who check signatures (PEM)."""
    _, certificate, _ = pkcs12.load_key_and_certificates(archive.read_bytes(), None)
    return certificate.public_bytes(Encoding.PEM) if certificate else b""


def secret_text(path: Path) -> str:
    """Give the secret kept in `path`; make one (256 bits, printable) where there is none."""
    return secret_bytes(path, secrets.token_urlsafe(32).encode()).decode()


def secret_bytes(path: Path, fresh: bytes) -> bytes:
    """Give what `path` holds, or write `fresh` there, readable by its owner only.

    INVARIANT: a key is complete or absent, and a kept one is never overwritten.
    """
    if path.exists():
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    return fresh

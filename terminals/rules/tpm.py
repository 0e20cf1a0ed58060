"""The few structures of a TPM 2.0 that an attestation is made of, read byte by byte.

Source: TCG TPM 2.0 Library, Part 2 (Structures). Integers are big-endian. INVARIANT: every length
is bounded before it is used, nothing may be left over, and what does not fit raises
:class:`Malformed` and nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec

TPM_ALG_SHA256 = 0x000B
TPM_ALG_NULL = 0x0010
TPM_ALG_ECDSA = 0x0018
TPM_ALG_ECC = 0x0023
TPM_ECC_NIST_P256 = 0x0003
TPM_RH_ENDORSEMENT = 0x4000000B
# "TCG" after 0xff: a TPM signs with a restricted key nothing else that begins so.
TPM_GENERATED = 0xFF544347
TPM_ST_ATTEST_QUOTE = 0x8018

# TPMA_OBJECT: bits that an attestation key must have, and one that it must not.
FIXED_TPM, FIXED_PARENT, MADE_INSIDE = 1 << 1, 1 << 4, 1 << 5
RESTRICTED, DECRYPT, SIGN = 1 << 16, 1 << 17, 1 << 18
ATTESTS = FIXED_TPM | FIXED_PARENT | MADE_INSIDE | RESTRICTED | SIGN

COORDINATE = 32
MOST_NAME = 34  # algorithm and SHA-256
MOST_DATA = 64
MOST_SELECTED = 4
MOST_BYTES = 1024


class Fault(StrEnum):
    """What is wrong with bytes; words for each stand in ``attestation_wording.py``."""

    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    FIELD_TOO_LONG = "field_too_long"
    LEFT_OVER = "left_over"
    NOT_ECC = "not_ecc"
    NOT_SHA256 = "not_sha256"
    NOT_RESTRICTED = "not_restricted"
    NOT_SIGNING = "not_signing"
    NOT_ECDSA = "not_ecdsa"
    NOT_P256 = "not_p256"
    NOT_ON_CURVE = "not_on_curve"
    NOT_CANONICAL = "not_canonical"
    BANKS = "banks"
    HEARTBEAT = "heartbeat"


class Malformed(Exception):
    """The bytes are not the structure; ``fault`` says why not."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Reader:
    """Takes fields off the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        if len(data) > MOST_BYTES:
            raise Malformed(Fault.TOO_LONG)
        self._data, self._at = data, 0

    def number(self, size: int) -> int:
        """An unsigned integer of ``size`` bytes."""
        return int.from_bytes(self.take(size), "big")

    def sized(self, most: int) -> bytes:
        """A TPM2B: a length of two bytes and that many bytes, ``most`` at the most."""
        size = self.number(2)
        if size > most:
            raise Malformed(Fault.FIELD_TOO_LONG)
        return self.take(size)

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self._at + size
        if end > len(self._data):
            raise Malformed(Fault.TOO_SHORT)
        taken, self._at = self._data[self._at : end], end
        return taken

    def end(self) -> None:
        """Refuse what is left over."""
        if self._at != len(self._data):
            raise Malformed(Fault.LEFT_OVER)

    def expect(self, size: int, wanted: int, fault: Fault) -> None:
        """A number that has to be this one."""
        if self.number(size) != wanted:
            raise Malformed(fault)


@dataclass(frozen=True, slots=True)
class AttestationKey:
    """A restricted ECDSA P-256 key of a TPM: it signs what the TPM itself has measured."""

    public: ec.EllipticCurvePublicKey
    # SHA-256 of its public area; with the algorithm before it, the TPM's name of the key.
    digest: bytes


def attestation_key(blob: bytes) -> AttestationKey:
    """Read a TPM2B_PUBLIC (``tpm2_createak -u``) of a key that can attest.

    Raises :class:`Malformed` where it is another kind of key: one that signs what it is given, can
    leave its TPM, or was made outside.
    """
    outer = Reader(blob)
    area = outer.sized(MOST_BYTES)
    outer.end()
    found = Reader(area)
    found.expect(2, TPM_ALG_ECC, Fault.NOT_ECC)
    found.expect(2, TPM_ALG_SHA256, Fault.NOT_SHA256)
    attributes = found.number(4)
    if attributes & ATTESTS != ATTESTS or attributes & DECRYPT:
        raise Malformed(Fault.NOT_RESTRICTED)
    found.sized(MOST_DATA)
    found.expect(2, TPM_ALG_NULL, Fault.NOT_SIGNING)
    found.expect(2, TPM_ALG_ECDSA, Fault.NOT_ECDSA)
    found.expect(2, TPM_ALG_SHA256, Fault.NOT_SHA256)
    found.expect(2, TPM_ECC_NIST_P256, Fault.NOT_P256)
    found.expect(2, TPM_ALG_NULL, Fault.NOT_SIGNING)
    x, y = (int.from_bytes(found.sized(COORDINATE), "big") for _ in range(2))
    found.end()
    try:
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise Malformed(Fault.NOT_ON_CURVE) from error
    return AttestationKey(public, sha256(area).digest())


def endorsement_digest(blob: bytes) -> bytes:
    """SHA-256 of the public area of an endorsement key, given as TPM2B_PUBLIC: which TPM it is."""
    outer = Reader(blob)
    area = outer.sized(MOST_BYTES)
    outer.end()
    if not area:
        raise Malformed(Fault.TOO_SHORT)
    return sha256(area).digest()


def qualified_name(key: AttestationKey, endorsement: bytes) -> bytes:
    """How a TPM names a key below its endorsement key (Part 1, 16.5): in each of its quotes."""
    parent = _named(TPM_RH_ENDORSEMENT.to_bytes(4, "big") + _name(endorsement))
    return _named(parent + _name(key.digest))


def _name(digest: bytes) -> bytes:
    return TPM_ALG_SHA256.to_bytes(2, "big") + digest


def _named(data: bytes) -> bytes:
    return _name(sha256(data).digest())

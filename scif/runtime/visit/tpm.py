"""The TPM of the demonstration's laptop, in software.

It shares no code with what judges it: a quote is put together as the TPM 2.0 Library, Part 2 says.
"""

import os
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

PCRS = {0: b"\x10" * 32, 7: b"\x17" * 32, 11: b"\x1b" * 32}
_RESTRICTED_SIGNING = 0x00050072
_SCHEME = bytes.fromhex("000000100018000b00030010")
_HEAD = bytes.fromhex("ff5443478018")  # TPM_GENERATED, TPM_ST_ATTEST_QUOTE
_SELECTED = bytes.fromhex("00000001000b03810800")  # SHA-256: PCR 0, 7, 11


@dataclass(frozen=True)
class SoftTpm:
    """From the factory: every one has other keys. What the agent needs of a TPM, and its names."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    endorsement: bytes = field(default_factory=lambda: os.urandom(32))

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
        point = self.key.public_key().public_numbers()
        head = bytes.fromhex("0023000b") + _RESTRICTED_SIGNING.to_bytes(4, "big")
        x, y = (_sized(each.to_bytes(32, "big")) for each in (point.x, point.y))
        return head + _SCHEME + x + y

    def sign(self, body: bytes) -> bytes:
        """TPMT_SIGNATURE over a text that is none of its own words."""
        r, t = decode_dss_signature(self.key.sign(body, ec.ECDSA(hashes.SHA256())))
        numbers = b"".join(_sized(each.to_bytes(32, "big")) for each in (r, t))
        return bytes.fromhex("0018000b") + numbers

    def quote(self, nonce: str) -> tuple[bytes, bytes]:
        """TPMS_ATTEST and TPMT_SIGNATURE over a nonce, in hex, and what it runs."""
        parent = sha256(bytes.fromhex("4000000b000b") + sha256(self.endorsement).digest()).digest()
        name = b"\x00\x0b" + sha256(self._area).digest()
        signer = b"\x00\x0b" + sha256(b"\x00\x0b" + parent + name).digest()
        clock = (1).to_bytes(8, "big") + bytes(8) + b"\x01" + bytes(8)
        digest = sha256(b"".join(PCRS[each] for each in sorted(PCRS))).digest()
        asked = _sized(bytes.fromhex(nonce))
        attest = _HEAD + _sized(signer) + asked + clock + _SELECTED + _sized(digest)
        return attest, self.sign(attest)


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data

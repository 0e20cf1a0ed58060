"""Quotes of a TPM, made without one: for tests that need many, and need them wrong in one place.

Shares no code with ``terminals/rules``: bytes are put together here as the TPM 2.0 Library, Part 2
says; ``RECORDED`` is what swtpm 0.7.1 with tpm2-tools 5.4 gave, so that both are held to it.
"""

import base64
import random
from dataclasses import dataclass, field, replace
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GOLDEN = {0: b"\x10" * 32, 7: b"\x17" * 32, 11: b"\x1b" * 32}
ATTESTS = 0x00050072  # fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign


def for_key(nonce: bytes, line: str) -> bytes:
    """What a TPM quotes for a session of an SSH key: over the nonce and the key's digest."""
    return sha256(nonce + sha256(base64.b64decode(line.split()[1])).digest()).digest()


def sized(data: bytes) -> bytes:
    """A TPM2B."""
    return len(data).to_bytes(2, "big") + data


@dataclass(frozen=True)
class Tpm:
    """A TPM with its endorsement key's public area and an attestation key below it."""

    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    endorsement_area: bytes = b"endorsement key of a test"
    attributes: int = ATTESTS

    @property
    def area(self) -> bytes:
        """TPMT_PUBLIC of the attestation key."""
        point = self.secret.public_key().public_numbers()
        head = bytes.fromhex("0023000b") + self.attributes.to_bytes(4, "big")
        scheme = bytes.fromhex("000000100018000b00030010")
        return (
            head + scheme + sized(point.x.to_bytes(32, "big")) + sized(point.y.to_bytes(32, "big"))
        )

    @property
    def public(self) -> bytes:
        """TPM2B_PUBLIC of the attestation key."""
        return sized(self.area)

    @property
    def endorsement_public(self) -> bytes:
        """TPM2B_PUBLIC of the endorsement key."""
        return sized(self.endorsement_area)

    @property
    def endorsement(self) -> bytes:
        """Digest of the endorsement key's public area."""
        return sha256(self.endorsement_area).digest()

    @property
    def signer(self) -> bytes:
        """The qualified name of the attestation key."""
        parent = sha256(bytes.fromhex("4000000b000b") + self.endorsement).digest()
        own = b"\x00\x0b" + sha256(self.area).digest()
        return b"\x00\x0b" + sha256(b"\x00\x0b" + parent + own).digest()

    def quote(self, nonce: bytes, golden: dict[int, bytes] | None = None) -> "Quote":
        """A sound quote over the values."""
        values = GOLDEN if golden is None else golden
        digest = sha256(b"".join(values[number] for number in (0, 7, 11))).digest()
        return Quote(self, self.signer, nonce, digest)


@dataclass(frozen=True)
class Quote:
    """The parts of a quote; ``replace`` one to make it wrong there."""

    tpm: Tpm
    signer: bytes
    nonce: bytes
    digest: bytes
    magic: bytes = bytes.fromhex("ff544347")
    kind: bytes = bytes.fromhex("8018")
    selection: bytes = bytes.fromhex("00000001000b03810800")
    after: bytes = b""

    @property
    def attest(self) -> bytes:
        """TPMS_ATTEST."""
        clock = (77).to_bytes(8, "big") + (1).to_bytes(4, "big") + bytes(4) + b"\x01"
        head = self.magic + self.kind + sized(self.signer) + sized(self.nonce) + clock + bytes(8)
        return head + self.selection + sized(self.digest) + self.after

    @property
    def signature(self) -> bytes:
        """TPMT_SIGNATURE over it."""
        return tpmt(self.tpm.secret.sign(self.attest, ec.ECDSA(hashes.SHA256())))

    def but(self, **wrong: bytes) -> "Quote":
        """The same with something else in one place, and signed so."""
        return replace(self, **wrong)  # type: ignore[arg-type]  # every part that is set is bytes


def tpmt(der: bytes) -> bytes:
    """A signature in DER as TPMT_SIGNATURE."""
    r, s = decode_dss_signature(der)
    return bytes.fromhex("0018000b") + sized(r.to_bytes(32, "big")) + sized(s.to_bytes(32, "big"))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Other bytes than these: one to four places changed, cut, doubled or put in."""
    while True:
        found = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(found)) if found else 0
            match chance.randrange(5):
                case 0 if found:
                    found[at] ^= 1 << chance.randrange(8)
                case 1 if found:
                    found[at] = chance.randrange(256)
                case 2:
                    del found[at : at + chance.randint(1, 8)]
                case 3:
                    found[at:at] = chance.randbytes(chance.randint(1, 8))
                case _:
                    found = found[:at] + found[at : at + 40] + found[at:]
        if bytes(found) != data:
            return bytes(found)


@dataclass(frozen=True)
class Recorded:
    """What a TPM gave, in its own files."""

    public: bytes
    endorsement_public: bytes
    nonce: bytes
    pcrs: dict[int, bytes]
    attest: bytes
    signature: bytes


RECORDED = Recorded(
    public=bytes.fromhex(
        "00580023000b00050072000000100018000b000300100020e33aae8d01a6f8ae4ee65b9bd5098de2a95343d7"
        "c2137bc659acb76d8473d3790020a5f06a00ae4a0bae90ee196dd44fa8cd99cb7d554bb1e9f8ebce969e5133"
        "d23f"
    ),
    endorsement_public=bytes.fromhex(
        "007a0023000b000300b20020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
        "000600800043001000030010002067aa58c2a5bbcc5b360b2394431746b152dba5f4bcac9aebdf0ef637d012"
        "00a40020aa925267c30e0c9131be9ebd22edec3bb2828dd755eec04552662b61570c97f8"
    ),
    nonce=bytes.fromhex("00112233445566778899aabbccddeeff" * 2),
    pcrs={
        0: bytes(32),
        7: bytes.fromhex("2ebe6807995c988b9d292b535a81546078d93d753a42bf8d15ddcaf2d84be200"),
        11: bytes(32),
    },
    attest=bytes.fromhex(
        "ff54434780180022000ba273cd64962e54d68538461495f686f0ed0464863b3240fe78dcec63248f55880020"
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00000000000001b000000001"
        "0000000001201910230016363600000001000b03810800002049755b94354e0784ab8f946055ee1b233ee195"
        "62d229ab15dd137fed18430f3e"
    ),
    signature=bytes.fromhex(
        "0018000b00205ab6d49011399ecaf511b0c680980e5c8ff1e68ac2087a4b6c79644560421cf5002050dd58cc"
        "846e8034fae4054b0764ddad6381fd21378864a7e3b31d061fddd845"
    ),
)

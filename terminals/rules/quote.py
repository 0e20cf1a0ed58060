"""Does this quote prove that this terminal runs this image, now?

Pure: bytes in, a verdict out. What a terminal sends may be anything; an answer that is not in
every part what was asked for is refused with a reason, and nothing raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from terminals.rules.tpm import (
    COORDINATE,
    MOST_DATA,
    MOST_NAME,
    MOST_SELECTED,
    TPM_ALG_ECDSA,
    TPM_ALG_SHA256,
    TPM_GENERATED,
    TPM_ST_ATTEST_QUOTE,
    AttestationKey,
    Fault,
    Malformed,
    Reader,
    attestation_key,
    qualified_name,
)

# Firmware, Secure Boot's keys and state, and the unified kernel image (systemd-stub).
PCRS = (0, 7, 11)
NONCE_BYTES = 32
DIGEST_BYTES = 32
CLOCK_INFO = 8 + 4 + 4 + 1


class Why(StrEnum):
    """Why a quote is refused; a stable word, kept with the attestation."""

    KEY = "key_unusable"
    MALFORMED = "malformed"
    NOT_A_QUOTE = "not_a_quote"
    SIGNATURE = "signature_wrong"
    SIGNER = "other_tpm"
    NONCE = "nonce_wrong"  # or it is for another session's key
    LATE = "too_late"
    WITHDRAWN = "image_withdrawn"
    PCRS = "other_pcrs"
    IMAGE = "other_image"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``why`` is None where the quote is accepted."""

    why: Why | None = None

    @property
    def accepted(self) -> bool:
        """Whether it proves what was asked."""
        return self.why is None

    @property
    def own(self) -> bool:
        """Whether the terminal's own TPM has answered, and this question; whoever knows a serial
        number can have one asked, and answers anything.
        """
        return self.why in {None, Why.PCRS, Why.IMAGE}

    @property
    def damning(self) -> bool:
        """Whether the terminal's own TPM says that it runs something else.

        Everything else may come from somebody in between, who must not be able to put a sound
        terminal out of service.
        """
        return self.why is Why.IMAGE


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a TPM says in a quote (TPMS_ATTEST with TPMS_QUOTE_INFO)."""

    signer: bytes
    nonce: bytes
    selected: frozenset[int]
    digest: bytes


class _RefusedQuote(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def quote_check(
    quote: bytes,
    signature: bytes,
    *,
    key: bytes,
    endorsement: bytes,
    nonce: bytes,
    golden: Mapping[int, bytes],
    session_key: bytes = b"",
) -> Verdict:
    """Judge a quote against what is on record.

    ``quote`` is a TPMS_ATTEST, ``signature`` a TPMT_SIGNATURE; ``key`` the terminal's attestation
    key as TPM2B_PUBLIC, ``endorsement`` the digest of its endorsement key's public area, ``nonce``
    what was asked, ``golden`` the image's value of each PCR in :data:`PCRS`. Where a session is
    asked for, ``session_key`` is the digest of the public key that it is to be for, and the quote
    must be over both (:func:`qualifying`): it opens nothing for another key.
    """
    try:
        _check(quote, signature, _key(key), endorsement, qualifying(nonce, session_key), golden)
    except _RefusedQuote as refused:
        return Verdict(refused.why)
    except Malformed:
        return Verdict(Why.MALFORMED)
    return Verdict()


def _key(blob: bytes) -> AttestationKey:
    try:
        return attestation_key(blob)
    except Malformed as error:
        raise _RefusedQuote(Why.KEY) from error


def _check(
    quote: bytes,
    signature: bytes,
    key: AttestationKey,
    endorsement: bytes,
    asked: bytes,
    golden: Mapping[int, bytes],
) -> None:
    # The signature first: whatever is read after it is the TPM's own word.
    try:
        key.public.verify(signature_der(signature), quote, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise _RefusedQuote(Why.SIGNATURE) from error
    said = quoted(quote)
    if said.signer != qualified_name(key, endorsement):
        raise _RefusedQuote(Why.SIGNER)
    if said.nonce != asked:
        raise _RefusedQuote(Why.NONCE)
    if said.selected != frozenset(PCRS):
        raise _RefusedQuote(Why.PCRS)
    if said.digest != golden_digest(golden):
        raise _RefusedQuote(Why.IMAGE)


def qualifying(nonce: bytes, session_key: bytes = b"") -> bytes:
    """What a TPM is asked to quote: the nonce, or SHA-256 of the nonce and a session key's digest.

    Two digests in a row have one meaning only, and no nonce that the centre chooses is the digest
    of another. Refuses a nonce or a digest of another length.
    """
    if len(nonce) != NONCE_BYTES or len(session_key) not in {0, DIGEST_BYTES}:
        raise _RefusedQuote(Why.NONCE)
    return sha256(nonce + session_key).digest() if session_key else nonce


def golden_digest(golden: Mapping[int, bytes]) -> bytes:
    """What a TPM quotes where each PCR has its value: SHA-256 of the values in rising order."""
    values = [golden.get(number, b"") for number in PCRS]
    if any(len(value) != DIGEST_BYTES for value in values):
        raise _RefusedQuote(Why.IMAGE)
    return sha256(b"".join(values)).digest()


def quoted(quote: bytes) -> Quoted:
    """Read a TPMS_ATTEST; raises :class:`Malformed`, or a refusal where it is no quote."""
    found = Reader(quote)
    if found.number(4) != TPM_GENERATED or found.number(2) != TPM_ST_ATTEST_QUOTE:
        raise _RefusedQuote(Why.NOT_A_QUOTE)
    signer = found.sized(MOST_NAME)
    nonce = found.sized(MOST_DATA)
    found.take(CLOCK_INFO)
    found.take(8)  # firmware version: PCR 0 tells more
    found.expect(4, 1, Fault.BANKS)
    found.expect(2, TPM_ALG_SHA256, Fault.NOT_SHA256)
    size = found.number(1)
    if size > MOST_SELECTED:
        raise Malformed(Fault.FIELD_TOO_LONG)
    bits = int.from_bytes(found.take(size), "little")
    digest = found.sized(DIGEST_BYTES)
    found.end()
    selected = frozenset(number for number in range(8 * size) if bits >> number & 1)
    return Quoted(signer, nonce, selected, digest)


def signature_der(signature: bytes) -> bytes:
    """A TPMT_SIGNATURE of ECDSA with SHA-256 as DER, each number in its one canonical length."""
    found = Reader(signature)
    found.expect(2, TPM_ALG_ECDSA, Fault.NOT_ECDSA)
    found.expect(2, TPM_ALG_SHA256, Fault.NOT_SHA256)
    r, s = (_number(found.sized(COORDINATE)) for _ in range(2))
    found.end()
    return encode_dss_signature(r, s)


def _number(data: bytes) -> int:
    if not data or (len(data) < COORDINATE and data[0] == 0):
        raise Malformed(Fault.NOT_CANONICAL)
    return int.from_bytes(data, "big")

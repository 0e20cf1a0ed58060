"""Attestation with a TPM in software: swtpm and tpm2-tools against our own judge."""

from collections.abc import Iterator
from hashlib import sha256

import pytest

from terminals.rules.quote import Verdict, Why, quote_check
from terminals.rules.tpm import attestation_key, endorsement_digest
from tests.soft_tpm import SoftTpm, soft_tpm

pytestmark = pytest.mark.tpm
NONCE = bytes(range(32))


@pytest.fixture(scope="module")
def tpm() -> Iterator[SoftTpm]:
    with soft_tpm() as running:
        running.measure(7, b"\x07" * 32)
        running.measure(11, b"\x0b" * 32)
        yield running


def judged(
    tpm: SoftTpm,
    quoted: tuple[bytes, bytes],
    golden: dict[int, bytes],
    *,
    of: SoftTpm | None = None,
    session_key: bytes = b"",
) -> Verdict:
    enrolled = of or tpm
    return quote_check(
        *quoted,
        key=enrolled.public,
        endorsement=endorsement_digest(enrolled.endorsement_public),
        nonce=NONCE,
        golden=golden,
        session_key=session_key,
    )


def test_its_key_can_attest(tpm: SoftTpm) -> None:
    assert len(attestation_key(tpm.public).digest) == 32


def test_the_image_that_was_measured_is_accepted(tpm: SoftTpm) -> None:
    assert judged(tpm, tpm.quote(NONCE), tpm.pcrs()).accepted


def test_another_image_is_refused(tpm: SoftTpm) -> None:
    golden = tpm.pcrs()
    with soft_tpm() as other:
        other.measure(7, b"\x07" * 32)
        other.measure(11, b"\x0c" * 32)
        assert judged(other, other.quote(NONCE), golden).why is Why.IMAGE


def test_a_stale_nonce_is_refused(tpm: SoftTpm) -> None:
    assert judged(tpm, tpm.quote(NONCE[::-1]), tpm.pcrs()).why is Why.NONCE


def test_a_quote_for_another_session_s_key_is_refused(tpm: SoftTpm) -> None:
    """As the agent's window has it quoted: over the nonce and the key's digest."""
    mine, other = b"\x0a" * 32, b"\x0b" * 32
    quoted = tpm.quote(sha256(NONCE + mine).digest())
    assert judged(tpm, quoted, tpm.pcrs(), session_key=mine).accepted
    assert judged(tpm, quoted, tpm.pcrs(), session_key=other).why is Why.NONCE
    assert judged(tpm, quoted, tpm.pcrs()).why is Why.NONCE
    assert judged(tpm, tpm.quote(NONCE), tpm.pcrs(), session_key=mine).why is Why.NONCE


def test_a_forged_quote_is_refused(tpm: SoftTpm) -> None:
    """The values changed after the TPM has signed."""
    attest, signature = tpm.quote(NONCE)
    forged = attest[:-1] + bytes([attest[-1] ^ 1])
    assert judged(tpm, (forged, signature), tpm.pcrs()).why is Why.SIGNATURE


def test_another_laptops_quote_is_refused(tpm: SoftTpm) -> None:
    with soft_tpm() as other:
        assert judged(other, other.quote(NONCE), other.pcrs(), of=tpm).why is Why.SIGNATURE


def test_other_pcrs_are_refused(tpm: SoftTpm) -> None:
    assert judged(tpm, tpm.quote(NONCE, "sha256:0,7"), tpm.pcrs()).why is Why.PCRS

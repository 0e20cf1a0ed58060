"""A quote proves what it says or is refused with the reason; no bytes break the judge."""

import random
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from terminals.rules.quote import Verdict, Why, quote_check
from terminals.rules.tpm import Malformed, attestation_key, endorsement_digest
from tests.quotes import ATTESTS, GOLDEN, ORDER, RECORDED, Quote, Tpm, mutated, sized, tpmt

NONCE = bytes(range(32))
TPM = Tpm()
SOUND = TPM.quote(NONCE)


def judged(quote: Quote, *, tpm: Tpm = TPM, nonce: bytes = NONCE) -> Verdict:
    return quote_check(
        quote.attest,
        quote.signature,
        key=tpm.public,
        endorsement=tpm.endorsement,
        nonce=nonce,
        golden=GOLDEN,
    )


def judged_bytes(attest: bytes, signature: bytes, key: bytes = TPM.public) -> Verdict:
    return quote_check(
        attest, signature, key=key, endorsement=TPM.endorsement, nonce=NONCE, golden=GOLDEN
    )


def test_a_quote_recorded_from_a_tpm_is_accepted() -> None:
    endorsement = endorsement_digest(RECORDED.endorsement_public)
    verdict = quote_check(
        RECORDED.attest,
        RECORDED.signature,
        key=RECORDED.public,
        endorsement=endorsement,
        nonce=RECORDED.nonce,
        golden=RECORDED.pcrs,
    )
    assert verdict == Verdict()


def test_a_sound_quote_is_accepted() -> None:
    assert judged(SOUND).accepted


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"magic": b"\xff\x54\x43\x46"}, Why.NOT_A_QUOTE),
        ({"kind": b"\x80\x17"}, Why.NOT_A_QUOTE),
        ({"signer": Tpm().signer}, Why.SIGNER),
        ({"nonce": NONCE[::-1]}, Why.NONCE),
        ({"nonce": b""}, Why.NONCE),
        ({"nonce": NONCE + b"\0"}, Why.NONCE),
        ({"selection": bytes.fromhex("00000001000b03810000")}, Why.PCRS),
        ({"selection": bytes.fromhex("00000001000b03ffffff")}, Why.PCRS),
        ({"selection": bytes.fromhex("0000000100040381080000")}, Why.MALFORMED),
        ({"selection": bytes.fromhex("00000002000b03810800000403000000")}, Why.MALFORMED),
        ({"selection": bytes.fromhex("00000000")}, Why.MALFORMED),
        ({"digest": b"\x01" * 32}, Why.IMAGE),
        ({"digest": b""}, Why.IMAGE),
        ({"after": b"\0"}, Why.MALFORMED),
    ],
)
def test_a_quote_that_is_signed_but_not_what_was_asked(wrong: dict[str, bytes], why: Why) -> None:
    assert judged(SOUND.but(**wrong)).why is why


def test_a_quote_for_a_session_s_key_is_good_for_that_key_alone() -> None:
    mine, other = b"\x0a" * 32, b"\x0b" * 32
    bound = TPM.quote(sha256(NONCE + mine).digest())

    def why(quote: Quote, session_key: bytes, nonce: bytes = NONCE) -> Why | None:
        return quote_check(
            quote.attest, quote.signature, key=TPM.public, endorsement=TPM.endorsement,
            nonce=nonce, golden=GOLDEN, session_key=session_key,
        ).why  # fmt: skip

    assert why(bound, mine) is None
    assert why(bound, other) is Why.NONCE
    assert why(bound, b"") is Why.NONCE
    assert why(bound, mine, NONCE[::-1]) is Why.NONCE
    assert why(SOUND, mine) is Why.NONCE, "a quote for no key is good for none"
    assert why(TPM.quote(sha256(NONCE + mine[:31]).digest()), mine[:31]) is Why.NONCE


def test_the_same_selection_in_four_bytes_is_the_same() -> None:
    assert judged(SOUND.but(selection=bytes.fromhex("00000001000b0481080000"))).accepted


def test_another_image_is_the_tpms_own_word_and_nothing_else_is() -> None:
    other = TPM.quote(NONCE, GOLDEN | {11: b"\x2b" * 32})
    assert judged(other).damning
    assert not judged(SOUND, nonce=NONCE[::-1]).damning
    forged = Tpm().quote(NONCE, GOLDEN | {11: b"\x2b" * 32})
    assert judged(forged) == Verdict(Why.SIGNATURE)


def test_another_key_is_refused() -> None:
    assert judged(Tpm().quote(NONCE)).why is Why.SIGNATURE


def test_the_same_key_in_another_tpm_is_refused() -> None:
    assert judged(replace(TPM, endorsement_area=b"another").quote(NONCE)).why is Why.SIGNER


def test_a_short_nonce_on_record_accepts_nothing() -> None:
    assert judged(TPM.quote(b""), nonce=b"").why is Why.NONCE


@pytest.mark.parametrize("missing", [{}, {0: b"", 7: GOLDEN[7], 11: GOLDEN[11]}])
def test_an_image_without_its_values_accepts_nothing(missing: dict[int, bytes]) -> None:
    verdict = quote_check(
        SOUND.attest,
        SOUND.signature,
        key=TPM.public,
        endorsement=TPM.endorsement,
        nonce=NONCE,
        golden=missing,
    )
    assert verdict.why is Why.IMAGE


@pytest.mark.parametrize(
    "attributes",
    [
        ATTESTS & ~(1 << 16),  # not restricted: signs a quote that somebody typed
        ATTESTS & ~(1 << 1),  # can leave its TPM
        ATTESTS & ~(1 << 4),
        ATTESTS & ~(1 << 5),  # was made outside
        ATTESTS & ~(1 << 18),
        ATTESTS | 1 << 17,
    ],
)
def test_a_key_that_can_be_made_to_lie_attests_nothing(attributes: int) -> None:
    loose = replace(TPM, attributes=attributes)
    assert judged(loose.quote(NONCE), tpm=loose).why is Why.KEY
    with pytest.raises(Malformed):
        attestation_key(loose.public)


def test_a_point_off_the_curve_is_no_key() -> None:
    broken = TPM.public[:-1] + bytes([TPM.public[-1] ^ 1])
    assert judged_bytes(SOUND.attest, SOUND.signature, broken).why is Why.KEY


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes.fromhex("0014000b") + sized(b"\1" * 32) + sized(b"\1" * 32),  # RSASSA
        bytes.fromhex("00180004") + sized(b"\1" * 32) + sized(b"\1" * 32),  # SHA-1
        bytes.fromhex("0018000b") + sized(b"") + sized(b""),
        bytes.fromhex("0018000b") + sized(b"\0" * 32) + sized(b"\0" * 32),
        bytes.fromhex("0018000b") + sized(b"\xff" * 32) + sized(b"\xff" * 32),
        bytes.fromhex("0018000b") + sized(b"\0\1") + sized(b"\1" * 32),
        bytes.fromhex("0018000b") + sized(b"\1" * 33) + sized(b"\1" * 32),
        SOUND.signature + b"\0",
        b"\0" * 5000,
    ],
    ids=lambda _: "signature",  # the key is new at each start, and names must not be
)
def test_a_signature_of_another_make_is_refused(signature: bytes) -> None:
    assert judged_bytes(SOUND.attest, signature).why in {Why.MALFORMED, Why.SIGNATURE}


def test_what_is_signed_with_another_number_for_s_is_the_same_statement() -> None:
    """ECDSA lets anybody turn s round; that proves no more and no less: the nonce is used once."""
    attest, signature = SOUND.attest, SOUND.signature
    r = int.from_bytes(signature[6:38], "big")
    s = int.from_bytes(signature[40:], "big")
    turned = bytes.fromhex("0018000b") + sized(r.to_bytes(32, "big"))
    turned += sized((ORDER - s).to_bytes(32, "big"))
    assert not judged_bytes(attest, turned).damning


@settings(deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_get_an_answer(attest: bytes, signature: bytes, key: bytes) -> None:
    assert not judged_bytes(attest, signature).accepted
    assert not judged_bytes(SOUND.attest, SOUND.signature, key).accepted


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_mutated_quote_is_accepted(chance: random.Random) -> None:
    attest, signature, key = SOUND.attest, SOUND.signature, TPM.public
    assert not judged_bytes(mutated(attest, chance), signature).accepted
    assert not judged_bytes(attest, mutated(signature, chance)).accepted
    assert not judged_bytes(attest, signature, mutated(key, chance)).accepted


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_a_tpm_signs_of_other_bytes_is_refused(chance: random.Random) -> None:
    """Past the signature: each field is judged for itself."""
    other = mutated(SOUND.attest, chance)
    # Clock and firmware version are not asked about.
    same = other[:76] == SOUND.attest[:76] and other[101:] == SOUND.attest[101:]
    signature = tpmt(TPM.secret.sign(other, ec.ECDSA(hashes.SHA256())))
    assert judged_bytes(other, signature).accepted == (same and len(other) == len(SOUND.attest))

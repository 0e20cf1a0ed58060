"""A heartbeat is signed by the laptop's TPM and well formed, or it is nothing."""

import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from scif.kernel.errors import Refused
from terminals.rules.heartbeat import Answer, Event, heartbeat_read
from tests.quotes import Tpm, mutated, tpmt

TPM = Tpm()
SAID: dict[str, Any] = {
    "terminal": "a-laptop",
    "begun": 1_790_000_000_000,
    "seq": 7,
    "events": [{"kind": "lid", "seen": "/proc/lid: closed"}],
    "answer": {"nonce": "00" * 32, "quote": "ff", "signature": "00"},
}


def signed(body: bytes, tpm: Tpm = TPM) -> bytes:
    return tpmt(tpm.secret.sign(body, ec.ECDSA(hashes.SHA256())))


def test_what_the_agent_says_is_read() -> None:
    body = json.dumps(SAID).encode()
    heard = heartbeat_read(body, signed(body), TPM.public)
    assert (heard.terminal, heard.begun, heard.seq) == ("a-laptop", SAID["begun"], 7)
    assert heard.events == (Event("lid", "/proc/lid: closed"),)
    assert heard.answer == Answer("00" * 32, b"\xff", b"\0")


@pytest.mark.parametrize(
    "wrong",
    [
        {"terminal": 7},
        {"terminal": "a\x00b"},
        {"begun": -1},
        {"seq": True},
        {"seq": 2**60},
        {"seq": 1.5},
        {"events": "lid"},
        {"events": [{"kind": "lid", "seen": ""}] * 17},
        {"events": [{"kind": "pleased", "seen": ""}]},
        {"events": [{"kind": ["lid"], "seen": ""}]},
        {"events": [{"kind": "lid", "seen": "x" * 201}]},
        {"events": ["lid"]},
        {"answer": {}},
        {"answer": {"nonce": "00", "quote": "zz", "signature": ""}},
        {"answer": 3},
    ],
)
def test_signed_and_yet_no_heartbeat(wrong: dict[str, Any]) -> None:
    body = json.dumps(SAID | wrong).encode()
    with pytest.raises(Refused):
        heartbeat_read(body, signed(body), TPM.public)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"[" * 5000, b"\xff", b" " * 9000])
def test_signed_and_yet_no_json_object(body: bytes) -> None:
    with pytest.raises(Refused):
        heartbeat_read(body, signed(body), TPM.public)


def test_another_laptops_signature_is_refused() -> None:
    body = json.dumps(SAID).encode()
    with pytest.raises(Refused):
        heartbeat_read(body, signed(body, Tpm()), TPM.public)


def test_a_quote_is_no_heartbeat() -> None:
    quote = TPM.quote(bytes(32))
    with pytest.raises(Refused):
        heartbeat_read(quote.attest, quote.signature, TPM.public)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_mutated_heartbeat_is_heard(chance: random.Random) -> None:
    body = json.dumps(SAID).encode()
    with pytest.raises(Refused):
        heartbeat_read(mutated(body, chance), signed(body), TPM.public)


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_are_refused_and_nothing_else(body: bytes, signature: bytes, key: bytes) -> None:
    with pytest.raises(Refused):
        heartbeat_read(body, signature, key)

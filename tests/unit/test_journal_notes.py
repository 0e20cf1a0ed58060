"""Signed notes: ours against the published example, and against hostile input."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scif.journal import verifier
from scif.journal.notes import NoteError, Signer, TreeHead, VerifierKey

# The example of golang.org/x/mod/sumdb/note, which C2SP signed-note follows.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer("scif.test/journal", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HEAD = TreeHead("scif.test/journal", 7, bytes(32))
NOTE = SIGNER.sign(HEAD.text())


def test_published_note() -> None:
    key = VerifierKey.parse(PUBLISHED_KEY)
    assert str(key) == PUBLISHED_KEY
    assert key.verify(PUBLISHED_NOTE).startswith("If you think")
    with pytest.raises(NoteError, match="does not match"):
        key.verify(PUBLISHED_NOTE.replace("don't", "do"))


def test_a_checkpoint_is_read_back() -> None:
    assert TreeHead.parse(SIGNER.verifier.verify(NOTE)) == HEAD
    assert verifier.signed_by(NOTE, [verifier.read_key(str(SIGNER.verifier))])
    assert verifier.read_head(NOTE)[:3] == (HEAD.origin, HEAD.size, HEAD.root)


def test_a_second_signature_by_a_witness_does_no_harm() -> None:
    witnessed = NOTE + "— witness.example/w AAAAAAAA\n"
    assert SIGNER.verifier.verify(witnessed)
    assert verifier.signed_by(witnessed, [verifier.read_key(str(SIGNER.verifier))])


# The last letter of the signature holds bits that stand for nothing.
@given(st.integers(0, len(NOTE.encode()) - 4), st.integers(1, 255))
def test_no_changed_byte_passes(at: int, change: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[at] ^= change
    changed = raw.decode(errors="replace")
    keys = [verifier.read_key(str(SIGNER.verifier))]
    with pytest.raises(NoteError):
        SIGNER.verifier.verify(changed)
    assert not verifier.signed_by(changed, keys)


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nfeed"])
def test_an_origin_is_one_word(origin: str) -> None:
    with pytest.raises(NoteError, match="origin"):
        Signer(origin, SIGNER.private)


@pytest.mark.parametrize(
    "text", ["", "a", "a\n-1\nAAAA\n", "a\n1\nAAAA\n", "a\n01\nx\n", "\n1\n\n"]
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteError, match="not a checkpoint"):
        TreeHead.parse(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "a+zz+!!"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NoteError, match="not a"):
        VerifierKey.parse(text)

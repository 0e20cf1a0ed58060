"""The verifier's own Ed25519 against RFC 8032 and against `cryptography`."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from scif.journal.verifier import ed25519_verify

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
            "1cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
            "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
            "984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_published_vectors(public: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(part) for part in (public, message, signature))
    assert ed25519_verify(key, text, signed)
    assert not ed25519_verify(key, text + b"x", signed)


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_agrees_with_cryptography(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    assert ed25519_verify(public, message, private.sign(message))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_fails(at: int, change: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = bytearray(private.sign(b"text"))
    signature[at] ^= change
    assert not ed25519_verify(private.public_key().public_bytes_raw(), b"text", bytes(signature))


def test_a_signature_has_one_form() -> None:
    """RFC 8032: S below the group's order, or anybody could make a second valid signature."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = private.sign(b"text")
    s = int.from_bytes(signature[32:], "little") + ORDER
    public = private.public_key().public_bytes_raw()
    assert not ed25519_verify(public, b"text", signature[:32] + s.to_bytes(32, "little"))


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_nonsense_is_refused(public: bytes, signature: bytes) -> None:
    assert not ed25519_verify(public, b"text", signature)

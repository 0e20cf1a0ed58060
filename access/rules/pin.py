"""The verifier of a PIN: a keyed HMAC, so that the database alone tells nothing (R24)."""

import hmac


def pin_verifier(key: bytes, person_id: str, pin: str) -> str:
    """What the centre stores of a PIN: HMAC-SHA256 of person and PIN under ``pin.hmac``, in hex.

    The key lies outside the database (docs/keys.md), so that stolen rows tell no PIN.
    """
    return hmac.digest(key, f"pin\0{person_id}\0{pin}".encode(), "sha256").hex()


def pin_matches(key: bytes, person_id: str, pin: str, verifier: str | None) -> bool:
    """Whether a typed PIN is the one behind the verifier, in constant time."""
    typed = pin_verifier(key, person_id, pin)
    return hmac.compare_digest(typed.encode(), (verifier or "").encode())

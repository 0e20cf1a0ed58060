"""The verifier of a PIN: a keyed HMAC, so that the database alone tells nothing (R24)."""

import hashlib
import hmac


def pin_verifier(*, key: bytes, person_id: str, pin: str) -> str:
    """HMAC-SHA256 of person and PIN under ``pin.hmac``, in hex.

    The person's identifier has a fixed length, so the join is unambiguous; with it in, two people
    of one PIN have two verifiers.
    """
    return hmac.new(key, (person_id + pin).encode(), hashlib.sha256).hexdigest()


def pin_matches(*, key: bytes, person_id: str, pin: str, verifier: str) -> bool:
    """Whether a typed PIN is the one behind the verifier, in constant time."""
    return hmac.compare_digest(pin_verifier(key=key, person_id=person_id, pin=pin), verifier)

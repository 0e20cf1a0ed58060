"""How a key is named where the key itself must not stand."""

import hashlib


def fingerprint(scbk: bytes) -> str:
    """What may be told of a key: enough to know which it is, nothing to speak with."""
    return hashlib.sha256(b"osdp-scbk:" + scbk).hexdigest()[:16]

"""The mark of a PIN in the record of a read: whether it was typed under duress, told to nobody.

Every read with a PIN carries a mark of the same length. Only who holds the key of the PINs can tell
one kind from the other, so that no report, bundle, screen or log gives a duress code away.
"""

import hmac


def pin_mark(key: bytes, read_id: str, *, duress: bool) -> str:
    """The mark of a read: HMAC-SHA256 under ``pin.hmac``, in hex."""
    word = "duress" if duress else "plain"
    return hmac.digest(key, f"mark\0{read_id}\0{word}".encode(), "sha256").hex()


def is_duress_mark(key: bytes, read_id: str, mark: str) -> bool:
    """Whether the mark of a read says that its PIN was typed under duress."""
    expected = pin_mark(key, read_id, duress=True)
    return hmac.compare_digest(expected.encode(), mark.encode(errors="replace"))

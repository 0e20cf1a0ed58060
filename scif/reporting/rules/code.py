"""Verification codes as people type them."""

import re

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
# Crockford's base 32 takes letters that look alike for each other.
_ALIKE = str.maketrans("OIL", "011")


def code_read(typed: str) -> str | None:
    """A code in its printed form, ``7Q4K-XM2P-D93T-0VHF``; None if it cannot be one."""
    letters = re.sub(r"[\s-]", "", typed).upper().translate(_ALIKE)
    if not _CODE.fullmatch(letters):
        return None
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))

"""Secrets of an installation, a file each (mode 0600), made once with the system's randomness."""

import os
import secrets
from pathlib import Path


def secret_text(path: Path) -> str:
    """Give the secret kept in `path`; make one (256 bits, printable) where there is none."""
    return secret_bytes(path, secrets.token_urlsafe(32).encode()).decode()


def secret_bytes(path: Path, fresh: bytes) -> bytes:
    """Give what `path` holds, or write `fresh` there, readable by its owner only.

    INVARIANT: a key is complete or absent, and a kept one is never overwritten.
    """
    if path.exists():
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    return fresh

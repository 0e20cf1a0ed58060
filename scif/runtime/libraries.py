"""System libraries that no wheel brings: found, or installed where the user may do so."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Library:
    """Something of the operating system that a part of the project needs."""

    # Also the pytest marker of the tests that need it.
    name: str
    title: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def chromium() -> str | None:
    """Give the path of the installed browser that the tests drive."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def _nfc_present() -> bool:
    try:
        for name in ("libnfc.so.6", "libfreefare.so"):
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


NFC = Library("nfc", "libnfc and libfreefare", ("libnfc6", "libfreefare-dev"), _nfc_present)
BROWSER = Library("browser", "Chromium", ("chromium",), lambda: chromium() is not None)


def install(libraries: Iterable[Library]) -> str:
    """Install what is missing, where apt-get exists and may be used.

    Gives one line that names what is still missing and how to get it; empty when nothing is.
    """
    missing = [library for library in libraries if not library.present()]
    packages = [package for library in missing for package in library.packages]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (
            ["update"],
            ["install", "--yes", "--no-install-recommends", *packages],
        ):
            subprocess.run(  # noqa: S603  fixed words, no shell
                ["apt-get", "--quiet", *words],  # noqa: S607  the system's own
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        missing = [library for library in missing if not library.present()]
    if not missing:
        return ""
    names = ", ".join(library.title for library in missing)
    wanted = " ".join(package for library in missing for package in library.packages)
    return f"Missing on this machine: {names} (as root: apt-get install {wanted})."

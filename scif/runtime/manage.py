"""`python -m scif.runtime manage COMMAND …`: a command of manage.py beside the demonstration."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from scif.runtime.errors import CannotStart
from scif.runtime.lock import is_locked
from scif.runtime.places import make_places
from scif.runtime.postgres import Postgres
from scif.runtime.processes import PROJECT, WEB, Installation
from scif.runtime.valkey import Valkey


def manage(words: Sequence[str]) -> int:
    """Become the command, as the web's database role. Raises CannotStart, OSError."""
    var = Path(os.environ.get("SCIF_VAR") or PROJECT / "var").absolute()
    if not is_locked(var):
        raise CannotStart(
            "The demonstration does not run; start it with `make demo`, then give the command"
            " beside it"
        )
    keys = os.environ.get("SCIF_KEYS")
    places = make_places(var, Path(keys) if keys else None)
    installation = Installation(places, Postgres(places), Valkey(places), 0)
    os.chdir(PROJECT)
    os.execve(  # noqa: S606  our own interpreter, without a shell on purpose
        sys.executable,
        [sys.executable, "manage.py", *words],
        installation.environment(WEB, "manage"),
    )

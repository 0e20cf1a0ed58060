"""What may be asked of the machine room: the supervisor of a demonstration takes a process away.

The web signals nothing itself: it asks over the socket of the supervisor, which knows the same few
words and refuses every other. Where nobody supervises, there is no socket and nothing is done.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from hardware.models import Gateway
from hardware.simulators.client import SimulatorClient, SimulatorError
from scif.kernel.errors import Refused

DATABASE, BROKER = "postgres", "valkey"
SEQUENCER, INGESTER = "sequencer", "ingester"
AWAY = 20  # seconds: long enough to be seen and to try a badge in
FULL = 60  # seconds


@dataclass(frozen=True, slots=True)
class Machine:
    """A process as its supervisor sees it.

    ``back_in`` seconds it is started again (None: it runs), and for ``full_for`` more seconds the
    system refuses what it writes (None: it may write).
    """

    back_in: float | None
    full_for: float | None


def machine_of(gateway: Gateway) -> str:
    """The process of a gateway, as the supervisor calls it."""
    return f"gateway.{gateway.code}"


def machines() -> dict[str, Machine] | None:
    """Every process that can be asked for; None where nobody supervises."""
    try:
        answer = _room().ask("state")
    except (SimulatorError, LookupError):
        return None
    return {name: Machine(**each) for name, each in answer["machines"].items()}


def take_away(name: str, *, tap: dict[str, str] | None = None) -> str:
    """Kill the database or the broker and keep it away; it comes back without being asked.

    ``tap`` is a badge that is held to a reader meanwhile: no page can be asked for that.
    """
    _ask("away", name=name, seconds=AWAY, **({"tap": tap} if tap else {}))
    return _("It goes in half a second and comes back by itself %(seconds)d s later.") % {
        "seconds": AWAY
    }


def kill(name: str) -> str:
    """Kill a process that is started again at once."""
    _ask("kill", name=name)
    return _("It is killed in half a second, and started again.")


def disk_fill(gateway: Gateway) -> str:
    """Have the system refuse what a gateway writes, for a while."""
    _ask("fill", name=machine_of(gateway), seconds=FULL)
    words = _("%(gateway)s writes nothing any more, for %(seconds)d s.")
    return words % {"gateway": gateway.name, "seconds": FULL}


def disk_free(gateway: Gateway) -> str:
    """Let it write again."""
    _ask("free", name=machine_of(gateway))
    return _("%(gateway)s writes again.") % {"gateway": gateway.name}


def _ask(do: str, **args: Any) -> None:
    try:
        _room().ask(do, **args)
    except LookupError as error:
        raise Refused("no_machine_room", _("Nobody supervises this system.")) from error
    except SimulatorError as error:
        raise Refused("machine_refused", str(error)) from error


def _room() -> SimulatorClient:
    """The same few lines over a socket as to virtual devices. Raises LookupError."""
    path = Path(os.environ["SCIF_MACHINE_ROOM"])
    return SimulatorClient(path.parent, path.stem)

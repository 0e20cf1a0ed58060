"""How the bench and the scripted visit reach a process of virtual devices."""

import json
import socket
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 5.0


class SimulatorError(Exception):
    """The virtual devices are not there, or will not do what was asked; says why."""


class SimulatorClient:
    """One process of virtual devices, by the name of its configuration."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / f"{name}.sock"

    def ask(self, do: str, **args: Any) -> dict[str, Any]:
        """Ask for one thing; raises :class:`SimulatorError` where it was not done."""
        request = json.dumps({"do": do, **args}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(ANSWER_SECONDS)
                wire.connect(str(self._path))
                wire.sendall(request)
                with wire.makefile("rb") as lines:
                    answer = json.loads(lines.readline() or b"{}")
        except (OSError, ValueError) as error:
            raise SimulatorError(
                f"the virtual devices at {self._path.name} do not answer"
            ) from error
        if not answer.get("ok"):
            raise SimulatorError(str(answer.get("error", "no answer")))
        return dict(answer)

"""The child's end of the lines between it and the driver."""

import json
import os
import select
from typing import Any, NoReturn

STDIN, STDOUT = 0, 1


class Pipe:
    """The lines to and from the driver."""

    def __init__(self) -> None:
        self._pending = b""

    def say(self, said: str, **facts: Any) -> None:
        """Write one line; the driver reads all the time, so this does not block."""
        os.write(STDOUT, json.dumps({"said": said, **facts}).encode() + b"\n")

    def fatal(self, reason: str) -> NoReturn:
        """Say why, and end at once: a thread may be stuck in libnfc."""
        self.say("fatal", reason=reason)
        os._exit(1)

    def hear(self, seconds: float | None) -> list[dict[str, Any]]:
        """The requests that came within this time; ends the process with the driver."""
        ready, _, _ = select.select([STDIN], [], [], seconds)
        if not ready:
            return []
        data = os.read(STDIN, 4096)
        if not data:
            os._exit(0)
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [json.loads(line) for line in lines]

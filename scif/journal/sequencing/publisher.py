"""Tell the live screens what has a position. A message may be lost: each carries its position."""

import asyncio
import json
import logging
import queue
import threading
from typing import Any

from channels.layers import get_channel_layer

from scif.journal.sequencing.sequencer import Moved

logger = logging.getLogger(__name__)

GROUP = "journal"
_WAITING = 1000


class Publisher:
    """Sends batches to the channel layer's group ``journal``, in a thread of its own.

    A message is ``{"type": "journal.entries", "entries": [{"position", "kind", "facility",
    "subject": {"type", "id"}}]}``: no names. A broker that is down or slow never holds the
    journal up; screens that missed something ask for it by position.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[Moved | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._run, name="journal-publisher", daemon=True)
        self._thread.start()

    def put(self, moved: Moved) -> None:
        """Send a batch when its turn comes; dropped if the broker is too far behind."""
        try:
            self._queue.put_nowait(moved)
        except queue.Full:
            logger.warning("the broker is slow: entries from %s not announced", moved.first)

    def close(self, seconds: float = 2.0) -> None:
        """Send what waits, for at most so long."""
        try:
            self._queue.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)

    def _run(self) -> None:
        layer, reachable = get_channel_layer(), True
        with asyncio.Runner() as runner:
            while (moved := self._queue.get()) is not None:
                try:
                    runner.run(layer.group_send(GROUP, message(moved)))
                except Exception as error:
                    # Whatever ails the broker, the journal goes on.
                    if reachable:
                        logger.warning("the broker cannot be reached: %s", error)
                    reachable = False
                else:
                    reachable = True


def message(moved: Moved) -> dict[str, Any]:
    """A batch as the screens get it."""
    entries = []
    for position, text in enumerate(moved.headers, moved.first):
        header = json.loads(text)
        entries.append(
            {
                "position": position,
                "kind": header["kind"],
                "facility": header["facility"],
                "subject": header["subject"],
            }
        )
    return {"type": "journal.entries", "entries": entries}

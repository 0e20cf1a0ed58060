"""Who reads and writes the records for the loop, in threads of their own."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

from terminals.control.hush import Hush

logger = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN_SECONDS: Final = 1.0  # after the database was away


class Clerks:
    """So many who work beside each other; one alone does one thing after the other."""

    def __init__(self, count: int, name: str, hush: Hush) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name, initializer=hush.keep)

    async def do(self, act: Callable[..., T], *arguments: Any) -> T:
        """Do it; where the database is away, wait and do it again."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.run_in_executor(self._threads, _connected, act, *arguments)
            except (OperationalError, InterfaceError) as error:
                logger.warning("database away, trying again: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)

    def leave(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _connected(act: Callable[..., T], *arguments: Any) -> T:
    try:
        return act(*arguments)
    except (OperationalError, InterfaceError):
        connection.close()
        raise

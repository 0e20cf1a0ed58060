"""While a door's word is judged and ordered, nobody else of this process begins a query."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

LONGEST_SECONDS: Final = 0.1


class Hush:
    """Looking and writing take a processor for long, a query after the other, and Python runs one
    thread at a time: a judgement of a few milliseconds would take turns with them, and wait for
    many. So they wait for it, each before its next query, but no more than ``longest`` seconds:
    whoever judges may stand still, and the looks must go on.
    """

    def __init__(self, longest: float = LONGEST_SECONDS) -> None:
        self._longest = longest
        self._over = threading.Event()
        self._over.set()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Ask for it while this lasts; one at a time does."""
        self._over.clear()
        try:
            yield
        finally:
            self._over.set()

    def keep(self) -> None:
        """The calling thread keeps it from now on."""
        if self._wait not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._wait)

    def _wait(self, execute: Callable[..., Any], *query: Any) -> Any:
        self._over.wait(self._longest)
        return execute(*query)

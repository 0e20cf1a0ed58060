"""The broker, for a process that must outlive whatever lies in its queue.

Celery ends a worker whose consumer meets an error that its transport does not name, and one text
that is no message is enough. The doors live in this process, the way out included; so here every
error of the link or of a message means: take the link anew.
"""

from kombu.transport import TRANSPORT_ALIASES, redis

ALIAS = "enduring"


class Transport(redis.Transport):
    """Valkey. INVARIANT: nothing that lies in the broker ends the process."""

    # What Celery's consumer answers by connecting anew, and goes on.
    connection_errors = (*redis.Transport.connection_errors, Exception)


TRANSPORT_ALIASES[ALIAS] = f"{__name__}:Transport"


def enduring(url: str) -> str:
    """The broker's address with this transport in the place of Celery's own."""
    return ALIAS + url.removeprefix("redis")

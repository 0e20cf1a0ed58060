"""The process of a gateway: ``python -m scif.gateway NAME [options of a Celery worker]``.

The doors come first. Whoever waits outside after a restart waits for this process's own imports,
so neither Django's apps, nor Celery, nor the database's client is loaded before the buses are
taken; no task of another queue ever is.
"""

import logging.config
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.production")

from django.conf import settings

from access.decider import AccessDecider
from hardware.gateway.process import GatewayProcess, begin
from scif.kernel.clock import Clock, now
from scif.kernel.keys import KeyStore

WORKER = ("--loglevel", "INFO", "--without-gossip", "--without-mingle", "-P", "threads")


def take_doors(code: str) -> None:
    """Start the gateway of this name in this process."""
    begin(
        GatewayProcess(
            code,
            directory=settings.VAR_DIR / "gateways" / code,
            keys=settings.KEY_DIR,
            database=settings.DATABASES["default"],
            decider=AccessDecider(KeyStore(settings.KEY_DIR).secret("pin.hmac")),
            ports=settings.PORT_DIR,
            clock=clock_of(code),
        )
    )


def clock_of(code: str) -> Clock:
    """The system's clock; a demonstration may set it wrong for this gateway.

    INVARIANT: without `settings.SIMULATORS`, which production refuses, nothing stands between.
    """
    if not settings.SIMULATORS:
        return now
    from hardware.simulators.skew import skewed

    return skewed(settings.PORT_DIR, code, now)


def listen(code: str, options: list[str]) -> None:
    """Run the worker that brings people's commands to it, until the process is asked to end."""
    from celery import Celery

    from hardware import tasks
    from hardware.gateway.bootstep import install
    from hardware.gateway.broker import enduring

    # No fixup: Celery would set up Django with all its apps, of which a gateway uses none.
    app = Celery(
        "gateway", broker=enduring(settings.CELERY_BROKER_URL), fixups=(), set_as_current=True
    )
    app.conf.update(
        imports=[tasks.__name__],
        task_ignore_result=True,
        task_acks_late=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        # Whoever reaches the broker could end this process by a word of remote control.
        worker_enable_remote_control=False,
    )
    install(app)
    queue = f"gateway.{code}"
    app.worker_main(
        ["worker", "-Q", queue, "-n", f"{queue}@%h", "--gateway", code, *WORKER, *options]
    )


def main() -> None:
    """Take the doors, then listen."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: python -m scif.gateway NAME [options of a Celery worker]")
    logging.config.dictConfig(settings.LOGGING)
    take_doors(sys.argv[1])
    listen(sys.argv[1], sys.argv[2:])


if __name__ == "__main__":
    main()

"""The worker's step that runs a gateway, on the workers that are told ``--gateway NAME``.

A step of the worker, not of its consumer: it goes on when the broker is away.
"""

import logging
from collections.abc import Callable
from typing import Any

from celery import Celery, bootsteps
from click import Option
from django.conf import settings

from hardware.decider import Decider
from hardware.gateway.process import GatewayProcess
from scif.kernel.keys import KeyStore

logger = logging.getLogger(__name__)

MakeDecider = Callable[[KeyStore], Decider]
_running: list[GatewayProcess] = []


def running() -> GatewayProcess | None:
    """The gateway of this worker, while it runs."""
    return _running[0] if _running else None


def install(app: Celery, make_decider: MakeDecider) -> None:
    """Give the app's workers the option and the step; called by the composition root."""

    class GatewayStep(bootsteps.StartStopStep):  # type: ignore[misc] # celery has no types
        """Starts the gateway before the worker listens to the broker, and stops it after."""

        requires = {"celery.worker.components:Pool"}

        def __init__(self, parent: Any, gateway: str | None = None, **options: Any) -> None:
            super().__init__(parent, **options)
            self.code = gateway
            self.enabled = bool(gateway)

        def start(self, parent: Any) -> None:
            code = str(self.code)
            process = GatewayProcess(
                code,
                directory=settings.VAR_DIR / "gateways" / code,
                keys=settings.KEY_DIR,
                database=settings.DATABASES["default"],
                decider=make_decider(KeyStore(settings.KEY_DIR)),
                ports=settings.PORT_DIR,
            )
            process.start()
            _running.append(process)
            logger.info("gateway %s has taken its doors", code)

        def stop(self, parent: Any) -> None:
            while _running:
                _running.pop().stop()

        terminate = stop

    app.user_options["worker"].add(
        Option(("--gateway",), default=None, help="Run the gateway of this name in this worker.")
    )
    app.steps["worker"].add(GatewayStep)

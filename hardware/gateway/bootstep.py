"""The worker's step that runs a gateway, on the workers that are told ``--gateway NAME``.

A step of the worker, not of its consumer: it goes on when the broker is away. The doors themselves
were taken before Celery was so much as imported (``hardware.gateway.process.begin``): the step
ties their end to the worker's.
"""

import logging
from typing import Any

from celery import Celery, bootsteps
from click import Option

from hardware.gateway import process
from scif.kernel.memory import settle

logger = logging.getLogger(__name__)


def install(app: Celery) -> None:
    """Give the app's workers the option and the step; called by the composition root."""
    app.user_options["worker"].add(
        Option(("--gateway",), default=None, help="The gateway that runs in this worker.")
    )
    app.steps["worker"].add(GatewayStep)


class GatewayStep(bootsteps.StartStopStep):  # type: ignore[misc] # celery has no types
    """Goes before the worker listens to the broker, and releases the doors after it."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, parent: Any, gateway: str | None = None, **options: Any) -> None:
        super().__init__(parent, **options)
        self.code = gateway
        self.enabled = bool(gateway)

    def start(self, parent: Any) -> None:
        running = process.running()
        if running is None or running.gateway.config.code != self.code:
            raise RuntimeError(f"this process has not taken the doors of gateway {self.code}")
        settle()  # the worker has been loaded since
        logger.info("gateway %s runs in this worker", self.code)

    def stop(self, parent: Any) -> None:
        process.end()

    terminate = stop

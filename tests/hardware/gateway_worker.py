"""A Celery application with a gateway in its worker and the small decider; started by tests."""

import os

import django
from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.test")
django.setup()

from hardware.decider import Decider  # noqa: E402  settings come first
from hardware.gateway.bootstep import install  # noqa: E402
from hardware.tasks import command  # noqa: E402
from scif.kernel.keys import KeyStore  # noqa: E402
from tests.gateway_rig import SmallDecider  # noqa: E402

app = Celery("gateway_worker", broker=settings.CELERY_BROKER_URL)
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_hijack_root_logger=False,
)
TASKS = (command,)


def make_decider(keys: KeyStore) -> Decider:
    """The rig's decider."""
    return SmallDecider()


install(app, make_decider)

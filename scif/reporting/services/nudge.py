"""Tell the worker that a report waits. A lost nudge does no harm: beat looks for what waits."""

import logging
from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


def report_nudge(report_id: UUID) -> None:
    """Send the task once the request is committed."""
    transaction.on_commit(partial(_send, report_id))


def _send(report_id: UUID) -> None:
    try:
        current_app.send_task("reporting.produce", args=[str(report_id)], queue="work", retry=False)
    except Exception as error:  # the broker's client raises many kinds; the request is kept
        logger.warning("no worker was told of report %s: %s", report_id, error)

"""``manage.py ingester``: applies what gateways report and sends what people order."""

import contextlib
import logging
import select
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from hardware.services.command import command_expire
from hardware.services.delivery import delivery_watch
from hardware.services.dispatch import commands_send
from hardware.services.ingest import INGESTER, inbox_apply
from hardware.services.reader_key import reader_windows_expire
from hardware.services.rewiring import rewiring_lapse
from hardware.services.standing import standing_lapse
from scif.alarms.services import erasures_tell
from scif.kernel.clock import now

logger = logging.getLogger(__name__)
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('ingester', 0))"
CHANNELS = ("inbox_arrived", "command_requested")
POLL_SECONDS = 0.25
EXPIRE_SECONDS = 1.0


class Command(BaseCommand):
    """One ingester works at a time; a second one waits as a standby."""

    help = "Apply the events of the gateways and send commands to them"
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                self._work(stop)
            except OperationalError as error:
                logger.warning("database away, trying again: %s", error)
                connection.close()
                stop.wait(1)

    def _work(self, stop: threading.Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LOCK)
            row = cursor.fetchone()
            if not row or not row[0]:
                stop.wait(1)
                return
            for channel in CHANNELS:
                cursor.execute(f"LISTEN {channel}")
        expire_at, began = 0.0, now()
        while not stop.is_set():
            busy = inbox_apply() + commands_send()
            if time.monotonic() >= expire_at:
                command_expire(actor=INGESTER)
                standing_lapse(actor=INGESTER)
                rewiring_lapse(actor=INGESTER)
                delivery_watch(actor=INGESTER, since=began)
                reader_windows_expire(actor=INGESTER)
                erasures_tell(actor=INGESTER)
                expire_at = time.monotonic() + EXPIRE_SECONDS
            if not busy:
                self._wait()

    def _wait(self) -> None:
        raw = connection.connection
        with contextlib.suppress(InterruptedError):
            select.select([raw.fileno()], [], [], POLL_SECONDS)
        for _ in raw.notifies(timeout=0):
            pass

"""`manage.py sequencer`: gives every journal entry its position and signs the journal."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scif.journal.sequencing.process import run
from scif.journal.sequencing.sequencer import JournalMismatch
from scif.kernel.memory import settle

REFUSES = 3


class Command(BaseCommand):
    """Runs until SIGTERM; ends with status 3 on a journal that is not the one that was signed."""

    help = "Give journal entries their positions and sign checkpoints."
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        settle()
        try:
            run(stop)
        except JournalMismatch as error:
            raise CommandError(str(error), returncode=REFUSES) from error

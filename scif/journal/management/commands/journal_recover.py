"""`manage.py journal_recover --reason …`: after a restore, with the sequencer stopped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scif.journal.sequencing.recovery import NothingToRecover, recover
from scif.journal.sequencing.sequencer import JournalMismatch


class Command(BaseCommand):
    """Journals a signed statement that names the last published checkpoint."""

    help = "State, signed, that the journal was restored from a backup."
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, help="why the database was restored")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["reason"].strip():
            raise CommandError("State the reason of the restore.")
        try:
            head = recover(reason=options["reason"])
        except (JournalMismatch, NothingToRecover) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Recovery journaled at position {head.size - 1} and signed.")

"""`manage.py journal_verify`: checks the whole journal and names the first bad entry."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scif.journal.notes import NoteError, VerifierKey
from scif.journal.verification import verify_journal
from scif.journal.verifier import EXIT, Fault


class Command(BaseCommand):
    """Exit status as of ``verifier.py``. The key and the published checkpoint lie outside the
    database, in the journal's folder, unless others are named.
    """

    help = "Check the whole journal in the database."
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", help="the log's verifier key, or a file that holds it")
        parser.add_argument("--checkpoint", type=Path, help="a published checkpoint that you hold")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.VAR_DIR) / "journal"
        held = Path(options["key"] or folder / "vkey")
        text = held.read_text("utf-8") if held.is_file() else options["key"]
        note = options["checkpoint"] or folder / "checkpoint"
        try:
            key = VerifierKey.parse(text) if text else None
            published = note.read_text("utf-8") if options["checkpoint"] or note.is_file() else None
            result = verify_journal(key=key, published=published)
        except Fault as fault:
            raise CommandError(str(fault), returncode=EXIT.get(fault.what, 1)) from fault
        except (NoteError, OSError) as error:
            raise CommandError(str(error), returncode=EXIT["unreadable"]) from error
        self.stdout.write(
            f"{result.entries} entries hold; {result.signed} of them are under "
            f"{result.checkpoints} signed checkpoints; {result.erased} bodies erased, on record."
        )
        if key is None:
            self.stdout.write("The key came from the database: name one that you trust with --key.")

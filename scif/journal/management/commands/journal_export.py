"""`manage.py journal_export OUT`: a bundle for `verifier.py` on another machine."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from scif.journal.notes import NoteError, TreeHead
from scif.journal.selectors.bundle import NotSigned, bundle_lines
from scif.journal.tree import TreeBroken


class Command(BaseCommand):
    """Writes what is signed: the whole journal, or a range with a proof for each entry."""

    help = "Export journal entries so that verifier.py can check them elsewhere."
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path)
        parser.add_argument("--from", dest="first", type=int, help="first position")
        parser.add_argument("--to", dest="last", type=int, help="last position, included")
        parser.add_argument(
            "--checkpoint", type=Path, help="one the reader holds: prove that it is continued"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        first, last = options["first"], options["last"]
        if (first is None) != (last is None):
            raise CommandError("Name both --from and --to, or neither.")
        if first is not None and not 0 <= first <= last:
            raise CommandError("--from is at least 0 and at most --to.")
        positions = None if first is None else range(first, last + 1)
        partial = out.with_name(out.name + ".partial")
        count = -1
        try:
            earlier = None
            if options["checkpoint"]:
                earlier = TreeHead.parse(options["checkpoint"].read_text("utf-8"))
            # Names and free text: nobody but the exporter reads it.
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file, transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                for line in bundle_lines(positions, earlier=earlier):
                    file.write(line)
                    count += 1
            partial.replace(out)
        except (NotSigned, NoteError, TreeBroken, OSError) as error:
            partial.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} entries written to {out}.")

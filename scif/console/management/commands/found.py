"""``manage.py found FILE``: a facility, its gateways and its first officers, from a file."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.rules.founding import Founding, FoundingFault, founding_of
from access.services.founding import facility_found
from scif.people.management.operator import in_one_line, link_words, operator

STDIN = Path("-")


class Command(BaseCommand):
    """All of it or nothing; its officers go on at the screen."""

    help = (
        "Found a facility from a TOML file (docs/samples/found.toml) and print its officers' links"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument(
            "file", type=Path, help="like docs/samples/found.toml; - for standard input"
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        founding = _read(file)
        with in_one_line():
            founded = facility_found(founding=founding, actor=operator("found"))
        self.stdout.write(f"{founded.facility.name}: founded")
        for username, path in founded.links.items():
            self.stdout.write(link_words(username, path))


def _read(file: Path) -> Founding:
    try:
        content = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return founding_of(tomllib.loads(content.decode("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error
    except FoundingFault as error:
        raise CommandError(f"{error} Nothing was made.") from error

"""``manage.py seed_demo``: the demonstration's world, made once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from scif.console.demo.seed import seed


class Command(BaseCommand):
    """Refuses outside the demonstration; does nothing where facilities exist."""

    help = "Make the demonstration's facilities, people and history"
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        """Tests that need no past do without it."""
        parser.add_argument(
            "--no-history", dest="history", action="store_false", help="Make no past week"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SIMULATORS:
            raise CommandError("seed_demo belongs to the demonstration's settings only")
        with transaction.atomic():
            made = seed(history=options["history"])
        self.stdout.write("made" if made else "already there")

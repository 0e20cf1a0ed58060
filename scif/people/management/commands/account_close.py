"""``manage.py account_close USERNAME``: nobody signs in with it any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from scif.people.management.operator import in_one_line, operator
from scif.people.selectors.account import account_meant
from scif.people.services.account import account_close


class Command(BaseCommand):
    """What the account did stays on record under its name."""

    help = "Close an account: its sessions end and its links serve no more"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which account."""
        parser.add_argument("username", help="the name of the account")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        with in_one_line():
            account_close(user=account_meant(username), actor=operator("account_close"))
        self.stdout.write(f"{username}: closed")

"""``manage.py account_link USERNAME``: a new link for somebody who forgot the password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from scif.people.management.operator import in_one_line, link_words, operator
from scif.people.selectors.account import account_meant
from scif.people.services.account import account_link


class Command(BaseCommand):
    """The present password, if there is one, holds until the owner has set another."""

    help = "Print a link by which the owner of an account sets its password"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose link."""
        parser.add_argument("username", help="the name of the account")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        with in_one_line():
            path = account_link(user=account_meant(username), actor=operator("account_link"))
        self.stdout.write(link_words(username, path))

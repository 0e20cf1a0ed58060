"""``manage.py account_open USERNAME PERSON``: an account without a password, and its link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from scif.people.management.operator import in_one_line, link_words, operator
from scif.people.selectors.account import person_meant
from scif.people.services.account import account_create, account_link


class Command(BaseCommand):
    """The account may do nothing by itself: two officers give its person a role."""

    help = "Open an account for a person and print the link by which its owner sets the password"

    def add_arguments(self, parser: CommandParser) -> None:
        """The account's name, and whose it is."""
        parser.add_argument("username", help="the name to sign in with")
        parser.add_argument("person", help="identifier or exact name of the person")

    def handle(self, *args: Any, username: str, person: str, **options: Any) -> None:
        actor = operator("account_open")
        with in_one_line(), transaction.atomic():
            user = account_create(username=username, person=person_meant(person), actor=actor)
            path = account_link(user=user, actor=actor)
        self.stdout.write(link_words(username, path))

"""Accounts: made and closed by a service, journaled without any secret."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.models import Person, User


@transaction.atomic
def account_create(
    *, username: str, person: Person, password: str, staff: bool, actor: Actor
) -> User:
    """Open an account for a person; ``staff`` may enter the officers' pages.

    Raises ``ValidationError`` for a name that is taken or not allowed. What the account may do
    follows from the roles that its person is given at facilities.
    """
    user = User(username=username, person=person, is_staff=staff, password=make_password(password))
    user.full_clean()
    user.save()
    append(kind="account.created", actor=actor, subject=user, body={"username": username})
    return user

"""Sign-ins in the journal: done, refused, ended. No password is ever part of an entry."""

from django.db import transaction

from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.models import User

USERNAME_MOST = 150
PROCESS = Actor.system("sign_in")


@transaction.atomic
def sign_in_record(*, user: User, address: str) -> None:
    """Somebody has signed in from a network address."""
    append(
        kind="account.signed_in",
        actor=Actor.user(user.pk, user.person_id),
        subject=user,
        body={"username": user.get_username(), "address": address},
    )


@transaction.atomic
def sign_in_refuse(*, username: str, address: str) -> None:
    """A sign-in was refused. The name that was typed may be nobody's: it is kept as typed."""
    known = User.objects.filter(username=username).first()
    append(
        kind="account.refused",
        actor=PROCESS,
        subject=known or ("people.user", "unknown"),
        body={"username": username[:USERNAME_MOST], "address": address},
    )


@transaction.atomic
def sign_out_record(*, user: User) -> None:
    """Somebody has signed out."""
    append(kind="account.signed_out", actor=Actor.user(user.pk, user.person_id), subject=user)

"""Accounts: opened, linked and closed by whoever runs the installation; told without any secret.

INVARIANT: nobody but its owner sets an account's password (docs/adr/0015-accounts.md).
"""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.people.access import facility_of_act
from scif.people.models import Person, User

LINK = Actor.system("account_link")
VIEW = "people.view_person"


@transaction.atomic
def account_create(
    *, username: str, person: Person, actor: Actor, password: str | None = None
) -> User:
    """Open an account for a person; without a password nobody signs in before a link set one.

    Raises ``ValidationError`` for a name that is taken or not allowed, and for a person who has an
    account. What the account may do follows from the roles that its person is given at facilities.
    """
    user = User(username=username, person=person, password=make_password(password))
    user.full_clean()
    user.save()
    _tell("account.created", user, actor)
    return user


@transaction.atomic
def account_link(*, user: User, actor: Actor) -> str:
    """The path at which the account's owner sets its password: good once and for a limited time.

    Refuses for an account that is closed. INVARIANT: the path is handed over and kept nowhere.
    """
    found = _open(user)
    _tell("account.linked", found, actor)
    uid = urlsafe_base64_encode(force_bytes(found.pk))
    token = default_token_generator.make_token(found)
    return reverse("account_set", kwargs={"uidb64": uid, "token": token})


@transaction.atomic
def password_set(*, user: User, password: str, actor: Actor) -> None:
    """Set the password that the owner chose, with which links and other sessions end.

    ``user`` is the account as it was when its link or its old password was checked: refuses where
    another one was faster, so that a link serves once even if it is used twice at a time.
    """
    require(
        _open(user).password == user.password,
        "changed_meanwhile",
        _("The password of this account has been changed meanwhile."),
        _("Sign in with the new one, or ask whoever runs the installation for a new link."),
    )
    user.set_password(password)
    user.save(update_fields=["password"])
    _tell("account.password_set", user, actor)


@transaction.atomic
def account_close(*, user: User, actor: Actor) -> None:
    """Close an account: its sessions end, its links serve no more, its roles hold no longer."""
    found = _open(user)
    found.is_active = False
    found.save(update_fields=["is_active"])
    _tell("account.closed", found, actor)


def _open(user: User) -> User:
    """The account, locked; refuses for one that is closed."""
    found = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    require(
        found.is_active,
        "account_closed",
        _("The account %(name)s is closed.") % {"name": found.get_username()},
        _("Ask whoever runs the installation."),
    )
    return found


def _tell(kind: str, user: User, actor: Actor) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=user,
        facility=_facility(user),
        body={"username": user.get_username()},
    )


def _facility(user: User) -> UUID | None:
    """Whose officers read of it: the first facility that the person is of."""
    return facility_of_act(LINK, VIEW, user.person_id) if user.person_id else None

"""From a signed-in user to the actor that services take."""

from typing import Any

from scif.facilities.models import Record
from scif.kernel.actor import Actor
from scif.people.access import roles_held, visible
from scif.people.models import User
from scif.people.rules.roles import roles_with


def actor_of(request: Any) -> Actor:
    """The actor behind a request of a signed-in user."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("only a signed-in user acts")
    return Actor.user(user.pk, user.person_id)


def holds(request: Any, permission: str) -> bool:
    """Whether the signed-in user holds a permission at any facility.

    A page of the admin asks this of each list in its navigation; the roles are read once a request.
    """
    if "roles_held" not in request.__dict__:
        request.roles_held = roles_held(actor_of(request))
    return not roles_with(permission).isdisjoint(request.roles_held)


def holds_on(request: Any, record: Record, permission: str) -> bool:
    """Whether the signed-in user holds a permission on a record.

    A page of the admin asks this of the same record for each of its parts; it is read once a
    request. What is done to the record asks anew, in its service.
    """
    known: dict[tuple[Any, ...], bool] = request.__dict__.setdefault("records_held", {})
    key = (record._meta.label, record.pk, permission)
    if key not in known:
        rows = type(record)._default_manager.filter(pk=record.pk)
        known[key] = visible(rows, actor_of(request), permission).exists()
    return known[key]

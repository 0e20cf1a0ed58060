"""From a signed-in user to the actor that services take."""

from typing import Any

from scif.kernel.actor import Actor
from scif.people.models import User


def actor_of(request: Any) -> Actor:
    """The actor behind a request of a signed-in user."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("only a signed-in user acts")
    return Actor.user(user.pk, user.person_id)

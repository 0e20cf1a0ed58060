"""Browsers without a window, already signed in."""

from django.contrib.auth import get_user_model
from django.test import Client

from scif.people.models import User


def signed_in(who: str | User) -> Client:
    """A client with the session of a user, or of the one who has this login name."""
    client = Client()
    client.force_login(get_user_model().objects.get(username=who) if isinstance(who, str) else who)
    return client

"""What the commands about accounts share: who runs them, and what they say."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from scif.kernel.actor import Actor
from scif.kernel.errors import Refused

HOUR = 3600


def operator(command: str) -> Actor:
    """Whoever runs a command, by his login on the machine."""
    return Actor.system(f"manage.py {command}, {getpass.getuser()}")


def link_words(username: str, path: str) -> str:
    """A link for its owner; the installation's address stands before it."""
    hours = settings.PASSWORD_RESET_TIMEOUT // HOUR
    return f"{username}: {path} (good once, for {hours} hours)"


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what a service refuses into one line for whoever runs the command."""
    try:
        yield
    except Refused as error:
        raise CommandError(f"{error.message} {error.remedy}".strip()) from error
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error

"""The account of somebody who signs in."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.people.models.person import Person


class User(AbstractUser):
    """An account. What it may do follows from its roles per facility and from its person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="user", verbose_name=_("person")
    )

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return str(self.person) if self.person else self.get_username()

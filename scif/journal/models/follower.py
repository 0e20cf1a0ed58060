"""Durable cursors of whoever acts on the journal after the fact."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Follower(models.Model):
    """How far a follower (mail, webhooks) has read; advanced in the follower's transaction."""

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    position = models.BigIntegerField(_("next position"), default=0)
    advanced_at = models.DateTimeField(_("advanced"), null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = _("follower")
        verbose_name_plural = _("followers")

    def __str__(self) -> str:
        return self.name

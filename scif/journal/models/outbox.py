"""What services have journaled and the sequencer has not yet given a position."""

import json
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """An entry that waits for its position, written in the transaction of what it tells.

    ``id`` only keeps the order within a transaction: identity values become visible out of order,
    so it is never a position. Web may insert and read; only the sequencer removes.
    """

    id = models.BigAutoField(primary_key=True)
    header = models.TextField()
    salt = models.BinaryField()
    content = models.BinaryField()

    class Meta:
        managed = False
        db_table = "journal_outbox"
        ordering: ClassVar = ["id"]
        verbose_name = _("waiting journal entry")
        verbose_name_plural = _("waiting journal entries")

    def __str__(self) -> str:
        return str(self.fields["kind"])

    @property
    def fields(self) -> dict[str, Any]:
        """The header, read."""
        fields: dict[str, Any] = json.loads(self.header)
        return fields

    @property
    def data(self) -> Any:
        """The body, read."""
        return json.loads(bytes(self.content))

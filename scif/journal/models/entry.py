"""Entries of the journal: the header that every reader may prove, the body that may be erased."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """A leaf of the journal: a canonical header and the hash of the salted body.

    INVARIANT: positions have no gap, and no row is ever changed or removed (triggers on every
    partition). The named columns are computed by the database from ``header``, so they cannot
    tell anything else than what was hashed. Stands in partitions by position.
    """

    position = models.BigIntegerField(_("position"), primary_key=True)
    header = models.TextField(_("header"))
    body_hash = models.BinaryField()
    leaf_hash = models.BinaryField()
    kind = models.TextField(_("kind"))
    actor_kind = models.TextField(_("actor's kind"))
    actor_reference = models.TextField(_("actor"))
    subject_type = models.TextField(_("subject's type"))
    subject_id = models.TextField(_("subject"))
    facility_id = models.UUIDField(_("facility"), null=True)
    recorded_at = models.DateTimeField(_("recorded"))
    occurred_at = models.DateTimeField(_("occurred"))

    # Names beside the pseudonyms, for one reader and one page (scif/journal/naming.py).
    names: Mapping[tuple[str, str], str] = MappingProxyType({})

    class Meta:
        managed = False
        db_table = "journal_entry"
        ordering: ClassVar = ["position"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")

    def __str__(self) -> str:
        return f"{self.position} {self.kind}"

    @property
    def fields(self) -> dict[str, Any]:
        """The header, read."""
        fields: dict[str, Any] = json.loads(self.header)
        return fields


class Body(models.Model):
    """The erasable part of an entry: names, free text, details.

    ``salt`` and ``content`` are replaced by NULL together, by a purge of two people, and by
    nothing else; the entry's hash of them stays.
    """

    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        primary_key=True,
        db_column="position",
        db_constraint=False,
        related_name="body",
    )
    salt = models.BinaryField(null=True)
    content = models.BinaryField(null=True)

    class Meta:
        managed = False
        db_table = "journal_body"
        verbose_name = _("journal body")
        verbose_name_plural = _("journal bodies")

    def __str__(self) -> str:
        return str(self.entry_id)

    @property
    def erased(self) -> bool:
        """Whether the body was purged."""
        return self.content is None

    @property
    def data(self) -> Any:
        """The body, read; None where it was erased."""
        return None if self.content is None else json.loads(bytes(self.content))

"""The Merkle tree over the entries: full tiles, signed checkpoints, and who signed them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tile(models.Model):
    """A full tile of the tree (C2SP tlog-tiles): 256 hashes of 32 bytes, joined.

    Level 0 holds leaf hashes; a hash at level L is the root over 256 of level L - 1. Hashes right
    of the last full tile of a level are computed from the level below.
    """

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        managed = False
        db_table = "journal_tile"
        verbose_name = _("tile")
        verbose_name_plural = _("tiles")

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root (C2SP tlog-checkpoint, a signed note)."""

    size = models.BigIntegerField(_("entries"), primary_key=True)
    root = models.BinaryField()
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        managed = False
        db_table = "journal_checkpoint"
        ordering: ClassVar = ["size"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return str(self.size)


class Signer(models.Model):
    """A public key that has signed checkpoints, as a verifier key (C2SP signed-note)."""

    key_id = models.TextField(primary_key=True)
    vkey = models.TextField(_("verifier key"))
    first_used_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "journal_signer"
        ordering: ClassVar = ["first_used_at"]
        verbose_name = _("signer")
        verbose_name_plural = _("signers")

    def __str__(self) -> str:
        return self.vkey

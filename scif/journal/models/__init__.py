"""Models of the journal. All but the followers' cursors are made and guarded in SQL."""

from scif.journal.models.entry import Body, Entry
from scif.journal.models.follower import Follower
from scif.journal.models.outbox import Outbox
from scif.journal.models.tree import Checkpoint, Signer, Tile

__all__ = ["Body", "Checkpoint", "Entry", "Follower", "Outbox", "Signer", "Tile"]

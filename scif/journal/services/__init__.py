"""Services of the journal: append, follow, settle, purge."""

from scif.journal.services.append import GatewaySource, append
from scif.journal.services.follow import follow
from scif.journal.services.purge import body_purge
from scif.journal.services.settle import NotSettled, settle

__all__ = ["GatewaySource", "NotSettled", "append", "body_purge", "follow", "settle"]

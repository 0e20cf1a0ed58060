"""Admin pages of the journal."""

from scif.journal.admin.entry import EntryAdmin

__all__ = ["EntryAdmin"]

"""What can be read of the journal."""

from scif.journal.selectors.bundle import Bundle, bundle, bundle_bytes, bundle_lines
from scif.journal.selectors.entries import (
    checkpoint_over,
    entries_about,
    entries_at,
    entries_of_kind,
    entry_header,
    head_position,
    headers_of,
    positions_about,
    tail,
)
from scif.journal.selectors.freshness import Freshness, freshness

__all__ = [
    "Bundle",
    "Freshness",
    "bundle",
    "bundle_bytes",
    "bundle_lines",
    "checkpoint_over",
    "entries_about",
    "entries_at",
    "entries_of_kind",
    "entry_header",
    "freshness",
    "head_position",
    "headers_of",
    "positions_about",
    "tail",
]

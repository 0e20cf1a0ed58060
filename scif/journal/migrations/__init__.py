"""Schema of the journal."""

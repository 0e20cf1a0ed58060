"""Pages that show every part with demonstration data: for tests only, no part of the product."""

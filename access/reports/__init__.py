"""Reports of access: the record of a visit."""

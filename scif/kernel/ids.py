"""Identifiers. INVARIANT: no identifier that a person can see tells an order or a count."""

import secrets
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)
UserId = NewType("UserId", UUID)
FacilityId = NewType("FacilityId", UUID)
AreaId = NewType("AreaId", UUID)
PortalId = NewType("PortalId", UUID)
BookingId = NewType("BookingId", UUID)
VisitId = NewType("VisitId", UUID)

# Crockford's base 32: no I, L, O, U, so that a reference survives a telephone line.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(prefix: str, length: int = 6) -> str:
    """A random human-readable reference, for example ``B-7Q4KXM``; uniqueness is the database's."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"

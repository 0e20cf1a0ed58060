"""Facts as snapshot records and back: what the centre tells a gateway, and what a door reads.

| Kind | Key | Payload by |
|---|---|---|
| ``person`` | person's UUID | :func:`person_payload` |
| ``credential`` | hex SHA-256 of the card's number | :func:`credential_payload` |
| ``entry`` | UUID of the basis (the visit, the roster entry, …) | :func:`entry_payload` |
| ``area`` | area's UUID, as in the portal's record | :func:`area_payload` |
| ``policy`` | ``current`` | :func:`policy_payload` |
| ``zone`` | the zone's code | ``gateway_publish`` of ``hardware/services/installation.py`` |

INVARIANT: a record holds facts and validity intervals, never a verdict, so that what expires closes
a door that is cut off. A key that is missing or a word that is unknown raises, and so denies; a yes
counts only as JSON ``true``. No record holds a name.
"""

from access.rules.snapshot.door import facts_for_door, person_of
from access.rules.snapshot.entry import entry_from, entry_payload
from access.rules.snapshot.person import person_from, person_payload, pins_of
from access.rules.snapshot.place import (
    area_from,
    area_payload,
    credential_from,
    credential_payload,
    policy_from,
    policy_payload,
    zone_order_from,
)

__all__ = [
    "area_from",
    "area_payload",
    "credential_from",
    "credential_payload",
    "entry_from",
    "entry_payload",
    "facts_for_door",
    "person_from",
    "person_of",
    "person_payload",
    "pins_of",
    "policy_from",
    "policy_payload",
    "zone_order_from",
]

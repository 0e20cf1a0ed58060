"""Every text of a decision, by its stable code: plain English message identifiers.

The texts are marked for extraction by :func:`gettext_noop`; the Django side translates the
identifier first and fills its parameters afterwards. Each has one text per audience:

- ``message``, ``remedy``, ``who``: the officer's; may name compartments, states, dates, people.
- ``guard``: the act, no reason that the guard need not know.
- ``visitor``: what concerns the person himself, or :data:`SEE_GUARD`.
- the reader: one of :data:`READER_TEXTS`, the same whatever the reasons, or what it waits for.
"""

from access.rules.wording.base import AWAITED_TEXTS, READER_TEXTS, SEE_GUARD, Wording
from access.rules.wording.basis import BASIS
from access.rules.wording.desk import DESK
from access.rules.wording.door import DOOR
from access.rules.wording.obligations import OBLIGATION_TEXTS, OPEN_ITEM_TEXTS, Act
from access.rules.wording.person import PERSON
from access.rules.wording.place import PLACE
from access.rules.wording.zone import ZONE

WORDINGS: dict[str, Wording] = {**PERSON, **BASIS, **PLACE, **ZONE, **DESK, **DOOR}

__all__ = [
    "AWAITED_TEXTS",
    "OBLIGATION_TEXTS",
    "OPEN_ITEM_TEXTS",
    "READER_TEXTS",
    "SEE_GUARD",
    "WORDINGS",
    "Act",
    "Wording",
]

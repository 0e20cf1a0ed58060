"""The journal entries that tell of an engagement's use, as far as it is the reader's to read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from scif.journal.models import Entry
from scif.journal.selectors import entry_header
from terminals.selectors.use import (
    Use,
    anomalies_used,
    items_used,
    needs_used,
    sessions_used,
    visits_used,
)

# What an entry may be about, and which of these are the reader's.
SUBJECTS: Mapping[str, Callable[[Use], QuerySet[Any]]] = {
    "access.visit": visits_used,
    "access.needtoknow": needs_used,
    "terminals.session": sessions_used,
    "terminals.airlockitem": items_used,
    "terminals.anomaly": anomalies_used,
}


@dataclass(frozen=True, slots=True)
class EntryUsed:
    """An entry, and the record that it is about."""

    entry: Entry
    subject: Model


def entry_used(use: Use, position: int) -> EntryUsed | None:
    """The entry of a number, where it is about something that the reader's page of use tells of.

    INVARIANT: of any other entry it is not even said whether there is one.
    """
    entry = entry_header(position)
    known = SUBJECTS.get(entry.subject_type) if entry is not None else None
    if entry is None or known is None:
        return None
    try:
        subject = known(use).filter(pk=UUID(entry.subject_id)).first()
    except ValueError:
        return None
    return EntryUsed(entry, subject) if subject is not None else None

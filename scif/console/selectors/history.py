"""The entries about a record, as far as its reader's facilities go."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from scif.facilities.models import Record
from scif.journal.models import Entry
from scif.journal.selectors.entries import entries_about
from scif.people.models import Person


def history_of(record: Record, facilities: Collection[UUID]) -> QuerySet[Entry]:
    """What the journal says of a record that its reader may see, the newest first.

    A person may be of several facilities: what one of them asked about him or gave him stays there.
    His own data, and each record of its own page, are the same for all who see them.
    """
    entries = entries_about(record).order_by("-position")
    if not isinstance(record, Person):
        return entries
    here = Q(facility_id=None) | Q(facility_id__in=facilities)
    return entries.filter(here | Q(kind__startswith="person."))

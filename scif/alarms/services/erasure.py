"""Tell people that text of the journal was erased: two of them should know of it."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.utils.translation import ngettext

from scif.alarms.models import Gravity
from scif.alarms.services.alarm import alarm_raise
from scif.facilities.models import Facility
from scif.journal.models import Entry
from scif.journal.services import follow
from scif.kernel.actor import Actor

FOLLOWER = "erasures"


@transaction.atomic
def erasures_tell(*, actor: Actor) -> int:
    """Raise an alarm at each facility whose texts were erased since the last call; gives how many
    erasures there were. One that names no facility concerns them all.

    INVARIANT: no erasure is silent, whoever had it written.
    """
    found = defaultdict[UUID | None, list[Entry]](list)
    erasures = follow(FOLLOWER, kinds=("body.purged",))
    for entry in erasures:
        found[entry.facility_id].append(entry)
    for key, entries in found.items():
        facilities = Facility.objects.filter(pk=key) if key else Facility.objects.none()
        words = ngettext(
            "Text of %(count)d journal entry was erased, see entry %(position)d",
            "Text of %(count)d journal entries was erased, see entry %(position)d",
            len(entries),
        )
        for facility in facilities or Facility.objects.all():
            alarm_raise(
                facility=facility,
                gravity=Gravity.CHECK,
                kind="text_erased",
                subject="journal",
                message=words % {"count": len(entries), "position": entries[-1].position},
                actor=actor,
            )
    return len(erasures)

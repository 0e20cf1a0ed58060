"""Have bodies erased: a spill purge, or disposal at the end of retention."""

from collections.abc import Sequence

from django.db import transaction

from scif.journal.models import Body
from scif.journal.services.append import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require


@transaction.atomic
def body_purge(
    *, positions: Sequence[int], reason: str, requested_by: Actor, approved_by: Actor
) -> int:
    """Have the bodies at these positions erased; gives how many still have one.

    Needs two people (two-person integrity): whoever asks and another who approves; the caller
    checks their roles. Each erasure is an entry of its own, so that the log itself says which
    bodies are gone; the sequencer erases in the transaction that gives this entry its position,
    and nobody else can. The headers, the proofs and the checkpoints stay valid.
    """
    persons = {requested_by.person_id, approved_by.person_id}
    require(
        len(persons) == 2 and None not in persons,
        "second_person",
        "Erasing journal text needs two different people.",
        "Ask a colleague with the same role to approve.",
    )
    require(bool(reason.strip()), "reason_missing", "State why the text is erased.")
    facilities = dict(
        Body.objects.filter(pk__in=positions, content__isnull=False).values_list(
            "entry_id", "entry__facility_id"
        )
    )
    for position, facility in sorted(facilities.items()):
        append(
            kind="body.purged",
            actor=requested_by,
            subject=("journal.entry", str(position)),
            facility=facility,
            body={"reason": reason, "approved_by": approved_by.reference},
        )
    return len(facilities)

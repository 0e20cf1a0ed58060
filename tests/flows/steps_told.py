"""Steps of a visit in the journal, whatever the tables say."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from access.models import Visit
from access.rules.states import STEP_KINDS, VisitAction
from scif.journal.services import append
from tests.flows.journal_lab import ACTOR, Lab


def steps_told(lab: Lab, visit: Visit, steps: Iterable[tuple[str, datetime]]) -> None:
    """Each step with its moment, as the sequencer has numbered it."""
    with transaction.atomic():
        for kind, at in steps:
            append(
                kind=STEP_KINDS[VisitAction(kind)],
                actor=ACTOR,
                subject=visit,
                facility=visit.booking.area.facility_id,
                occurred_at=at,
            )
    sequencer = lab.sequencer()
    while sequencer.move():
        pass

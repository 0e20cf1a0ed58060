"""Asking about a person and a registered place: it looks into records, so that it is journaled."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.selectors.why import VIEW, VIEW_PERSON
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person
from terminals.selectors.place import places_for
from terminals.selectors.why_outside import OutsideAnswer, why_outside
from terminals.services.terminal import place_told


@transaction.atomic
def why_outside_ask(
    *, person_id: UUID, place_id: UUID, at: datetime, actor: Actor
) -> OutsideAnswer:
    """Would this person be given a laptop for that place, and work there, at that moment?

    Changes nothing but the journal. A person or place that the actor may not see raises
    ``DoesNotExist``, like an absent one.
    """
    place = places_for(actor, VIEW).get(pk=place_id)
    people = Person.objects.select_related("organisation")
    person = visible(people, actor, VIEW_PERSON).get(pk=person_id)
    answer = why_outside(person, place, at=at)
    append(
        kind="why.asked",
        actor=actor,
        subject=person,
        facility=place.facility_id,
        body={"at": at, "engagement": place.engagement.reference, **place_told(place)},
    )
    return answer

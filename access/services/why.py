"""Asking about a person: the question looks into his records, so that it is journaled itself."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.selectors.why import VIEW, VIEW_PERSON, Answer, Assumed, why
from scif.facilities.models import Portal
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person


@transaction.atomic
def why_ask(
    *, person_id: UUID, portal_id: UUID, at: datetime, assumed: Assumed, actor: Actor
) -> Answer:
    """Would this person get through this door at that moment? Changes nothing but the journal.

    A person or portal that the actor may not see raises ``DoesNotExist``, like an absent one.
    """
    portals = Portal.objects.select_related("zone__area__facility")
    portal = visible(portals, actor, VIEW).get(pk=portal_id)
    people = Person.objects.select_related("organisation")
    person = visible(people, actor, VIEW_PERSON).get(pk=person_id)
    answer = why(person, portal, at=at, assumed=assumed)
    append(
        kind="why.asked",
        actor=actor,
        subject=person,
        facility=answer.facility.pk,
        body={"portal": portal.code, "at": at, "assumed": assumed},
    )
    return answer

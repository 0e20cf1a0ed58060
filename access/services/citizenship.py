"""A person's citizenships after he was entered: caveats look at them, so two officers change them.

One that is added may be what a caveat asks for, one that is removed what it bars.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PersonChanged
from access.services.grant import by_two
from scif.facilities.services.reference import reference_save
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.people.access import facility_of_act, lock, visible
from scif.people.models import Citizenship, Person
from scif.people.services.person import CHANGE


@by_two(permission=CHANGE)
@transaction.atomic
def citizenship_add(*, person_id: UUID, country: str, actor: Actor) -> Citizenship:
    """Record a further citizenship; ``country`` is its two-letter code. Doors learn of it."""
    person = _person(person_id, actor)
    record = Citizenship(person=person, country=country)
    reference_save(record=record, actor=actor, facility=facility_of_act(actor, CHANGE, person.pk))
    publish(PersonChanged(person.pk))
    return record


@by_two(permission=CHANGE)
@transaction.atomic
def citizenship_remove(*, person_id: UUID, country: str, actor: Actor) -> Citizenship:
    """Take a citizenship from the record: given up, or entered by mistake. Doors learn of it.

    INVARIANT: nobody is left without any; of whom none is known, a caveat could say nothing.
    """
    person = _person(person_id, actor)
    held = {each.country: each for each in person.citizenships.all()}
    if country not in held:
        raise Refused("wrong_state", _("This citizenship is not on record."))
    require(
        len(held) > 1,
        "last_citizenship",
        _("It is the only citizenship on record."),
        _("Add the right one first."),
    )
    record = held[country]
    append(
        kind="citizenship.removed",
        actor=actor,
        subject=record,
        facility=facility_of_act(actor, CHANGE, person.pk),
        body={"person": str(person.pk), "country": country},
    )
    person.citizenships.filter(pk=record.pk).delete()
    publish(PersonChanged(person.pk))
    return record


def _person(person_id: UUID, actor: Actor) -> Person:
    """The person, whose citizenships change one after the other; never the officer himself."""
    person = lock(visible(Person.objects.all(), actor, CHANGE), person_id)
    require(
        person.pk != actor.person_id,
        "own_citizenship",
        _("Nobody changes his own citizenships."),
        _("Two other officers do."),
    )
    return person

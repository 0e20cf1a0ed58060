"""Names as the journal keeps them: in the erasable body, as they were when it happened.

An entry's header names its actor by a reference alone. Who reads the record years later needs the
name of that day, and today's table may hold another one.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from scif.kernel.actor import Actor
from scif.people.models import Person


def named(actor: Actor) -> dict[str, Any]:
    """``{"by": {"person", "name"}}`` of a person who acts; empty for gateways and processes."""
    if actor.person_id is None:
        return {}
    person = Person.objects.filter(pk=actor.person_id).first()
    return {"by": person_named(person)} if person is not None else {}


def person_named(person: Person) -> Mapping[str, Any]:
    """A person's key and name."""
    return {"person": str(person.pk), "name": str(person)}


def name_of(person_id: UUID | None) -> str:
    """A person's name; empty for nobody."""
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    return str(person) if person is not None else ""


def described(person: Person) -> Mapping[str, Any]:
    """A visitor as the desk knows him: key, name, organisation, citizenships."""
    return {
        **person_named(person),
        "organisation": str(person.organisation),
        "citizenships": sorted(each.country for each in person.citizenships.all()),
    }

"""Persons: entered with their citizenships, one by one or from a file, all of it or nothing."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from scif.facilities.services.reference import reference_save
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused, require
from scif.people.access import facilities_with, facility_of_act
from scif.people.models import Citizenship, Organisation, Person
from scif.people.rules.people_file import FileFault
from scif.people.selectors.people_file import RowState, people_preview

CHANGE = "people.change_person"


@transaction.atomic
def person_add(
    *,
    name: str,
    organisation: Organisation,
    citizenships: Sequence[str],
    title: str = "",
    email: str = "",
    actor: Actor,
) -> Person:
    """Enter a person with the citizenships that caveats look at. He has no right anywhere yet.

    Raises ``ValidationError`` for a text or a country's code that is not to be kept.
    """
    person = Person(name=name, title=title, organisation=organisation, email=email)
    return person_enter(person=person, citizenships=citizenships, actor=actor)


@transaction.atomic
def person_enter(*, person: Person, citizenships: Sequence[str], actor: Actor) -> Person:
    """As :func:`person_add`, for a person whose fields are filled in and not yet saved."""
    if not facilities_with(actor, CHANGE).exists():
        raise NotPermitted(
            "not_permitted",
            _("People are entered by facility officers."),
            _("Ask a facility officer."),
        )
    # Nobody is tied to a new person yet, so that it is told where the actor acts.
    facility = facility_of_act(actor, CHANGE, person.pk)
    reference_save(record=person, actor=actor, facility=facility)
    for country in citizenships:
        record = Citizenship(person=person, country=country)
        reference_save(record=record, actor=actor, facility=facility)
    return person


@transaction.atomic
def people_import(*, text: str, expected: int, actor: Actor) -> list[Person]:
    """Enter the people of a file's text who are not known yet; whoever is known stays as he is.

    ``expected`` is how many its reader was told are new. Raises :class:`Refused` ``people_file``
    where the file or one of its lines is faulty, and ``people_changed`` where another number is new
    by now; then nobody is entered.
    """
    try:
        rows = people_preview(text, actor, CHANGE)
    except FileFault as fault:
        raise Refused("people_file", str(fault), _("Mend the file and upload it again.")) from fault
    faulty = [row.line.number for row in rows if row.state is RowState.FAULTY]
    require(
        not faulty,
        "people_file",
        _("Line %(line)d is faulty.") % {"line": faulty[0] if faulty else 0},
        _("Mend the file and upload it again."),
    )
    new = [row for row in rows if row.state is RowState.NEW]
    require(
        bool(new) and len(new) == expected,
        "people_changed",
        _("Now %(count)d of the file are new.") % {"count": len(new)},
        _("Look at the list again before you import it."),
    )
    people = []
    for row in new:
        if row.organisation is None:
            raise ValidationError({"organisation": row.line.cells["organisation"]})
        cells = row.line.cells
        people.append(
            person_add(
                name=cells["name"],
                title=cells["title"],
                organisation=row.organisation,
                email=cells["email"],
                citizenships=row.line.citizenships,
                actor=actor,
            )
        )
    return people

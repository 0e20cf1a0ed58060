"""A file of people against those on record: who is new, who is known, which line is faulty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Organisation, Person
from scif.people.rules.people_file import CellFault, Line, lines_of

_FIELDS = ("name", "title", "email")


class RowState(StrEnum):
    """What an import does with a line."""

    NEW = "new"
    KNOWN = "known"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Row:
    """A line with what is on record for it: the organisation, and the person of its e-mail."""

    line: Line
    state: RowState
    faults: tuple[CellFault, ...]
    organisation: Organisation | None
    known: Person | None


def people_preview(text: str, actor: Actor, permission: str) -> list[Row]:
    """Each line of a file's text, as an import by the actor would take it. Writes nothing.

    Somebody whom the actor may not see is not told to be known: he is new to this officer. Raises
    ``FileFault`` for a file that cannot be read as a whole.
    """
    lines = lines_of(text, most_rows=settings.PEOPLE_FILE_MOST_ROWS)
    organisations = {each.name.casefold(): each for each in Organisation.objects.all()}
    people = visible(Person.objects.all(), actor, permission).annotate(address=Lower("email"))
    emails = {line.email for line in lines}
    known = {each.address: each for each in people.filter(address__in=emails).exclude(address="")}
    return [_row(line, organisations, known) for line in lines]


def _row(line: Line, organisations: Mapping[str, Organisation], known: Mapping[str, Person]) -> Row:
    organisation = organisations.get(line.cells["organisation"].casefold())
    faults = line.faults or tuple(_faults(line, organisation))
    person = known.get(line.email)
    state = RowState.KNOWN if person else RowState.NEW
    return Row(line, RowState.FAULTY if faults else state, faults, organisation, person)


def _faults(line: Line, organisation: Organisation | None) -> Iterator[CellFault]:
    """What the records' own fields refuse, column by column."""
    if organisation is None:
        yield CellFault("organisation", "No organisation of this name is on record. Add it first.")
    person = Person(**{name: line.cells[name] for name in _FIELDS})
    try:
        person.clean_fields(exclude={"organisation"})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield CellFault(name, " ".join(messages))

"""Who is escorted by whom, in the guard's words."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from access.models import Visit
from access.rules.facts import BasisKind
from access.selectors.escort import escorted_soon, escorting_now, escorts_booked, escorts_now
from scif.facilities.models import Facility

AHEAD = timedelta(days=1)  # what a guard's list of today shows


def escort_words(facility: Facility, inside: Mapping[UUID, str]) -> dict[UUID, str]:
    """What stands beside a person who is ``inside``: by whom he is escorted, or whom he escorts.

    ``inside`` gives each the basis that let him in: a responder to an emergency has no escort.
    """
    words = {
        person_id: _("escorts %(people)s") % {"people": ", ".join(str(each) for each in people)}
        for person_id, people in escorting_now(facility).items()
    }
    for person_id, escort in escorts_now(facility).items():
        if inside.get(person_id) == BasisKind.EMERGENCY.value:
            continue
        told = (
            _("escorted by %(person)s")
            if escort.pk in inside
            else _("escorted by %(person)s, who is not inside")
        )
        words[person_id] = told % {"person": escort}
    return words


def visit_escort_words(visits: Iterable[Visit]) -> dict[UUID, str]:
    """What stands beside each visit under escort."""
    return {
        pk: _("escorted by %(person)s") % {"person": escort}
        for pk, escort in escorts_booked(visits).items()
    }


def escorted_rows(facility: Facility) -> list[dict[str, Any]]:
    """Who comes under escort within a day, or is here: what for, with whom, from when."""
    return [
        {"duty": duty, "escort": _("escorted by %(person)s") % {"person": duty.escort}}
        for duty in escorted_soon(facility, AHEAD)
    ]

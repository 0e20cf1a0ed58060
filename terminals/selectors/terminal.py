"""Laptops as screens list them."""

from uuid import UUID

from django.db.models import QuerySet

from access.models import Visit
from access.rules.states import VISIT_MAY_ENTER
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person
from terminals.models import Quarantine, Seal, Terminal, TerminalCustody
from terminals.rules.states import TerminalState

VIEW = "terminals.view_terminal"


def terminals_of(facility: Facility, actor: Actor) -> QuerySet[Terminal]:
    """The laptops of a facility that are not out of service for good, by tag."""
    rows = visible(Terminal.objects.select_related("image", "locker__bank"), actor, VIEW)
    return rows.filter(facility=facility).exclude(state=TerminalState.RETIRED).order_by("asset_tag")


def custody_of(terminal: Terminal) -> TerminalCustody | None:
    """In whose hands a laptop is."""
    custodies = terminal.custodies.select_related("person", "visit__booking__area", "place")
    return custodies.filter(ended_at=None).first()


def holder_of(terminal: Terminal) -> Person | None:
    """Who has a laptop now."""
    custody = custody_of(terminal)
    return custody.person if custody else None


def terminal_held(visit_id: UUID) -> bool:
    """Whether a laptop is in the hands of a visit."""
    return TerminalCustody.objects.filter(visit_id=visit_id, ended_at=None).exists()


def stay_of(terminal: Terminal) -> Quarantine | None:
    """The quarantine that a laptop is in."""
    stays = terminal.quarantines.select_related("placed_by", "asked_by")
    return stays.filter(ended_at=None).first()


def seals_of(terminal: Terminal) -> QuerySet[Seal]:
    """The seals that are on it, by place."""
    return terminal.seals.filter(removed_at=None).order_by("place")


def visits_to_equip(facility: Facility, actor: Actor) -> QuerySet[Visit]:
    """Checked-in visits without a laptop."""
    visits = visible(Visit.objects.select_related("person", "booking__area"), actor,
                     "access.view_visit")  # fmt: skip
    here = visits.filter(booking__area__facility=facility, state__in=VISIT_MAY_ENTER)
    held = TerminalCustody.objects.filter(ended_at=None, place=None).values("visit_id")
    return here.exclude(pk__in=held).order_by("person__name")

"""Would this person be given a laptop for that place, and could he work there at that moment?

The records are those of now, the rules those that the desk and the sign-in ask
(``terminals/rules``); the time is assumed, and that the laptop is what it should be. Nothing is
changed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_network

from django.utils.translation import gettext as _

from scif.facilities.models import Facility
from scif.people.models import Person
from terminals.models import RegisteredPlace, Terminal, TerminalCustody
from terminals.rules.session import Moment, SessionFacts
from terminals.rules.states import TerminalState
from terminals.selectors.offsite_facts import OffsiteSeat
from terminals.selectors.outside_issue import (
    Against,
    against_facts,
    against_person,
    against_use,
    loan_until,
)
from terminals.selectors.place import custody_at
from terminals.selectors.session_facts import session_facts


@dataclass(frozen=True, slots=True)
class OutsideAnswer:
    """What would be said, in full.

    ``issue``: against a laptop's going out for him; None where he has one out for this place.
    ``use``: against his signing in there. ``back_by``: when one that goes out at ``at`` must be
    back by the policy. ``policy``: the version that was asked.
    """

    person: Person
    place: RegisteredPlace
    at: datetime
    held: TerminalCustody | None
    issue: tuple[Against, ...] | None
    use: tuple[Against, ...]
    back_by: datetime
    policy: str

    @property
    def facility(self) -> Facility:
        """Whose laptops go there."""
        return self.place.facility

    @property
    def granted(self) -> bool:
        """Whether nothing stands against it."""
        return not self.issue and not self.use


def why_outside(person: Person, place: RegisteredPlace, *, at: datetime) -> OutsideAnswer:
    """Judge by the records of now at the moment ``at``."""
    held = custody_at(place, person)
    terminal = held.terminal if held else _to_issue(place.facility)
    issue: list[Against] = [] if held else _to_go_out(person, place, terminal, at)
    use: list[Against] = []
    if terminal is not None:
        seat = OffsiteSeat(place, person, terminal.pk)
        facts = _sound(session_facts(seat, at), place, at)
        if held is None:
            facts = _given(facts, seat, loan_until(place.facility, at))
        use = against_facts(seat, facts, Moment.BEGIN)
    return OutsideAnswer(
        person=person,
        place=place,
        at=at,
        held=held,
        issue=None if held else tuple(issue),
        use=tuple(use),
        back_by=min(loan_until(place.facility, at), place.valid_until),
        policy=place.facility.policy.label,
    )


def _to_issue(facility: Facility) -> Terminal | None:
    """A laptop that could go out: one in the store; else any, for the rules to be asked."""
    owned = Terminal.objects.filter(facility=facility).exclude(state=TerminalState.RETIRED)
    return owned.filter(state=TerminalState.IN_STORE).first() or owned.first()


def _to_go_out(
    person: Person, place: RegisteredPlace, terminal: Terminal | None, at: datetime
) -> list[Against]:
    found: list[Against] = []
    if terminal is None or terminal.state != TerminalState.IN_STORE:
        found.append(
            Against(
                "no_laptop",
                _("No laptop of the facility is in the store"),
                _("One is brought back, inspected and put away"),
                _("guard"),
            )
        )
    if terminal is not None:
        found += against_use(OffsiteSeat(place, person, terminal.pk, ends_at=at), at)
    return [*found, *against_person(place, person)]


def _sound(facts: SessionFacts, place: RegisteredPlace, at: datetime) -> SessionFacts:
    """As if the laptop had just proved what it runs and been heard, from the place's network."""
    source = str(ip_network(place.network)[0])
    return replace(
        facts, attested_at=at, heard_at=at, offsite=replace(facts.offsite, source=source)
    )


def _given(facts: SessionFacts, seat: OffsiteSeat, due_at: datetime) -> SessionFacts:
    """As if he had been given one, whole and signed for."""
    return replace(
        facts,
        terminal=TerminalState.ISSUED,
        issued_to=seat.holder,
        image_approved=True,
        offsite=replace(facts.offsite, due_at=due_at, signed=True, seals=True),
    )

"""Who may be given a laptop for a registered place, and what stands against everybody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from access.models import Pin
from access.rules.away import decide_away
from access.rules.facts import PolicyIncomplete
from access.selectors.away import away_facts
from access.selectors.facts_place import policy_facts
from scif.facilities.models import Facility
from scif.people.models import Person
from terminals.models import RegisteredPlace, TerminalCustody
from terminals.rules.offsite_wording import AT_ISSUE
from terminals.rules.session import Moment, SessionFacts, session_decide
from terminals.selectors.offsite_facts import OffsiteSeat
from terminals.selectors.place import members_of, places_to_equip
from terminals.selectors.session_facts import session_facts


@dataclass(frozen=True, slots=True)
class Against:
    """One thing that stands against a laptop's going out.

    ``message``, ``remedy`` and ``who`` can mend it are the officer's; ``guard`` is what a guard
    reads in the place of the message. INVARIANT: it holds nothing that only an officer may know.
    """

    code: str
    message: str
    remedy: str
    who: str = ""
    guard: str = ""

    def record(self) -> dict[str, str]:
        """As the journal keeps it."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "who": self.who,
            "guard": self.guard or self.message,
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of an engagement and a place of it, with everything against a laptop for both."""

    place: RegisteredPlace
    person: Person
    against: tuple[Against, ...]


def loan_until(facility: Facility, at: datetime) -> datetime:
    """When the policy wants a laptop back that goes out at ``at``; at once where it is silent."""
    try:
        return at + timedelta(hours=policy_facts(facility).number("offsite_loan_hours"))
    except PolicyIncomplete:
        return at


def candidates_outside(facility: Facility, terminal_id: UUID, at: datetime) -> list[Candidate]:
    """Every member of every engagement with an open place of the facility, as of now."""
    return [
        Candidate(place, person, (*against_person(place, person), *against_use(
            OffsiteSeat(place, person, terminal_id), at)))
        for place in places_to_equip(facility)
        for person in members_of(place).select_related("organisation").order_by("name")
    ]  # fmt: skip


def against_use(seat: OffsiteSeat, at: datetime) -> list[Against]:
    """What would stand against working there from now until the seat's end, in full.

    What access says is told reason by reason.
    """
    return against_facts(seat, session_facts(seat, at), Moment.ISSUE)


def against_facts(seat: OffsiteSeat, facts: SessionFacts, moment: Moment) -> list[Against]:
    """What the rules have against these facts about a seat, asked at that moment of its life."""
    found: list[Against] = []
    for each in session_decide(facts, moment).objections:
        if each.code == "entry_refused":
            found += _of_access(seat, facts.now)
        elif each.code in AT_ISSUE:
            words = AT_ISSUE[each.code]
            told, mend = _sentence(_(words.message)), _sentence(_(words.remedy))
            found.append(Against(each.code, told, mend, _(words.who)))
        else:
            # Neither place nor terms nor a loss are secret to the guard; what a rule failed by is.
            guard = _sentence(_(each.guard)) if each.params else ""
            told, mend = _sentence(each.message), _sentence(each.remedy)
            found.append(Against(each.code, told, mend, _(each.who), guard))
    return found


def _sentence(words: str) -> str:
    """A rule's words stand in lists, without a stop; here one follows the other."""
    return words if not words or words.endswith(".") else f"{words}."


def against_person(place: RegisteredPlace, person: Person) -> list[Against]:
    """What the desk's own records have against handing him one."""
    found: list[Against] = []
    held = TerminalCustody.objects.filter(person=person, place__isnull=False, ended_at=None)
    if held.exists():
        found.append(Against("has_terminal", _("This person has a laptop outside."),
                             _("Take it back first."), _("guard")))  # fmt: skip
    if not Pin.objects.filter(person=person, facility=place.facility_id).exists():
        found.append(
            Against(
                "pin_missing",
                _("This person has no PIN of this facility and could not sign in."),
                _("An officer has him choose one, at the person's page."),
                _("facility officer"),
            )
        )
    return found


def _of_access(seat: OffsiteSeat, at: datetime) -> Iterable[Against]:
    until = seat.ends_at or at
    facts = away_facts(seat.engagement, seat.person.pk, seat.place.facility, at=at, until=until)
    for each in decide_away(facts):
        yield Against(
            each.code,
            _(each.wording.message).format_map(each.params),
            _(each.wording.remedy).format_map(each.params),
            _(each.who),
            _("Access does not let him work outside."),
        )

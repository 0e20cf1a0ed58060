"""May this team be booked here and then? One decision for each, and who may be told what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from access.rules.decision import Decision, decide
from access.rules.facts import Stage
from access.rules.objection import Objection
from access.rules.wording import SEE_GUARD
from access.rules.wording.base import PERSON_HIMSELF
from access.rules.wording.basis import BASIS
from access.rules.wording.person import CLEARANCE_TO_VISITOR
from access.rules.wording.place import PLACE
from access.selectors.facts import Proposal, booking_facts
from hardware.decider import Outcome
from scif.facilities.models import SecurityScheme
from scif.people.models import Person

# Objections that say the same of every attendee: the slot, the room, the mandate as a whole.
ABOUT_PERSON = frozenset({"not_a_member", "not_an_attendee", "not_the_holder"})
SHARED = (frozenset(BASIS) | frozenset(PLACE)) - ABOUT_PERSON
ROOM = frozenset(PLACE)
# What nobody asks of a person under escort (R38), but of his escort.
MENDED_BY_ESCORT = frozenset(
    {
        *("eligibility_missing", "clearance_too_low", "review_overdue", "interim_not_accepted"),
        *("laa_not_accepted", "not_read_in", "citizenship_barred"),
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, and what mends it and who can, in the words of who asks."""

    code: str
    what: str
    mend: str = ""
    shape: str = "stop"


@dataclass(frozen=True, slots=True)
class TeamCheck:
    """The decisions of a team, by person."""

    decisions: Mapping[UUID, Decision]

    @property
    def admitted(self) -> bool:
        """Whether nobody is objected to; what is only awaited does not stop a booking."""
        return all(each.outcome is not Outcome.REFUSED for each in self.decisions.values())

    @property
    def held_up(self) -> list[UUID]:
        """Those who are stopped by something of their own."""
        return [pk for pk in self.decisions if self.own(pk)]

    @property
    def awaiting(self) -> list[UUID]:
        """Those who have something to do before the day."""
        return [pk for pk, each in self.decisions.items() if each.pending]

    @property
    def shared(self) -> list[Objection]:
        """Objections that concern everybody, each once."""
        found: dict[str, Objection] = {}
        for each in self.decisions.values():
            for objection in each.objections:
                if objection.code in SHARED:
                    found.setdefault(objection.code, objection)
        return list(found.values())

    def own(self, person_id: UUID) -> list[Objection]:
        """What stops one person and no other."""
        return [o for o in self.decisions[person_id].objections if o.code not in SHARED]


def team_check(proposal: Proposal, *, at: datetime) -> TeamCheck:
    """Decide for every attendee at the stage ``booking``; ``at`` is when it was asked for."""
    facts = booking_facts(proposal, at=at)
    return TeamCheck({pk: decide(each, Stage.BOOKING) for pk, each in facts.items()})


def reasons_for(check: TeamCheck, *, asker: UUID | None, officer: bool) -> list[Reason]:
    """Why a team cannot be booked, as far as it concerns who asks.

    INVARIANT: about another person only an officer learns more than that he is held up (R31).
    """
    if officer:
        return _officers(check)
    found = [Reason(o.code, own_words(o), own_remedy(o)) for o in check.shared]
    for person_id in check.held_up:
        if person_id == asker:
            found += [Reason(o.code, own_words(o), own_remedy(o)) for o in check.own(person_id)]
    others = [person_id for person_id in check.held_up if person_id != asker]
    for name in Person.objects.filter(pk__in=others).values_list("name", flat=True):
        found.append(
            Reason(
                "member_held_up",
                _("%(name)s may not enter then.") % {"name": name},
                _(
                    "They see why on their own page. Choose another time, or leave them out. The "
                    "facility's officer can book somebody under an escort."
                ),
            )
        )
    return found


def own_words(objection: Objection) -> str:
    """What a person is told of an objection that concerns himself."""
    if objection.wording.visitor == SEE_GUARD:
        return _("Something stands in the way that the facility must settle.")
    return _(objection.wording.visitor).format_map(objection.params)


def own_remedy(objection: Objection) -> str:
    """What mends it, where the person himself can; else whom to ask.

    INVARIANT: of everything about a clearance the same is said, mended by an escort or not.
    """
    if objection.wording.who == PERSON_HIMSELF:
        return _(objection.wording.remedy).format_map(objection.params)
    if objection.wording.visitor == SEE_GUARD:
        return _("Ask the facility officer; the reason is not shown here.")
    found = _("Who can mend it: %(who)s.") % {"who": _(objection.wording.who)}
    if objection.wording.visitor == CLEARANCE_TO_VISITOR:
        found += " " + _("Or the facility's officer books you under an escort.")
    return found


def _officers(check: TeamCheck) -> list[Reason]:
    found = [officer_reason(o) for o in check.shared]
    for person in Person.objects.filter(pk__in=check.held_up).order_by("name"):
        found += [_or_escorted(officer_reason(o, f"{person}: ")) for o in check.own(person.pk)]
    return found


def _or_escorted(reason: Reason) -> Reason:
    """A reason against one person, with the way in that he has without it."""
    if reason.code not in MENDED_BY_ESCORT:
        return reason
    return replace(reason, mend=f"{reason.mend} {_('Or name an escort, who stays beside him.')}")


def officer_reason(objection: Objection, prefix: str = "") -> Reason:
    """All that an officer may know: what is wrong, what mends it, who can."""
    wording, params = objection.wording, _spelled(objection.params)
    return Reason(
        objection.code,
        prefix + _(wording.message).format_map(params),
        _("%(remedy)s Who can: %(who)s.")
        % {"remedy": _(wording.remedy).format_map(params), "who": _(wording.who)},
    )


def _spelled(params: Mapping[str, str]) -> Mapping[str, str]:
    """What the rules know by its code, by its name: a scheme."""
    if "scheme" not in params:
        return params
    found = SecurityScheme.objects.filter(code=params["scheme"]).first()
    return {**params, "scheme": found.name} if found else params

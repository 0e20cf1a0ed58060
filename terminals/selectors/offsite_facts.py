"""The facts of a session at a registered place, as the centre's records have them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from access.models import BadgeAssignment, Engagement, Visit
from access.rules.away import decide_away
from access.rules.facts import PolicyFacts, PolicyIncomplete
from access.rules.states import CredentialState
from access.selectors.away import away_facts
from access.selectors.facts_place import week_of
from scif.facilities.models import Area
from scif.people.models import Person
from terminals.models import (
    Heartbeat,
    LossReport,
    RegisteredPlace,
    Terminal,
    TerminalCustody,
)
from terminals.models.custody import HandOver
from terminals.rules.offsite import OffsiteFacts, closes_at
from terminals.rules.place_states import PlaceState
from terminals.rules.seals import seals_compare
from terminals.rules.session import Entry, SessionFacts, Where
from terminals.rules.states import TerminalState
from terminals.selectors.anomaly import odd_facts_outside
from terminals.selectors.attestation import attestation_last
from terminals.selectors.harness_policy import harness_told
from terminals.selectors.image import boot_image_valid
from terminals.selectors.ledger import budgets_of
from terminals.selectors.terms import terms_in_force


@dataclass(frozen=True, slots=True)
class OffsiteSeat:
    """Who works, or will work, at which laptop at which registered place.

    ``source`` is the laptop's address, None before it has gone out; ``ends_at`` the end of a
    session that runs.
    """

    place: RegisteredPlace
    person: Person
    terminal_id: UUID
    source: str | None = None
    ends_at: datetime | None = None
    terms_id: UUID | None = None

    @property
    def engagement(self) -> Engagement:
        """Under which mandate."""
        return self.place.engagement

    @property
    def area(self) -> Area | None:
        """In no room."""
        return None

    @property
    def visit(self) -> Visit | None:
        """On no visit."""
        return None

    def badges(self) -> QuerySet[BadgeAssignment]:
        """What he may show: a badge of his own at the place's facility, apart from any visit."""
        return BadgeAssignment.objects.filter(
            person=self.person, visit=None, returned_at=None, badge__facility=self.place.facility_id
        )

    def custody(self) -> TerminalCustody | None:
        """Under which he has the laptop."""
        held = TerminalCustody.objects.filter(terminal=self.terminal_id, ended_at=None)
        return held.filter(person=self.person, place=self.place).first()

    def until(self, at: datetime) -> datetime:
        """When a session that begins now ends at the latest.

        With the policy's time, the hours, the place's term, the mandate or the day on which the
        laptop is to be back; at once where one of them gives no time.
        """
        policy, custody = policy_of(self.place), self.custody()
        try:
            longest = at + policy.minutes("offsite_session_minutes")
        except PolicyIncomplete:
            return at
        closes = closes_at(week_of(self.place.hours), self.place.facility.time_zone, at)
        if closes is None or custody is None or custody.due_at is None:
            return at
        ends = (closes, custody.due_at, self.place.valid_until, self.engagement.valid_until)
        return max(at, min(longest, *ends))

    @property
    def holder(self) -> str:
        """As what the laptop must be issued."""
        return holder_text(self.person.pk, self.place.pk)


def holder_text(person_id: UUID, place_id: UUID | None) -> str:
    """A person at a registered place, as facts name them."""
    return f"{person_id} {place_id}"


def policy_of(place: RegisteredPlace) -> PolicyFacts:
    """The policy that a place is held to: its facility's."""
    policy = place.facility.policy
    return PolicyFacts(version=policy.label, values=policy.values)


def offsite_slow_facts(seat: OffsiteSeat, at: datetime) -> SessionFacts:
    """What access says, and what was agreed, proved, signed for and spent."""
    place, engagement, custody = seat.place, seat.engagement, seat.custody()
    policy, terms = policy_of(place), terms_in_force(engagement.pk)
    terminal = Terminal.objects.select_related("image").get(pk=seat.terminal_id)
    last = attestation_last(terminal)
    proved = last is not None and last.outcome == "accepted" and last.image_id == terminal.image_id
    until = seat.ends_at or seat.until(at)
    against = decide_away(
        away_facts(engagement, seat.person.pk, place.facility, at=at, until=max(at, until))
    )
    budgets = budgets_of(engagement, place.facility_id)
    sponsored = seat.person.organisation_id == engagement.sponsor.organisation_id
    return SessionFacts(
        now=at,
        visit=seat.holder,
        where=Where.OFFSITE,
        entry=Entry.of(against),
        # Nobody counts there, and nobody sits beside him.
        two_persons=terms.two_persons if terms else None,
        company=0,
        image_approved=boot_image_valid(terminal.image),
        attested_at=last.decided_at if last and proved else None,
        attested_for=_minutes(policy, "terminal_attested_minutes"),
        terms=terms is not None and seat.terms_id in {None, terms.pk},
        told=harness_told(terms),
        left=budgets.left,
        moderated=None if terms is None else terms.moderated and not sponsored,
        moderator="",
        silence=_seconds(policy, "offsite_silent_seconds"),
        offsite=OffsiteFacts(
            permitted=terms.offsite if terms else None,
            place=PlaceState(place.state),
            since=place.valid_from,
            until=place.valid_until,
            level=engagement.asset.security_level,
            ceiling=_least(place.ceiling, policy),
            source=seat.source,
            network=place.network,
            hours=week_of(place.hours),
            time_zone=place.facility.time_zone,
            due_at=custody.due_at if custody else None,
            signed=_signed(custody),
            seals=_sealed(terminal, custody),
            attested_for=_minutes(policy, "offsite_attested_minutes"),
            left=budgets.left_offsite,
            debriefed=debrief_done(seat.person.pk),
        ),
    )


def offsite_swift_facts(seats: Sequence[OffsiteSeat]) -> Mapping[UUID, dict[str, Any]]:
    """By laptop: its state, who has it, whether his badge stands, when its agent last spoke."""
    keys = [seat.terminal_id for seat in seats]
    states = dict(Terminal.objects.filter(pk__in=keys).values_list("pk", "state"))
    held = TerminalCustody.objects.filter(terminal__in=keys, ended_at=None)
    holders = {
        terminal: holder_text(person, place)
        for terminal, person, place in held.values_list("terminal_id", "person_id", "place_id")
    }
    heard = dict(Heartbeat.objects.filter(terminal__in=keys).values_list("terminal_id", "heard_at"))
    return {
        seat.terminal_id: {
            "badge": seat.badges().filter(badge__state=CredentialState.ISSUED).exists(),
            "terminal": TerminalState(states[seat.terminal_id]),
            "issued_to": holders.get(seat.terminal_id),
            "heard_at": heard.get(seat.terminal_id),
            **odd_facts_outside(seat.person.pk, seat.engagement.pk, seat.place.pk),
        }
        for seat in seats
    }


def debrief_done(person_id: UUID) -> bool:
    """Whether no loss of a laptop in somebody's hands awaits his debrief."""
    return not LossReport.objects.filter(person=person_id, debriefed_at=None).exists()


def _signed(custody: TerminalCustody | None) -> bool | None:
    if custody is None:
        return None
    mine = custody.signatures.filter(hand_over=HandOver.ISSUE, signer=custody.person_id)
    return mine.exists()


def _sealed(terminal: Terminal, custody: TerminalCustody | None) -> bool | None:
    """Whether the seals that were read when it went out are those on record now."""
    if custody is None:
        return None
    on_record = terminal.seals.filter(removed_at=None).values_list("number", "place")
    return seals_compare(dict(on_record), custody.seals_issued).intact


def _least(ceiling: int, policy: PolicyFacts) -> int | None:
    try:
        return min(ceiling, policy.number("offsite_ceiling"))
    except PolicyIncomplete:
        return None


def _minutes(policy: PolicyFacts, key: str) -> timedelta | None:
    try:
        return policy.minutes(key)
    except PolicyIncomplete:
        return None


def _seconds(policy: PolicyFacts, key: str) -> timedelta | None:
    try:
        return policy.seconds(key)
    except PolicyIncomplete:
        return None

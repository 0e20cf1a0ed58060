"""A laptop that goes out of the house: issued for a registered place, with a day to be back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import lock
from scif.people.models import Person
from terminals.models import HandOver, RegisteredPlace, Terminal, TerminalCustody
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.selectors.offsite_facts import OffsiteSeat
from terminals.selectors.outside_issue import Against, against_person, against_use, loan_until
from terminals.selectors.place import members_of, places_for
from terminals.services.custody import hand_over_sign, seals_require
from terminals.services.locker import locker_opened_require
from terminals.services.terminal import (
    ISSUE,
    person_of,
    place_told,
    seals_check,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)


class IssueRefused(Refused):
    """A laptop does not go out; ``reasons`` are all of them, the gravest first."""

    def __init__(self, reasons: Sequence[Against]) -> None:
        first = reasons[0]
        super().__init__(first.code, first.guard or first.message, first.remedy)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class _Issue:
    """What was filled in at the desk, as it was asked for and as a refusal keeps it."""

    place_id: UUID
    person_id: UUID
    terminal_id: UUID
    due_at: datetime
    seals: tuple[str, ...]
    strokes: Mapping[str, Any]

    def told(self, place: RegisteredPlace) -> dict[str, Any]:
        """As the journal keeps it, issued or refused."""
        return {
            "person": str(self.person_id),
            "seals": list(self.seals),
            "due_at": self.due_at,
            "engagement": place.engagement.reference,
            **place_told(place),
        }


def terminal_issue_outside(
    *,
    place_id: UUID,
    person_id: UUID,
    terminal_id: UUID,
    due_at: datetime,
    seals: Sequence[str],
    strokes: Mapping[str, Any],
    actor: Actor,
) -> TerminalCustody:
    """Hand a laptop to a member of an engagement who takes it to a registered place, and signs.

    Out of its own locker, its seals read and whole, a quote accepted just now, and nothing of the
    rules against it from now until ``due_at``. Raises :class:`IssueRefused` with everything that
    stands against it; that is journaled first, in a transaction of its own.
    """
    asked = _Issue(place_id, person_id, terminal_id, due_at, tuple(seals), strokes)
    try:
        return _issue(asked, actor)
    except IssueRefused as refusal:
        _refusal_keep(asked, refusal.reasons, actor)
        raise


@transaction.atomic
def _issue(asked: _Issue, actor: Actor) -> TerminalCustody:
    """Lock order: place, then laptop."""
    place = lock(places_for(actor, ISSUE), asked.place_id)
    terminal = terminal_lock_row(terminal_id=asked.terminal_id, actor=actor, permission=ISSUE)
    person = members_of(place).get(pk=asked.person_id)
    guard, moment = person_of(actor), now()
    reasons = _against(asked, place, terminal, person, guard, moment)
    if reasons:
        raise IssueRefused(reasons)
    custody = TerminalCustody.objects.create(
        terminal=terminal,
        person=person,
        place=place,
        locker=terminal.locker,
        due_at=asked.due_at,
        issued_by_id=guard,
        issued_at=moment,
        seals_issued=list(asked.seals),
    )
    signed = hand_over_sign(custody, HandOver.ISSUE, person.pk, asked.strokes, moment)
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.ISSUE,
        kind="terminal.issued",
        actor=actor,
        body={
            "locker": str(terminal.locker) if terminal.locker else None,
            **asked.told(place),
            **signed,
        },
    )
    return custody


@transaction.atomic
def _refusal_keep(asked: _Issue, reasons: Sequence[Against], actor: Actor) -> None:
    """Journal who was refused what and why, in the officer's words too."""
    place = places_for(actor, ISSUE).get(pk=asked.place_id)
    terminal_tell(
        terminal=terminal_lock_row(terminal_id=asked.terminal_id, actor=actor, permission=ISSUE),
        kind="terminal.issue_refused",
        actor=actor,
        body={"objections": [each.record() for each in reasons], **asked.told(place)},
    )


def _against(
    asked: _Issue,
    place: RegisteredPlace,
    terminal: Terminal,
    person: Person,
    guard: UUID,
    at: datetime,
) -> list[Against]:
    """Everything, the gravest first: a seal that differs is hidden by nothing else."""
    seat = OffsiteSeat(place, person, terminal.pk, ends_at=max(at, asked.due_at))
    return [
        *_refused(lambda: seals_require(seals_check(terminal, asked.seals))),
        *_refused(lambda: _counter_require(place, terminal, person, guard)),
        *_refused(lambda: TERMINAL.next(TerminalState(terminal.state), TerminalAction.ISSUE)),
        *against_use(seat, at),
        *against_person(place, person),
        *_refused(lambda: _due_require(place, asked.due_at, at)),
        *_refused(lambda: locker_opened_require(terminal)),
        *_refused(lambda: _proof_require(terminal, at)),
        *_refused(lambda: _signature_require(asked.strokes)),
    ]


def _refused(check: Callable[[], object]) -> list[Against]:
    """What a check of the desk refuses with."""
    try:
        check()
    except Refused as refusal:
        return [Against(refusal.code, refusal.message, refusal.remedy)]
    return []


def _counter_require(
    place: RegisteredPlace, terminal: Terminal, person: Person, guard: UUID
) -> None:
    require(
        terminal.facility_id == place.facility_id,
        "other_facility",
        _("This laptop belongs to another facility."),
        _("Take one of this facility."),
    )
    require(
        guard != person.pk,
        "own_laptop",
        _("Nobody issues a laptop to himself."),
        _("Ask a colleague."),
    )


def _proof_require(terminal: Terminal, at: datetime) -> None:
    require(
        attestation_fresh(terminal, at) is not None,
        "not_attested",
        _("This laptop has not proved lately what it runs."),
        _("Boot it at the desk and have it prove what it runs."),
    )


def _signature_require(strokes: Mapping[str, Any]) -> None:
    require(bool(strokes), "signature_empty", _("The signature is empty."),
            _("Sign on the glass."))  # fmt: skip


def _due_require(place: RegisteredPlace, due_at: datetime, at: datetime) -> None:
    latest = min(loan_until(place.facility, at), place.valid_until)
    told = latest.astimezone(ZoneInfo(place.facility.time_zone))
    require(
        at < due_at <= latest,
        "due_unfit",
        _("It is to be back later than now, within the policy's time and the place's term."),
        _("Choose a time until %(latest)s.") % {"latest": f"{told:%-d %b %Y, %H:%M}"},
    )

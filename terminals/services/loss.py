"""A laptop that is gone, whoever had it outside debriefed, and one that is found again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.events import PersonChanged
from access.services.visit import visit_told
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named
from terminals.models import LossReport, QuarantineEnd, Terminal, TerminalCustody
from terminals.models.custody import CustodyEnd
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.services.custody import custody_over
from terminals.services.quarantine import quarantine_end, quarantine_place
from terminals.services.terminal import (
    CHANGE,
    REPORT,
    person_of,
    terminal_advance,
    terminal_lock_row,
)

LOST = "terminal_lost"
DEBRIEF = "terminal_debrief"


@transaction.atomic
def terminal_report_lost(
    *,
    terminal_id: UUID,
    last_seen_at: datetime | None,
    last_seen_where: str,
    circumstances: str,
    actor: Actor,
) -> LossReport:
    """Report a laptop lost. It serves nobody from now on; its custody ends, told as a loss.

    Whoever had it outside works outside no more, at whatever laptop, until he has been debriefed.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=REPORT)
    circumstances = text_of(circumstances, "circumstances", missing="Say what is known.")
    where = text_of(last_seen_where, "last seen where", most=120, lines=False)
    moment = now()
    require(
        last_seen_at is None or last_seen_at <= moment,
        "seen_in_the_future",
        "It was not last seen in the future.",
    )
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.LOSE)
    if terminal.state == TerminalState.QUARANTINED:
        quarantine_end(terminal=terminal, how=QuarantineEnd.LOST)
    terminal.locks.filter(ended_at=None).update(ended_at=moment)
    custody = terminal.custodies.select_related("visit").filter(ended_at=None).first()
    if custody is not None:
        custody.ended_at, custody.ended_how = moment, CustodyEnd.LOST
        custody.save(update_fields=["ended_at", "ended_how"])
    report = LossReport.objects.create(
        terminal=terminal,
        reported_by_id=person_of(actor),
        reported_at=moment,
        last_seen_at=last_seen_at,
        last_seen_where=where,
        circumstances=circumstances,
        person_id=custody.person_id if custody and custody.place_id else None,
    )
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.LOSE,
        kind="terminal.lost",
        actor=actor,
        body={
            "report": str(report.pk),
            "circumstances": circumstances,
            "last_seen_at": last_seen_at,
            "last_seen_where": where,
            "custody": str(custody.pk) if custody else None,
            **_visit_of(custody),
        },
    )
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.RESPOND,
        kind=LOST,
        subject=terminal.asset_tag,
        message=f"Laptop {terminal.asset_tag} is lost: {circumstances}",
        actor=actor,
    )
    custody_over(terminal=terminal, why="lost", actor=actor)
    if report.person_id is not None:
        publish(PersonChanged(report.person_id))
        alarm_raise(
            facility=terminal.facility,
            gravity=Gravity.ACT,
            kind=DEBRIEF,
            subject=terminal.asset_tag,
            message=f"Whoever had laptop {terminal.asset_tag} outside is to be debriefed",
            actor=actor,
        )
    return report


@transaction.atomic
def loss_debrief(*, report_id: UUID, debrief: str, actor: Actor) -> LossReport:
    """Record what the person said in whose hands a laptop was lost outside; another one asks."""
    reports = LossReport.objects.select_related("terminal__facility", "person")
    report = lock(visible(reports, actor, CHANGE), report_id)
    person = person_of(actor)
    require(
        report.person_id is not None and report.debriefed_at is None,
        "wrong_state",
        "Nobody is to be debriefed about this loss.",
    )
    require(report.person_id != person, "same_person", "Nobody debriefs himself.",
            "Another officer does.")  # fmt: skip
    report.debrief = text_of(debrief, "debrief", missing="Say what he said.")
    report.debriefed_by_id, report.debriefed_at = person, now()
    report.save(update_fields=["debrief", "debriefed_by", "debriefed_at"])
    append(
        kind="terminal.loss_debriefed",
        actor=actor,
        subject=report.terminal,
        facility=report.terminal.facility_id,
        body={
            "report": str(report.pk),
            "person": str(report.person_id),
            "debrief": report.debrief,
            **named(actor),
        },
    )
    alarm_clear(
        facility=report.terminal.facility,
        kind=DEBRIEF,
        subject=report.terminal.asset_tag,
        note="debriefed",
        actor=actor,
    )
    return report


@transaction.atomic
def terminal_find(*, terminal_id: UUID, where: str, actor: Actor) -> Terminal:
    """Record that a lost laptop was found: it goes into quarantine, whatever it looks like."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=REPORT)
    where = text_of(where, "where", most=120, missing="Say where it was found.", lines=False)
    reports = LossReport.objects.select_for_update(of=("self",), no_key=True)
    report = reports.filter(terminal=terminal, found_at=None).first()
    if report is None:
        raise Refused("wrong_state", "This laptop is not reported lost.")
    report.found_by_id, report.found_at, report.found_where = person_of(actor), now(), where
    report.save(update_fields=["found_by", "found_at", "found_where"])
    custodies = terminal.custodies.select_related("visit")
    quarantine_place(
        terminal=terminal,
        reason=f"found: {where}",
        actor=actor,
        action=TerminalAction.FIND,
        kind="terminal.found",
        body=_visit_of(
            custodies.filter(ended_how=CustodyEnd.LOST, ended_at=report.reported_at).first()
        ),
    )
    alarm_clear(
        facility=terminal.facility,
        kind=LOST,
        subject=terminal.asset_tag,
        note="found",
        actor=actor,
    )
    return terminal


def _visit_of(custody: TerminalCustody | None) -> dict[str, str]:
    """The visit in which a laptop was lost, for the record of that visit."""
    return visit_told(custody.visit) if custody is not None and custody.visit else {}

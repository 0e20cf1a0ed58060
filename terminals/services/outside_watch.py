"""Laptops outside: who is late, who is silent, whose proof grows old. Started by beat."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from access.services.orders import policy_number
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import Attestation, Outcome, Session, TerminalCustody
from terminals.rules.session_states import SessionState
from terminals.rules.states import OUT, TerminalState
from terminals.services.attestation import attestation_ask
from terminals.services.custody import OVERDUE
from terminals.services.lock import terminal_lock
from terminals.services.terminal import ISSUE, terminal_lock_row, terminal_tell

UNHEARD = "terminal_unheard"


@transaction.atomic
def terminals_outside_watch(*, actor: Actor) -> None:
    """Say who is late, and lock what has been silent for too long. Idempotent."""
    out = TerminalCustody.objects.filter(place__isnull=False, ended_at=None)
    joined = out.select_related("terminal__facility__policy", "place")
    for custody in joined.annotate(heard_at=Max("terminal__heartbeat__heard_at")):
        if custody.overdue_at is None and custody.due_at is not None and custody.due_at <= now():
            _overdue(custody, actor)
        _silent(custody, max(filter(None, (custody.issued_at, custody.heard_at))), actor)


@transaction.atomic
def sessions_outside_prove(*, actor: Actor) -> None:
    """Ask the laptops that are in session outside for a quote before the last one is too old."""
    live = Session.objects.filter(
        place__isnull=False, state__in=(SessionState.LIVE, SessionState.PAUSED)
    )
    for session in live.select_related("terminal__facility__policy").order_by("granted_at"):
        facility = session.terminal.facility
        proofs = Attestation.objects.filter(terminal=session.terminal_id)
        proved = proofs.filter(outcome=Outcome.ACCEPTED).aggregate(at=Max("decided_at"))["at"]
        asked = proofs.filter(outcome=Outcome.ASKED).aggregate(at=Max("asked_at"))["at"]
        half = _time(facility, "offsite_attested_minutes", "minutes") / 2
        waits = _time(facility, "terminal_nonce_seconds", "seconds")
        if proved is not None and now() < proved + half:
            continue
        if asked is None or now() > asked + waits:
            # Refused where its image is not approved any more: the rules end that session.
            with suppress(Refused):
                attestation_ask(terminal_id=session.terminal_id, actor=actor)


def _overdue(custody: TerminalCustody, actor: Actor) -> None:
    terminal = terminal_lock_row(terminal_id=custody.terminal_id, actor=actor, permission=ISSUE)
    held = TerminalCustody.objects.select_for_update(of=("self",), no_key=True).get(pk=custody.pk)
    if held.ended_at is not None or held.overdue_at is not None:
        return
    held.overdue_at = now()
    held.save(update_fields=["overdue_at"])
    terminal_tell(
        terminal=terminal,
        kind="terminal.overdue",
        actor=actor,
        body={"custody": str(held.pk), "person": str(held.person_id), "due_at": held.due_at},
    )
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.ACT,
        kind=OVERDUE,
        subject=terminal.asset_tag,
        message=f"Laptop {terminal.asset_tag} should be back from {custody.place}",
        actor=actor,
    )


def _silent(custody: TerminalCustody, heard: datetime, actor: Actor) -> None:
    """Lock it and have it looked for; one that is locked already is looked for already."""
    terminal = custody.terminal
    limit = _time(terminal.facility, "offsite_unheard_hours", "hours")
    if TerminalState(terminal.state) not in OUT or now() <= heard + limit:
        return
    terminal_lock(
        terminal_id=terminal.pk, reason="Its agent has not been heard outside", actor=actor
    )
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.RESPOND,
        kind=UNHEARD,
        subject=terminal.asset_tag,
        message=f"Laptop {terminal.asset_tag} has not been heard from {custody.place} "
        "and is locked: find it, or report it lost",
        actor=actor,
    )


def _time(facility: Facility, key: str, unit: str) -> timedelta:
    """A policy that says nothing gives no time."""
    try:
        return timedelta(**{unit: policy_number(facility, key)})
    except Refused:
        return timedelta()

"""Badges at the desk: encoded by order, issued when the card has its number, taken back, erased.

INVARIANT: the centre learns the digest of a badge's number, never the number.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.events import BadgeChanged, VisitChanged
from access.models import Badge, BadgeAssignment, BadgeKind, Visit
from access.rules.states import (
    CREDENTIAL,
    VISIT_MAY_ENTER,
    CredentialAction,
    CredentialState,
    VisitState,
)
from access.selectors.visit import visit_decision
from access.services.badge_watch import encoded_over
from access.services.leaving import return_settle
from access.services.orders import desk_reader, order_request
from access.services.visit import CHECK_OUT, facility_of, visit_lock
from hardware.decider import Outcome
from hardware.models import Command
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import gathered, publish
from scif.people.access import lock, visible
from scif.people.naming import named

ISSUE = "access.issue_badge"
MAY_HOLD = {VisitState.DEPOSITED, *VISIT_MAY_ENTER}


@transaction.atomic
def badge_issue_request(*, visit_id: UUID, badge_id: UUID | None = None, actor: Actor) -> Command:
    """Order the gateway to write a fresh number onto the blank card on the desk reader.

    A visitor who was admitted already and has lost his badge gets another one; the door decides
    each of his entries anew.

    Without ``badge_id`` the first blank visitor's badge is taken; its printed number must be that
    of the card in the guard's hand. Refuses unless the decision for the arrival grants.
    """
    visit = visit_admitted_lock(visit_id=visit_id, actor=actor)
    badges = Badge.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(
        facility=facility_of(visit), kind=BadgeKind.VISITOR, state=CredentialState.BLANK
    )
    badge = badges.filter(pk=badge_id).first() if badge_id else badges.first()
    if badge is None:
        raise Refused("no_blank_badge", "No blank badge is free.", "Take back and erase one.")
    reader = desk_reader(facility_of(visit))
    return order_request(
        device=reader,
        target=reader.code,
        verb="card_encode",
        args={"badge": badge.code, "visit": str(visit.pk)},
        lifetime="card_lifetime",
        actor=actor,
    )


def visit_admitted_lock(*, visit_id: UUID, actor: Actor) -> Visit:
    """Lock a visit that is to get its badge now; refuses unless the arrival's decision grants.

    One that was admitted already has lost its badge: it may have another, and the doors decide.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=ISSUE)
    require(
        visit.state in MAY_HOLD,
        "wrong_state",
        "A badge is issued after the belongings are deposited.",
        "Finish the deposit first.",
    )
    require(not _held(visit), "has_badge", "This visit has a badge.")
    decision = visit_decision(visit)
    first_one = visit.state == VisitState.DEPOSITED
    if first_one and decision.outcome is not Outcome.GRANTED:
        first = (*decision.objections, *decision.pending)[0]
        raise Refused("not_admitted", first.guard, f"Can mend it: {first.who}.")
    return visit


def card_heard(event: EdgeEvent) -> None:
    """Take the desk reader's word for a card: encoded for a visit, erased.

    Other kinds, and cards of staff (``access/services/staff_issue.py``), change nothing here.
    """
    ordered = event.body.get("command_id")
    command = Command.objects.filter(pk=ordered).first() if ordered else None
    if command is None or command.gateway_id != event.gateway.pk:
        return
    if event.kind == "card.encoded" and "visit" in command.args:
        _encoded(event, command)
    elif event.kind == "card.erased":
        _erased(event, command)


def _encoded(event: EdgeEvent, command: Command) -> None:
    visit = visit_lock(visit_id=UUID(command.args["visit"]), actor=event.actor, permission=ISSUE)
    badge = _lock(event, command)
    fits = visit.state in MAY_HOLD and not _held(visit)
    if badge is None or badge.state != CredentialState.BLANK or not fits:
        # The number is on the card, and no door knows it.
        alarm_raise(
            facility=event.gateway.facility,
            gravity=Gravity.CHECK,
            kind="card_unassigned",
            subject=command.target,
            message=f"A card was encoded for visit {visit.reference}, which takes none now",
            actor=event.actor,
        )
        return
    badge.uid = str(event.body.get("uid", ""))[:20]
    badge.number_sha256 = event.body["number_sha256"]
    badge.save(update_fields=["uid", "number_sha256"])
    encoded_over(event, badge)
    badge_hand_over(badge=badge, visit=visit, at=event.occurred_at, actor=event.actor)


def badge_hand_over(*, badge: Badge, visit: Visit, at: datetime, actor: Actor) -> None:
    """Put a locked badge, whose number is known, into the hand of a locked visit's visitor."""
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.ISSUE)
    badge.save(update_fields=["state"])
    BadgeAssignment.objects.create(badge=badge, person=visit.person, visit=visit, issued_at=at)
    _tell(badge, "badge.issued", actor, visit)


def _erased(event: EdgeEvent, command: Command) -> None:
    badge = _lock(event, command)
    if badge is None or badge.state != CredentialState.RETURNED:
        return
    badge.state = CREDENTIAL.next(CredentialState.RETURNED, CredentialAction.ERASE)
    badge.uid, badge.number_sha256 = "", ""
    badge.save(update_fields=["state", "uid", "number_sha256"])
    _tell(badge, "badge.erased", event.actor, None)


@transaction.atomic
@gathered()
def badge_return(*, visit_id: UUID, actor: Actor) -> Badge:
    """Take a badge back: no door knows it from now on; its card is to be erased at the desk."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    require(
        visit.state in {VisitState.SEARCHED, VisitState.TURNED_AWAY},
        "wrong_state",
        "The badge is returned after the exit search.",
        "Record the search first.",
    )
    assignment, badge = _held_lock(visit)
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.RETURN)
    badge.save(update_fields=["state"])
    assignment.returned_at = now()
    assignment.save(update_fields=["returned_at"])
    _tell(badge, "badge.returned", actor, visit)
    _erase_order(badge, actor)
    return_settle(visit=visit, actor=actor)
    return badge


@transaction.atomic
def badge_erase_request(*, badge_id: UUID, actor: Actor) -> Command:
    """Order the desk reader to erase a returned badge's card that lies on it.

    A badge that came back while the reader gave no answer keeps its dead number until then.
    """
    badge = lock(visible(Badge.objects.select_related("facility"), actor, ISSUE), badge_id)
    require(
        badge.state == CredentialState.RETURNED, "wrong_state", "Only a returned badge is erased."
    )
    return _erase_order(badge, actor)


def _erase_order(badge: Badge, actor: Actor) -> Command:
    reader = desk_reader(badge.facility)
    return order_request(
        device=reader,
        target=reader.code,
        verb="card_erase",
        args={"badge": badge.code},
        lifetime="card_lifetime",
        actor=actor,
    )


@transaction.atomic
@gathered()
def badge_lose(*, visit_id: UUID, actor: Actor) -> Badge:
    """Record that the badge cannot be produced: no door knows it any more, an alarm is raised.

    One act: the badge is lost, its assignment ends, every gateway is told in the same transaction,
    and a visit that may still enter can be given another badge.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    assignment, badge = _held_lock(visit)
    badge.state = CREDENTIAL.next(CredentialState(badge.state), CredentialAction.LOSE)
    badge.save(update_fields=["state"])
    # It is in nobody's hand that we know of: the assignment ends, the badge stays lost.
    assignment.returned_at = now()
    assignment.save(update_fields=["returned_at"])
    _tell(badge, "badge.lost", actor, visit)
    alarm_raise(
        facility=facility_of(visit),
        gravity=Gravity.ACT,
        kind="badge_lost",
        subject=badge.code,
        message=f"Badge {badge.code} of visit {visit.reference} is lost",
        actor=actor,
    )
    return_settle(visit=visit, actor=actor)
    return badge


def _held(visit: Visit) -> bool:
    return BadgeAssignment.objects.filter(visit=visit, returned_at=None).exists()


def _held_lock(visit: Visit) -> tuple[BadgeAssignment, Badge]:
    assignments = BadgeAssignment.objects.select_for_update(of=("self",), no_key=True)
    assignment = assignments.filter(visit=visit, returned_at=None).first()
    if assignment is None:
        raise Refused("no_badge", "This visit has no badge.")
    badges = Badge.objects.select_for_update(of=("self",), no_key=True).select_related("facility")
    return assignment, badges.get(pk=assignment.badge_id)


def _lock(event: EdgeEvent, command: Command) -> Badge | None:
    badges = Badge.objects.select_for_update(of=("self",), no_key=True)
    return badges.filter(
        facility=event.gateway.facility, code=command.args.get("badge", "")
    ).first()


def _tell(badge: Badge, kind: str, actor: Actor, visit: Visit | None) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=badge,
        facility=badge.facility_id,
        body={
            "badge": badge.code,
            "visit": visit.reference if visit else None,
            "visit_id": str(visit.pk) if visit else None,
            **named(actor),
        },
    )
    publish(BadgeChanged(badge.pk))
    if visit is not None:
        publish(VisitChanged(visit.pk))

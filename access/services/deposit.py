"""Belongings: listed, signed in by both, signed out by both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from access.events import VisitChanged
from access.models import CustodyItem, LockerAssignment, Signature, SignaturePurpose, Visit
from access.rules.states import LOCKER, LockerAction, LockerState, VisitAction, VisitState
from access.rules.strokes import strokes_digest
from access.selectors.desk import never_opened
from access.services.belongings import item_told
from access.services.custody import assignment_of
from access.services.leaving import return_settle
from access.services.visit import (
    CHECK_IN,
    CHECK_OUT,
    facility_of,
    visit_advance,
    visit_lock,
    visit_told,
)
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import gathered, publish
from scif.kernel.text import text_of
from scif.people.naming import name_of, named

PARTIES = ("visitor", "guard")
LISTING = frozenset({LockerState.ASSIGNED, LockerState.OPEN, LockerState.LOADED})


@transaction.atomic
def custody_item_add(
    *,
    visit_id: UUID,
    kind: str,
    mark: str,
    stays_with_visitor: bool,
    approval: str,
    actor: Actor,
    item_id: UUID | None = None,
) -> CustodyItem:
    """List a thing: it goes into the locker, or stays with the visitor under an approval (R44).

    ``item_id`` is of the sender's choosing: what was listed under it already is not listed twice,
    so that a form whose answer was lost can be sent again.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    assignment = _listing(visit)
    key = item_id or uuid4()
    known = CustodyItem.objects.filter(pk=key, assignment=assignment).first()
    if known is not None:
        return known
    kind = text_of(kind, "item", most=60, missing="Say what it is.", lines=False)
    mark = text_of(mark, "mark", most=80, lines=False)
    approval = text_of(approval, "approval", most=40, lines=False)
    require(
        not stays_with_visitor or bool(approval),
        "approval_missing",
        "What stays with the visitor needs the number of its approval.",
        "The facility officer decides case by case; a medical device is never simply denied.",
    )
    item = CustodyItem.objects.create(
        pk=key,
        assignment=assignment,
        kind=kind,
        mark=mark,
        stays_with_visitor=stays_with_visitor,
        approval=approval if stays_with_visitor else "",
    )
    if not stays_with_visitor and assignment.state == LockerState.OPEN:
        assignment.state = LOCKER.next(LockerState.OPEN, LockerAction.LOAD)
        assignment.save(update_fields=["state"])
    item_told(item, "custody_item.added", actor)
    return item


@transaction.atomic
def custody_item_remove(*, visit_id: UUID, item_id: UUID, actor: Actor) -> None:
    """Take a thing off the list before the locker is shut; the journal keeps that it was on."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    item = CustodyItem.objects.get(pk=item_id, assignment=_listing(visit, off=True))
    item_told(item, "custody_item.removed", actor)
    item.delete()


@transaction.atomic
@gathered()
def deposit_sign(*, visit_id: UUID, party: str, strokes: Mapping[str, Any], actor: Actor) -> Visit:
    """Sign for what lies in the locker; with both signatures the visit is deposited.

    INVARIANT: signed is only what lies behind a door confirmed shut by two reads.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    assignment = assignment_of(visit)
    require(
        assignment.state == LockerState.SHUT,
        "locker_not_shut",
        "The locker is not confirmed shut.",
        "Shut its door; the board confirms it by two reads.",
    )
    both = _sign(visit, assignment, SignaturePurpose.DEPOSIT, party, strokes, actor, at=now())
    if both and visit.state == VisitState.IDENTIFIED:
        items = CustodyItem.objects.filter(assignment=assignment)
        visit_advance(
            visit=visit,
            action=VisitAction.DEPOSIT,
            actor=actor,
            details={
                "locker": str(assignment.locker),
                "items": items.filter(stays_with_visitor=False).count(),
                "staying": items.filter(stays_with_visitor=True).count(),
            },
        )
    return visit


@transaction.atomic
@gathered()
def return_sign(*, visit_id: UUID, party: str, strokes: Mapping[str, Any], actor: Actor) -> Visit:
    """Sign that everything was given back; with both signatures the locker is free again."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    assignment = assignment_of(visit)
    require(
        assignment.state == LockerState.EMPTYING and assignment.shut_confirmed_at is not None,
        "locker_not_emptied",
        "The locker has not been opened for the return and shut again.",
        "Open it, take everything out, shut its door.",
    )
    moment = now()
    if _sign(visit, assignment, SignaturePurpose.RETURN, party, strokes, actor, at=moment):
        CustodyItem.objects.filter(assignment=assignment).update(returned_at=moment)
        assignment.state = LOCKER.next(LockerState(assignment.state), LockerAction.RETURN)
        assignment.released_at = moment
        assignment.save(update_fields=["state", "released_at"])
        return_settle(visit=visit, actor=actor)
    return visit


def _sign(
    visit: Visit,
    assignment: LockerAssignment,
    purpose: SignaturePurpose,
    party: str,
    strokes: Mapping[str, Any],
    actor: Actor,
    *,
    at: datetime,
) -> bool:
    """Keep a signature; says whether both have signed now."""
    require(party in PARTIES, "party_unknown", "Sign as visitor or as guard.")
    require(bool(strokes), "signature_empty", "The signature is empty.", "Sign on the glass.")
    signer_id = visit.person_id if party == "visitor" else actor.person_id
    if signer_id is None:
        raise Refused("no_person", "This account belongs to no person, so it cannot sign.")
    require(
        party == "visitor" or signer_id != visit.person_id,
        "own_visit",
        "Nobody signs as the guard of his own visit.",
        "Ask a colleague.",
    )
    signatures = Signature.objects.filter(assignment=assignment, purpose=purpose)
    require(not signatures.filter(party=party).exists(), "signed_already", "This party has signed.")
    Signature.objects.create(
        assignment=assignment,
        purpose=purpose,
        signer_id=signer_id,
        party=party,
        strokes=dict(strokes),
        signed_at=at,
    )
    append(
        kind=f"{purpose.value}.signed",
        actor=actor,
        subject=assignment,
        facility=facility_of(visit).pk,
        occurred_at=at,
        body={
            "party": party,
            "signer": signer_id,
            "name": name_of(signer_id),
            "locker": str(assignment.locker),
            # The strokes stay in their table: the digest says whether they are those of the day.
            "strokes_sha256": strokes_digest(strokes),
            **visit_told(visit),
            **named(actor),
        },
    )
    publish(VisitChanged(visit.pk))
    return signatures.count() == len(PARTIES)


def _listing(visit: Visit, *, off: bool = False) -> LockerAssignment:
    """The visit's locker while its list may change; one that never opened may lose what it has."""
    assignment = assignment_of(visit)
    require(
        LockerState(assignment.state) in LISTING or (off and never_opened(assignment)),
        "locker_shut",
        "The locker is shut with the list as it is.",
        "Open it again to change what lies in it.",
    )
    return assignment

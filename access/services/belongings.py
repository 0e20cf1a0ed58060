"""The list of belongings, as the journal tells of it, and its way from one locker to the next."""

from access.events import VisitChanged
from access.models import CustodyItem, LockerAssignment
from access.services.visit import facility_of, visit_told
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.events import publish
from scif.people.naming import named


def items_move(was: LockerAssignment, to: LockerAssignment | None, actor: Actor) -> None:
    """Take everything off the list of one locker and, if there is another, put it on that one's."""
    for item in CustodyItem.objects.filter(assignment=was):
        item_told(item, "custody_item.removed", actor)
        item.delete()
        if to is not None:
            moved = CustodyItem.objects.create(
                assignment=to,
                kind=item.kind,
                mark=item.mark,
                stays_with_visitor=item.stays_with_visitor,
                approval=item.approval,
            )
            item_told(moved, "custody_item.added", actor)


def item_told(item: CustodyItem, kind: str, actor: Actor) -> None:
    """Record what became of a thing on the list."""
    visit = item.assignment.visit
    append(
        kind=kind,
        actor=actor,
        subject=item,
        facility=facility_of(visit).pk,
        body={
            "kind": item.kind,
            "mark": item.mark,
            "approval": item.approval,
            "stays": item.stays_with_visitor,
            "assignment": str(item.assignment_id),
            **visit_told(visit),
            **named(actor),
        },
    )
    publish(VisitChanged(visit.pk))

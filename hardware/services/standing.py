"""What gateways report of standing orders, and what nobody confirmed."""

from datetime import datetime

from django.db import transaction

from hardware.models import CommandState, StandingOrder
from hardware.rules.standing import STANDING, StandingAction, StandingState
from hardware.services.ingest import EdgeEvent
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now

KINDS = frozenset(
    {
        *("door.hold_began", "door.hold_ended", "door.shunt_began", "door.shunt_ended"),
        *("command.refused", "command.failed"),
    }
)


def standing_heard(event: EdgeEvent) -> None:
    """Keep what a gateway says of a standing order; of one that is not known it says nothing."""
    if event.kind in KINDS:
        _hear(event)


@transaction.atomic
def _hear(event: EdgeEvent) -> None:
    order = _locked(command_id=event.body["command_id"])
    if order is None or order.portal.zone.area.facility_id != event.gateway.facility_id:
        return
    match event.kind:
        case "door.hold_began" | "door.shunt_began":
            _step(order, StandingAction.BEGIN)
        case "door.hold_ended" | "door.shunt_ended":
            _step(order, StandingAction.END, event.occurred_at, str(event.body["cause"]))
        case "command.refused" | "command.failed":
            reason = str(event.body.get("reason", ""))
            _step(order, StandingAction.FAIL, event.occurred_at, reason)


@transaction.atomic
def standing_lapse(*, actor: Actor) -> int:
    """Close requests that nobody confirmed in time, and orders that no gateway answered."""
    orders = StandingOrder.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    late = orders.filter(state=StandingState.REQUESTED, lapses_at__lt=now())
    silent = orders.filter(state=StandingState.ORDERED, command__state=CommandState.UNCONFIRMED)
    count = 0
    for order in late.select_related("portal__zone__area"):
        _step(order, StandingAction.LAPSE, now(), "not_confirmed")
        append(
            kind="standing_order.lapsed",
            actor=actor,
            subject=order,
            facility=order.portal.zone.area.facility_id,
        )
        count += 1
    for order in silent:
        # The command's own entry and alarm tell of it.
        _step(order, StandingAction.FAIL, now(), "unconfirmed")
        count += 1
    return count


def _locked(**lookup: object) -> StandingOrder | None:
    orders = StandingOrder.objects.select_for_update(of=("self",), no_key=True)
    return orders.select_related("portal__zone__area").filter(**lookup).first()


def _step(
    order: StandingOrder, action: StandingAction, at: datetime | None = None, why: str = ""
) -> None:
    if action not in STANDING.allowed(StandingState(order.state)):
        return  # told twice, or late: what is known stays
    order.state = STANDING.next(StandingState(order.state), action)
    order.ended_at, order.ended_why = at, why[:60]
    order.save(update_fields=["state", "ended_at", "ended_why"])

"""Hold a door open, or shunt its alarm: one person asks, another confirms, and it ends by itself.

Such an order sets the door's own rules aside for everybody, so no decision is asked; what it needs
is a reason, two people and an end (docs/adr/0005-override.md).
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.selectors.lockdown import is_locked_down
from access.services.orders import door_reader, policy_number
from hardware.models import Command, StandingOrder, StandingVerb
from hardware.rules.standing import OPEN, STANDING, StandingAction, StandingState
from hardware.services.command import command_request
from scif.facilities.models import Facility, Portal
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import lock, visible

REQUEST = "access.request_standing_order"
CONFIRM = "access.confirm_standing_order"
LONGEST = {StandingVerb.HOLD: "hold_max_minutes", StandingVerb.SHUNT: "shunt_max_minutes"}


def standing_longest(facility: Facility, verb: StandingVerb) -> int:
    """Minutes that the policy allows at most; raises ``Refused`` where it does not say."""
    return policy_number(facility, LONGEST[verb])


@transaction.atomic
def standing_request(
    *, portal_id: UUID, verb: StandingVerb, minutes: int, reason: str, actor: Actor
) -> StandingOrder:
    """Ask that a door be held open or its alarm shunted; nothing happens until another confirms."""
    portals = Portal.objects.select_related("zone__area__facility__policy")
    portal = lock(visible(portals, actor, REQUEST), portal_id)
    facility = portal.zone.area.facility
    if actor.person_id is None:
        raise Refused("person_missing", "Only a named person may ask for this.")
    _not_barred(portal)
    require(bool(reason.strip()), "reason_missing", "Say what for.")
    most = standing_longest(facility, verb)
    require(
        0 < minutes <= most,
        "lasts_too_long",
        f"The policy allows at most {most} minutes.",
        "Ask for less; it can be asked for again.",
    )
    require(
        not portal.standing_orders.filter(verb=verb, state__in=OPEN).exists(),
        "order_waiting",
        "There is such an order for this door already.",
        "End it first.",
    )
    waits = timedelta(minutes=policy_number(facility, "standing_confirm_minutes"))
    order = StandingOrder.objects.create(
        portal=portal,
        verb=verb,
        minutes=minutes,
        reason=reason.strip()[:200],
        requested_by_id=actor.person_id,
        requested_at=now(),
        lapses_at=now() + waits,
    )
    _tell("requested", order, actor, reason=order.reason, minutes=minutes)
    return order


@transaction.atomic
def standing_confirm(*, order_id: UUID, actor: Actor) -> StandingOrder:
    """Confirm somebody else's request; from now on its minutes run. Both stand in the envelope."""
    order = _lock(order_id, actor, CONFIRM)
    portal = order.portal
    require(
        actor.person_id is not None and actor.person_id != order.requested_by_id,
        "own_request",
        "Who asked for it may not confirm it.",
        "A second person confirms.",
    )
    require(
        now() < order.lapses_at, "request_lapsed", "This request is too old.", "Ask for it anew."
    )
    _not_barred(portal)
    order.state = STANDING.next(StandingState(order.state), StandingAction.CONFIRM)
    order.confirmed_by_id, order.confirmed_at = actor.person_id, now()
    order.until = now() + timedelta(minutes=order.minutes)
    order.command = _command(
        portal,
        order.verb,
        {
            "until": order.until.isoformat(),
            "requested_by": str(order.requested_by_id),
            "confirmed_by": str(order.confirmed_by_id),
            "reason": order.reason,
        },
        actor,
    )
    order.save(update_fields=["state", "confirmed_by", "confirmed_at", "until", "command"])
    _tell("confirmed", order, actor, command=str(order.command_id), until=order.until.isoformat())
    return order


@transaction.atomic
def standing_end(*, order_id: UUID, actor: Actor) -> StandingOrder:
    """Withdraw a request, or order what stands to end: that needs nobody else."""
    order = _lock(order_id, actor, REQUEST)
    if StandingState(order.state) is StandingState.REQUESTED:
        order.state = STANDING.next(StandingState.REQUESTED, StandingAction.LAPSE)
        order.ended_at, order.ended_why = now(), "withdrawn"
        order.save(update_fields=["state", "ended_at", "ended_why"])
        _tell("withdrawn", order, actor)
        return order
    require(
        StandingAction.END in STANDING.allowed(StandingState(order.state)),
        "wrong_state",
        "This order is over already.",
    )
    command = _command(order.portal, "door_release", {"of": order.verb}, actor)
    _tell("end_requested", order, actor, command=str(command.pk))
    return order


def standing_barred(portal: Portal) -> Refused | None:
    """What would refuse any such order at a door now: in a lockdown none stands; else None."""
    if not is_locked_down(portal.zone.area):
        return None
    return Refused(
        "lockdown",
        _("A lockdown is in force behind this door: its gateway obeys no such order."),
        _("Lift the lockdown first."),
    )


def _not_barred(portal: Portal) -> None:
    """Refuse what the gateway would."""
    barred = standing_barred(portal)
    if barred is not None:
        raise barred


def _lock(order_id: UUID, actor: Actor, permission: str) -> StandingOrder:
    orders = StandingOrder.objects.select_related("portal__zone__area__facility__policy")
    return lock(visible(orders, actor, permission), order_id)


def _command(portal: Portal, verb: str, args: dict[str, str], actor: Actor) -> Command:
    facility = portal.zone.area.facility
    return command_request(
        gateway=door_reader(portal).bus.gateway,
        target=portal.code,
        verb=verb,
        args=args,
        lifetime=timedelta(seconds=policy_number(facility, "unlock_lifetime")),
        actor=actor,
    )


def _tell(what: str, order: StandingOrder, actor: Actor, **body: object) -> None:
    append(
        kind=f"standing_order.{what}",
        actor=actor,
        subject=order,
        facility=order.portal.zone.area.facility_id,
        body={"verb": order.verb, "portal": order.portal.code, **body},
    )

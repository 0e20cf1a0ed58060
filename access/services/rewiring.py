"""Change wires of a door, move a bus, end an alarm panel: one officer asks, another confirms.

Whoever could say alone that the wire of "intrusion" means "all quiet" could open a room unseen. So
what is asked for waits, changes nothing, and lapses by the policy's time. What weakens a place by
an edit of its record is asked for in ``access/services/edit.py`` and confirmed here as well.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.services.edit import edit_carry_out
from access.services.grant import grant_carry_out
from access.services.hand_over import zone_hand_over
from access.services.policy import policy_publish
from access.services.rewiring_request import asking, request, tell
from hardware.models import Bus, Device, Rewiring, RewiringKind
from hardware.rules.rewiring import REWIRING, RewiringAction, RewiringState
from hardware.services.panel_board import panel_stays_check
from hardware.services.panel_end import panel_check, panel_end
from hardware.services.plant import CHANGE, bus_change, device_change
from hardware.services.reader_key import reader_provision, reader_replace_check
from hardware.services.retirement import device_retire
from hardware.services.rewiring import moves, rewires
from hardware.services.said import bus_said, device_said
from hardware.services.wiring import bus_check, device_check
from scif.facilities.models import Area, LockerBank, Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.text import text_of
from scif.people.access import lock, may, visible
from scif.people.models import User

CONFIRM = "hardware.confirm_rewiring"


@transaction.atomic
def device_change_ask(
    *,
    device_id: UUID,
    address: int,
    options: Mapping[str, Any],
    reason: str,
    actor: Actor,
    portal: Portal | None = None,
    direction: str = "",
    bank: LockerBank | None = None,
) -> Device | Rewiring:
    """Change a device; where that touches what its wires mean, ask for it.

    Gives the device as changed, or the request that waits for another officer. What could not be
    done is refused at once, by ``ValidationError`` where the record's own checks refuse it; only a
    request needs a reason.
    """
    device = _device_lock(device_id, actor)
    said = device_said(device)
    # As it would be: never saved here.
    device.address, device.options = address, dict(options)
    device.portal, device.direction, device.bank = portal, direction, bank
    device_check(device)
    after = device_said(device)
    if not rewires(said, after):
        return device_change(
            device_id=device_id,
            address=address,
            options=options,
            portal=portal,
            direction=direction,
            bank=bank,
            actor=actor,
        )
    device.full_clean()
    panel_stays_check(device=device, before=said["options"], after=after["options"])
    return request(
        Rewiring(kind=RewiringKind.CHANGE, device=device, before=said, after=after),
        device.bus.gateway.facility,
        reason,
        actor,
    )


@transaction.atomic
def device_retire_ask(*, device_id: UUID, reason: str, actor: Actor) -> Device | Rewiring:
    """Take a device out; one that has wires of a door waits for another officer's word."""
    device = _device_lock(device_id, actor)
    said = device_said(device)
    if not rewires(said, {}):
        return device_retire(device_id=device_id, reason=reason, actor=actor)
    panel_stays_check(device=device, before=said["options"], after={})
    return request(
        Rewiring(kind=RewiringKind.RETIRE, device=device, before=said),
        device.bus.gateway.facility,
        reason,
        actor,
    )


@transaction.atomic
def reader_replace_ask(*, device_id: UUID, reason: str, actor: Actor) -> Rewiring:
    """Ask that a reader which has a key take another under the default key, as one that has none.

    Whoever stands at the line in that window can be the reader from then on.
    """
    device = _device_lock(device_id, actor)
    reader_replace_check(device)
    order = Rewiring(kind=RewiringKind.REKEY, device=device, before=device_said(device))
    return request(order, device.bus.gateway.facility, reason, actor)


@transaction.atomic
def bus_change_ask(
    *, bus_id: UUID, port: str, baud: int, reason: str, actor: Actor
) -> Bus | Rewiring:
    """Move a bus to another port or speed; where wires of doors move along, ask for it.

    Gives the bus as changed, or the request that waits for another officer.
    """
    bus = _bus_lock(bus_id, actor)
    before, moved = bus_said(bus), moves(bus, port)
    if not moved:
        return bus_change(bus_id=bus_id, port=port, baud=baud, actor=actor)
    # As it would be: never saved here.
    bus.port, bus.baud = port, baud
    bus_check(bus)
    bus.full_clean()
    order = Rewiring(kind=RewiringKind.PORT, bus=bus, before=before, after=bus_said(bus))
    return request(order, bus.gateway.facility, reason, actor)


@transaction.atomic
def panel_end_ask(*, area_id: UUID, reason: str, actor: Actor) -> Rewiring:
    """Ask that an area have no alarm panel any more; until another confirms, its doors ask on."""
    areas = visible(Area.objects.select_related("facility__policy"), actor, CHANGE)
    area = lock(areas, area_id)
    panel_check(area)
    return request(Rewiring(kind=RewiringKind.PANEL_END, area=area), area.facility, reason, actor)


@transaction.atomic
def rewiring_confirm(*, rewiring_id: UUID, actor: Actor) -> Rewiring:
    """Confirm another officer's request, which is done in the same transaction.

    Refuses where the device has changed since: the two agreed on something else.
    """
    order = _lock(rewiring_id, actor, CONFIRM)
    person_id = asking(actor)
    require(
        person_id != order.requested_by_id,
        "own_request",
        _("Who asked for it may not confirm it."),
        _("Another officer confirms."),
    )
    state = REWIRING.next(RewiringState(order.state), RewiringAction.CONFIRM)
    require(
        _asker_stands(order),
        "asker_gone",
        _("Who asked for it may not ask for it any more."),
        _("Withdraw it, and ask for it yourself: another officer confirms then."),
    )
    require(
        now() < order.lapses_at,
        "request_lapsed",
        _("This request is too old."),
        _("Ask for it anew."),
    )
    order.state, order.decided_by_id, order.decided_at = state, person_id, now()
    order.save(update_fields=["state", "decided_by", "decided_at"])
    tell("confirmed", order, actor, requested_by=str(order.requested_by_id))
    _carry_out(order, actor)
    return order


@transaction.atomic
def rewiring_withdraw(*, rewiring_id: UUID, reason: str, actor: Actor) -> Rewiring:
    """Withdraw a request, one's own or another's: that changes nothing and needs nobody else."""
    order = _lock(rewiring_id, actor, CHANGE)
    why = text_of(reason, "reason", missing=_("Say why."))
    order.state = REWIRING.next(RewiringState(order.state), RewiringAction.WITHDRAW)
    order.decided_by_id, order.decided_at = asking(actor), now()
    order.save(update_fields=["state", "decided_by", "decided_at"])
    tell("withdrawn", order, actor, why=why)
    return order


def _asker_stands(order: Rewiring) -> bool:
    """Whether the asker is still an officer there: a word of two is one of two who are."""
    user = User.objects.filter(person=order.requested_by_id).first()
    asker = Actor.user(user.pk, order.requested_by_id) if user else None
    return asker is not None and may(asker, CHANGE, order.facility)


def _carry_out(order: Rewiring, actor: Actor) -> None:
    if order.kind == RewiringKind.PANEL_END:
        panel_end(agreed=order, actor=actor)
    elif order.kind == RewiringKind.HAND_OVER and order.place_id is not None:
        zone_hand_over(
            zone_id=order.place_id,
            gateway=order.after["gateway"],
            reason=order.reason,
            actor=actor,
            agreed=order,
        )
    elif order.kind == RewiringKind.GRANT:
        grant_carry_out(agreed=order, actor=actor)
    elif order.kind == RewiringKind.EDIT:
        edit_carry_out(agreed=order, actor=actor)
    elif order.kind == RewiringKind.POLICY and order.place_id is not None:
        policy_publish(
            profile_id=order.place_id,
            changes=order.after,
            reason=order.reason,
            actor=actor,
            agreed=order,
        )
    elif order.bus is not None:
        _bus_carry_out(order, order.bus.pk, actor)
    elif order.device is not None:
        _device_carry_out(order, order.device.pk, actor)


def _bus_carry_out(order: Rewiring, bus_id: UUID, actor: Actor) -> None:
    bus = _bus_lock(bus_id, actor)
    _as_agreed(bus_said(bus), order)
    after = order.after
    bus_change(bus_id=bus.pk, port=after["port"], baud=after["baud"], actor=actor, agreed=order)


def _device_carry_out(order: Rewiring, device_id: UUID, actor: Actor) -> None:
    device = _device_lock(device_id, actor)
    _as_agreed(device_said(device), order)
    if order.kind == RewiringKind.REKEY:
        reader_provision(
            device_id=device.pk, reason=order.reason, from_default=True, actor=actor, agreed=order
        )
        return
    if order.kind == RewiringKind.RETIRE:
        device_retire(device_id=device.pk, reason=order.reason, actor=actor, agreed=order)
        return
    after, facility = order.after, order.facility_id
    doors = Portal.objects.filter(zone__area__facility=facility)
    banks = LockerBank.objects.filter(facility=facility)
    device_change(
        device_id=device.pk,
        address=after["address"],
        options=after["options"],
        portal=doors.get(code=after["portal"]) if after["portal"] else None,
        direction=after["direction"] or "",
        bank=banks.get(code=after["bank"]) if after["bank"] else None,
        actor=actor,
        agreed=order,
    )


def _as_agreed(said: Mapping[str, Any], order: Rewiring) -> None:
    require(
        said == order.before,
        "changed_meanwhile",
        _("%(what)s has changed since this was asked for.") % {"what": order.subject},
        _("Withdraw it, and ask for it anew."),
    )


def _device_lock(device_id: UUID, actor: Actor) -> Device:
    devices = Device.objects.select_related("bus__gateway__facility__policy", "portal", "bank")
    device = lock(visible(devices, actor, CHANGE), device_id)
    require(device.retired_at is None, "retired", _("It was taken out before."))
    return device


def _bus_lock(bus_id: UUID, actor: Actor) -> Bus:
    buses = Bus.objects.select_related("gateway__facility__policy")
    bus = lock(visible(buses, actor, CHANGE), bus_id)
    require(bus.retired_at is None, "retired", _("It was taken out before."))
    return bus


def _lock(rewiring_id: UUID, actor: Actor, permission: str) -> Rewiring:
    orders = Rewiring.objects.select_related("facility", "device", "bus", "area")
    return lock(visible(orders, actor, permission), rewiring_id)

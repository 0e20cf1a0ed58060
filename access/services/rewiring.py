"""Change what monitored inputs mean, or end an area's alarm panel: one officer asks, one confirms.

Whoever could say alone that the wire of "intrusion" means "all quiet" could open a room unseen. So
what is asked for waits, changes nothing, and lapses by the policy's time.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.services.orders import policy_number
from hardware.models import Device, Rewiring, RewiringKind
from hardware.rules.rewiring import REWIRING, RewiringAction, RewiringState
from hardware.services.panel_board import panel_stays_check
from hardware.services.panel_end import panel_check, panel_end
from hardware.services.plant import CHANGE, device_change, device_said
from hardware.services.retirement import device_retire
from hardware.services.rewiring import rewires
from hardware.services.wiring import device_check
from scif.facilities.models import Area, LockerBank, Portal
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, require
from scif.kernel.text import text_of
from scif.people.access import lock, visible

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
    """Change a device; where that touches what its monitored inputs mean, ask for it.

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
    return _ask(
        Rewiring(kind=RewiringKind.CHANGE, device=device, before=said, after=after),
        device.bus.gateway.facility,
        reason,
        actor,
    )


@transaction.atomic
def device_retire_ask(*, device_id: UUID, reason: str, actor: Actor) -> Device | Rewiring:
    """Take a device out; one that has monitored inputs waits for another officer's word."""
    device = _device_lock(device_id, actor)
    said = device_said(device)
    if not rewires(said, {}):
        return device_retire(device_id=device_id, reason=reason, actor=actor)
    panel_stays_check(device=device, before=said["options"], after={})
    return _ask(
        Rewiring(kind=RewiringKind.RETIRE, device=device, before=said),
        device.bus.gateway.facility,
        reason,
        actor,
    )


@transaction.atomic
def panel_end_ask(*, area_id: UUID, reason: str, actor: Actor) -> Rewiring:
    """Ask that an area have no alarm panel any more; until another confirms, its doors ask on."""
    areas = visible(Area.objects.select_related("facility__policy"), actor, CHANGE)
    area = lock(areas, area_id)
    panel_check(area)
    return _ask(Rewiring(kind=RewiringKind.PANEL_END, area=area), area.facility, reason, actor)


@transaction.atomic
def rewiring_confirm(*, rewiring_id: UUID, actor: Actor) -> Rewiring:
    """Confirm another officer's request, which is done in the same transaction.

    Refuses where the device has changed since: the two agreed on something else.
    """
    order = _lock(rewiring_id, actor, CONFIRM)
    person_id = _person(actor)
    require(
        person_id != order.requested_by_id,
        "own_request",
        _("Who asked for it may not confirm it."),
        _("Another officer confirms."),
    )
    state = REWIRING.next(RewiringState(order.state), RewiringAction.CONFIRM)
    require(
        now() < order.lapses_at,
        "request_lapsed",
        _("This request is too old."),
        _("Ask for it anew."),
    )
    order.state, order.decided_by_id, order.decided_at = state, person_id, now()
    order.save(update_fields=["state", "decided_by", "decided_at"])
    _tell("confirmed", order, actor, requested_by=str(order.requested_by_id))
    _carry_out(order, actor)
    return order


@transaction.atomic
def rewiring_withdraw(*, rewiring_id: UUID, reason: str, actor: Actor) -> Rewiring:
    """Withdraw a request, one's own or another's: that changes nothing and needs nobody else."""
    order = _lock(rewiring_id, actor, CHANGE)
    why = text_of(reason, "reason", missing=_("Say why."))
    order.state = REWIRING.next(RewiringState(order.state), RewiringAction.WITHDRAW)
    order.decided_by_id, order.decided_at = _person(actor), now()
    order.save(update_fields=["state", "decided_by", "decided_at"])
    _tell("withdrawn", order, actor, why=why)
    return order


def _carry_out(order: Rewiring, actor: Actor) -> None:
    if order.device is None:
        panel_end(agreed=order, actor=actor)
        return
    device = _device_lock(order.device.pk, actor)
    require(
        device_said(device) == order.before,
        "changed_meanwhile",
        _("%(code)s has changed since this was asked for.") % {"code": device.code},
        _("Withdraw it, and ask for it anew."),
    )
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


def _ask(order: Rewiring, facility: Any, reason: str, actor: Actor) -> Rewiring:
    order.reason = text_of(reason, "reason", missing=_("Say why: another officer will read it."))
    open_ones = Rewiring.objects.filter(
        device=order.device, area=order.area, state=RewiringState.REQUESTED
    )
    require(
        not open_ones.exists(),
        "request_waiting",
        _("Such a request waits already."),
        _("Confirm or withdraw that one first."),
    )
    order.facility = facility
    order.requested_by_id, order.requested_at = _person(actor), now()
    minutes = policy_number(facility, "rewiring_confirm_minutes")
    order.lapses_at = order.requested_at + timedelta(minutes=minutes)
    order.save(force_insert=True)
    _tell("requested", order, actor, before=order.before, after=order.after, reason=order.reason)
    return order


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotPermitted("person_missing", _("Only a named person may do this."))
    return actor.person_id


def _device_lock(device_id: UUID, actor: Actor) -> Device:
    devices = Device.objects.select_related("bus__gateway__facility__policy", "portal", "bank")
    device = lock(visible(devices, actor, CHANGE), device_id)
    require(device.retired_at is None, "retired", _("It was taken out before."))
    return device


def _lock(rewiring_id: UUID, actor: Actor, permission: str) -> Rewiring:
    orders = Rewiring.objects.select_related("facility", "device", "area")
    return lock(visible(orders, actor, permission), rewiring_id)


def _tell(what: str, order: Rewiring, actor: Actor, **body: object) -> None:
    append(
        kind=f"rewiring.{what}",
        actor=actor,
        subject=order,
        facility=order.facility_id,
        body={"what": order.kind, "of": order.subject, **body},
    )

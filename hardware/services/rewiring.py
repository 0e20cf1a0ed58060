"""What the monitored inputs of a device mean, and that two officers change it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from hardware.kinds import CONTACT, REX, TAMPER
from hardware.models import Device, Rewiring, RewiringKind
from hardware.rules.rewiring import REWIRING, RewiringAction, RewiringState
from hardware.services.wiring import door_wires, panel_inputs
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require

# A handle that opens explains an opening: what it is told through says what counts as forced.
OF_A_DOOR = (CONTACT, REX)


class Meaning(NamedTuple):
    """What one input says: on which wire it arrives, what it tells of what, and how it rests.

    ``active`` is the state in which an alarm panel's input says it, for others always true.
    """

    fact: str
    of: str
    number: int
    active: bool
    rests_closed: bool
    bus: str
    address: int


def meanings(said: Mapping[str, Any]) -> frozenset[Meaning]:
    """What a device's inputs mean by which doors, alarms and covers are judged.

    ``said`` is a device as the journal keeps it; one that is taken out says nothing.
    """
    options = said.get("options") or {}
    closed = frozenset(options.get("normally_closed") or ())

    def meaning(fact: str, of: str, number: int, *, active: bool = True) -> Meaning:
        where = (str(said["bus"]), int(said["address"]))
        return Meaning(fact, of, number, active, number in closed, *where)

    doors: dict[str, Mapping[str, Any]] = dict(options.get("portals") or {})
    if said.get("portal"):
        doors[said["portal"]] = options
    found = {
        meaning(name, door, int(wires[name]))
        for door, wires in doors.items()
        for name in OF_A_DOOR
        if wires.get(name) is not None
    }
    if options.get(TAMPER) is not None:
        found.add(meaning(TAMPER, "", int(options[TAMPER])))
    for number, says in panel_inputs(options):
        area = options["panel"]["area"]
        found.add(meaning(says["fact"], area, number, active=bool(says["active"])))
    return frozenset(found)


def rewires(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change touches what any monitored input means."""
    return meanings(before) != meanings(after)


def agreed_check(
    *,
    device: Device,
    kind: RewiringKind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    agreed: Rewiring | None,
) -> None:
    """Refuse what two officers have to agree on, unless ``agreed`` is their word on just this."""
    if not rewires(before, after):
        return
    require(
        agreed is not None
        and agreed.state == RewiringState.CONFIRMED
        and (agreed.device_id, agreed.kind) == (device.pk, kind)
        and (agreed.before, agreed.after) == (before, after),
        "two_needed",
        _("This changes what the monitored inputs of %(code)s mean.") % {"code": device.code},
        _("One officer asks for it, and another one confirms."),
    )


def added_check(device: Device) -> None:
    """Refuse a new device that brings a handle to a door whose contact another one tells.

    What that door had called forced would be explained from then on: a change for two officers.
    """
    handles = {door for door, name, _number in door_wires(device) if name == REX}
    others = Device.objects.filter(bus__gateway__facility=device.bus.gateway.facility_id)
    elsewhere = {
        door
        for other in others.select_related("portal")
        for door, name, _number in door_wires(other)
        if name == CONTACT
    }
    require(
        not handles & elsewhere,
        "two_needed",
        _("A handle here would explain openings of a door whose contact another device tells."),
        _("Add the device without it, then ask for the handle; another officer confirms."),
    )


@transaction.atomic
def rewiring_lapse(*, actor: Actor) -> int:
    """Close requests that nobody confirmed in time; nothing of them was done."""
    rows = Rewiring.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    late = list(rows.filter(state=RewiringState.REQUESTED, lapses_at__lte=now()))
    for each in late:
        each.state = REWIRING.next(RewiringState.REQUESTED, RewiringAction.LAPSE)
        each.decided_at = now()
        each.save(update_fields=["state", "decided_at"])
        append(kind="rewiring.lapsed", actor=actor, subject=each, facility=each.facility_id)
    return len(late)

"""What the wires of a device mean, and that two officers change it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from hardware.kinds import CONTACT, OUTPUT, REX, TAMPER
from hardware.models import Bus, Device, Rewiring, RewiringKind
from hardware.rules.rewiring import REWIRING, RewiringAction, RewiringState
from hardware.services.said import bus_said, device_said
from hardware.services.wiring import door_wires, doors_of, panel_inputs
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require

# A handle that opens explains an opening: what it is told through says what counts as forced. And
# an output of another door would open this one by the other's rules.
OF_A_DOOR = (CONTACT, REX, OUTPUT)
# What a reader is for: one that lets out opens to any badge.
READS = "reads_"


class Meaning(NamedTuple):
    """What one wire says or does: where it is, what it tells of what, and how it rests.

    ``active`` is the state in which an alarm panel's input says it, for others always true. A
    reader that reads at a door (``READS`` and its direction) has the number 0.
    """

    fact: str
    of: str
    number: int
    active: bool
    rests_closed: bool
    bus: str
    address: int


def meanings(said: Mapping[str, Any]) -> frozenset[Meaning]:
    """What of a device doors, alarms and covers are judged by, and which doors it opens.

    ``said`` is a device as the journal keeps it; one that is taken out says nothing.
    """
    options = said.get("options") or {}
    closed = frozenset(options.get("normally_closed") or ())

    def meaning(fact: str, of: str, number: int, *, active: bool = True) -> Meaning:
        where = (str(said["bus"]), int(said["address"]))
        found = Meaning(fact, of, number, active, number in closed, *where)
        return found._replace(rests_closed=False) if _opens(found) else found

    doors: dict[str, Mapping[str, Any]] = dict(options.get("portals") or {})
    if said.get("portal"):
        doors[said["portal"]] = options
    found = {
        meaning(name, door, int(wires[name]))
        for door, wires in doors.items()
        for name in OF_A_DOOR
        if wires.get(name) is not None
    }
    if said.get("portal") and said.get("direction"):
        found.add(meaning(f"{READS}{said['direction']}", said["portal"], 0))
    if options.get(TAMPER) is not None:
        found.add(meaning(TAMPER, "", int(options[TAMPER])))
    for number, says in panel_inputs(options):
        area = options["panel"]["area"]
        found.add(meaning(says["fact"], area, number, active=bool(says["active"])))
    return frozenset(found)


def rewires(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change touches what doors, panels and covers are judged by, or opens one anew.

    What only opened a door may go by one officer's word: the door stays shut.
    """
    was, will = meanings(before), meanings(after)
    return bool(will - was) or not all(_opens(each) for each in was - will)


def _opens(each: Meaning) -> bool:
    """Whether it opens a door, and tells nothing of it."""
    return each.fact == OUTPUT or each.fact.startswith(READS)


def moves(bus: Bus, port: str) -> bool:
    """Whether a bus's other port would be another meaning of what hangs on it.

    Its devices may be told by others at that port; only what no door is judged by may go there.
    """
    devices = bus.devices.filter(retired_at=None).select_related("bus", "portal", "bank")
    return port != bus.port and any(meanings(device_said(each)) for each in devices)


def moved_check(*, bus: Bus, before: Mapping[str, Any], agreed: Rewiring | None) -> None:
    """Refuse a bus's move that two officers did not agree on; ``bus`` says where it goes."""
    require(
        agreed is not None
        and agreed.state == RewiringState.CONFIRMED
        and (agreed.bus_id, agreed.kind) == (bus.pk, RewiringKind.PORT)
        and (agreed.before, agreed.after) == (before, bus_said(bus)),
        "two_needed",
        _("At another port others may speak for the doors of %(code)s.") % {"code": bus.code},
        _("One officer asks for it, and another one confirms."),
    )


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
        _("This changes what the wires of %(code)s mean.") % {"code": device.code},
        _("One officer asks for it, and another one confirms."),
    )


def added_check(device: Device) -> None:
    """Refuse a new device that takes a check from a door that stands already.

    A handle explains openings of a door whose contact another one tells, which had been called
    forced; a reader that lets out opens to any badge. Each is a change for two officers.
    """
    handles = {door for door, name, _number in door_wires(device) if name == REX}
    facility = device.bus.gateway.facility_id
    others = Device.objects.filter(bus__gateway__facility=facility, retired_at=None)
    contacts: set[str] = set()
    doors: set[str] = set()
    for other in others.select_related("portal"):
        contacts |= {door for door, name, _number in door_wires(other) if name == CONTACT}
        doors |= doors_of(other)
    require(
        not handles & contacts,
        "two_needed",
        _("A handle here would explain openings of a door whose contact another device tells."),
        _("Add the device without it, then ask for the handle; another officer confirms."),
    )
    lets_out = device.direction == "out" and device.portal is not None
    require(
        not (lets_out and doors_of(device) & doors),
        "two_needed",
        _("A reader that lets out opens to any badge, and this door is in use."),
        _("Add it as one that lets in, then ask for the change; another officer confirms."),
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

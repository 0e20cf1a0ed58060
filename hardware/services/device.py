"""What the centre makes of a gateway's reports about devices, doors and commands."""

from collections.abc import Callable
from functools import partial

from hardware.drivers.base import BUS_ANEW
from hardware.kinds import CONTACT
from hardware.models import (
    CommandState,
    Device,
    DeviceState,
    DoorState,
    DoorStatus,
)
from hardware.services.command import command_mark
from hardware.services.ingest import EdgeEvent
from hardware.services.panel import panel_heard
from hardware.services.reader_key import reader_keyed
from hardware.services.wiring import door_wires
from hardware.words import reason_words
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise, alarm_restate
from scif.facilities.models import Portal


def edge_event_apply(event: EdgeEvent) -> None:
    """Keep what an event says about hardware; kinds that say nothing of it pass by."""
    handler = HANDLERS.get(event.kind)
    if handler is not None:
        handler(event)


def _device_heard(event: EdgeEvent) -> None:
    device = Device.objects.filter(code=event.body["device"], bus__gateway=event.gateway).first()
    if device is None:
        return
    changes: dict[str, object] = {"heard_at": event.occurred_at}
    match event.kind:
        case "device.online":
            changes |= {"online": True, "secure": bool(event.body.get("secure")), "reason": ""}
        case "device.offline":
            changes |= {
                "online": False,
                "secure": False,
                "reason": str(event.body.get("reason", ""))[:120],
            }
        case "device.tamper":
            changes |= {"tamper": bool(event.body.get("active"))}
        case "device.power":
            changes |= {"power_failed": bool(event.body.get("active"))}
    before = DeviceState.objects.filter(device=device).first()
    DeviceState.objects.update_or_create(device=device, defaults=changes)
    if event.kind == "device.online" and before is not None and not before.online:
        _answers_again(device, event)
    # Its gateway began the bus anew, and says so again if the device does not come back.
    planned = event.kind == "device.offline" and event.body.get("reason") == BUS_ANEW
    if event.kind in DEVICE_ALARMS and event.body.get("active", True) and not planned:
        gravity, words = DEVICE_ALARMS[event.kind]
        alarm_raise(
            facility=event.gateway.facility,
            gravity=gravity,
            kind=event.kind.replace(".", "_"),
            subject=device.code,
            message=words.format(
                device=device.code, reason=reason_words(str(event.body.get("reason", "")))
            ),
            actor=event.actor,
        )
    codes = [portal for portal, wire, _number in door_wires(device) if wire == CONTACT]
    for portal in Portal.objects.filter(code__in=codes):
        _door_reachable(portal, event)


def _answers_again(device: Device, event: EdgeEvent) -> None:
    """End what its silence raised: by itself after a blip, else once somebody has looked.

    How long it lasted only its gateway knows: times of its clock, which may have been set
    meanwhile, do not tell.
    """
    told = event.body.get("away_ms")
    seconds = None if told is None else told / 1000
    entry = event.gateway.facility.policy.values.get("device_blip_seconds") or {}
    blip = seconds is not None and seconds < entry.get("value", 0)
    words = f"{device.code} {_away_words(seconds)}it answers again"
    end = partial(alarm_clear, note=words) if blip else partial(alarm_restate, message=words)
    end(
        facility=event.gateway.facility,
        kind="device_offline",
        subject=device.code,
        actor=event.actor,
    )


def _away_words(seconds: float | None) -> str:
    if seconds is None:
        return "gave no answer, and its gateway has started since; "
    return f"gave no answer for {seconds:.{1 if seconds < 10 else 0}f} s; "


def _door_reachable(portal: Portal, event: EdgeEvent) -> None:
    """The device that tells of a door went or came back.

    One that is back asks its contact at once: had the leaf moved meanwhile, an event of the door
    follows this one and says so. INVARIANT: a leaf that stood open stands open until then.
    """
    state = DoorState.objects.filter(portal=portal).first()
    if event.kind == "device.offline":
        _door_set(portal, event, status=DoorStatus.UNKNOWN)
    elif event.kind == "device.online" and (state is None or state.status == DoorStatus.UNKNOWN):
        told = state.told if state else DoorStatus.UNKNOWN
        known = DoorStatus.LOCKED if told == DoorStatus.UNKNOWN else DoorStatus(told)
        _door_set(portal, event, status=known)


def _door_heard(event: EdgeEvent) -> None:
    portal = Portal.objects.filter(code=event.body["portal"]).first()
    if portal is None:
        return
    status = DOOR_STATUS.get(event.kind)
    if event.kind == "door.relocked" and _stands_open(portal):
        # The bolt is out again while the leaf stands open: the contact decides what is shown.
        return
    if status is not None:
        _door_set(portal, event, status=status, told=status)
    if event.kind == "door.closed":
        # It was shut in time, or what came of it has an alarm of its own.
        alarm_clear(
            facility=event.gateway.facility,
            kind=HELD_WARNING.replace(".", "_"),
            subject=portal.code,
            note=f"{portal.code} is shut",
            actor=event.actor,
        )
    if event.kind in DOOR_ALARMS:
        gravity, words = DOOR_ALARMS[event.kind]
        alarm_raise(
            facility=event.gateway.facility,
            gravity=gravity,
            kind=event.kind.replace(".", "_"),
            subject=portal.code,
            message=words.format(portal=portal.code, limit=portal.held_seconds),
            actor=event.actor,
        )


def _stands_open(portal: Portal) -> bool:
    states = DoorState.objects.filter(portal=portal)
    return states.filter(status__in=[DoorStatus.AJAR, DoorStatus.HELD, DoorStatus.FORCED]).exists()


def _door_set(portal: Portal, event: EdgeEvent, **told: DoorStatus) -> None:
    DoorState.objects.update_or_create(
        portal=portal, defaults={**told, "changed_at": event.occurred_at}
    )


def _command_heard(event: EdgeEvent) -> None:
    state = COMMAND_STATES[event.kind]
    command_mark(
        command_id=str(event.body["command_id"]),
        state=state,
        reason=str(event.body.get("reason", "")),
        result={},
    )
    if event.kind == "command.refused":
        # An alarm for each reason: what came late may hide nothing that was forged.
        reason = str(event.body.get("reason", ""))
        alarm_raise(
            facility=event.gateway.facility,
            gravity=Gravity.ACT,
            kind="command_refused",
            subject=f"{event.gateway.code}: {reason}"[:60],
            message=f"{event.gateway.code} refused a command: {reason_words(reason)}",
            actor=event.actor,
        )


def _clock_jumped(event: EdgeEvent) -> None:
    """A clock was set, and not in small steps: whoever did it may have meant to revive a right."""
    code, seconds = event.gateway.code, event.body["jump_ms"] / 1000
    way = "ahead" if seconds > 0 else "back"
    alarm_raise(
        facility=event.gateway.facility,
        gravity=Gravity.CHECK,
        kind="clock_jumped",
        subject=code,
        message=f"Clock of {code} jumped {abs(seconds):.1f} s {way}: see who or what set it",
        actor=event.actor,
    )


DEVICE_ALARMS = {
    "device.offline": (Gravity.CHECK, "{device} gives no answer"),
    "device.tamper": (Gravity.RESPOND, "Cover of {device} opened"),
    "device.power": (Gravity.ACT, "The supply of {device} has failed"),
    "device.insecure": (Gravity.RESPOND, "{device} is not spoken to: {reason}"),
}
DOOR_STATUS = {
    "door.opened": DoorStatus.AJAR,
    "door.closed": DoorStatus.LOCKED,
    "door.relocked": DoorStatus.LOCKED,
    "door.forced": DoorStatus.FORCED,
    "door.held": DoorStatus.HELD,
}
HELD_WARNING = "door.held_warning"
DOOR_ALARMS = {
    "door.forced": (Gravity.RESPOND, "Door {portal} forced"),
    HELD_WARNING: (Gravity.NOTE, "Door {portal} stands open, limit {limit} s"),
    "door.held": (Gravity.ACT, "Door {portal} held open, limit {limit} s"),
}
COMMAND_STATES = {
    "command.done": CommandState.CONFIRMED,
    "command.refused": CommandState.REFUSED,
    "command.failed": CommandState.FAILED,
}
DEVICE_EVENTS = (
    "device.online",
    "device.offline",
    "device.tamper",
    "device.power",
    "device.insecure",
)
HANDLERS: dict[str, Callable[[EdgeEvent], None]] = {
    **dict.fromkeys(DEVICE_EVENTS, _device_heard),
    "device.keyed": reader_keyed,
    **dict.fromkeys((*DOOR_STATUS, *DOOR_ALARMS), _door_heard),
    **dict.fromkeys(COMMAND_STATES, _command_heard),
    "panel.changed": panel_heard,
    "clock.jumped": _clock_jumped,
}

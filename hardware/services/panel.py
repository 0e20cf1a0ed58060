"""What the centre keeps of an alarm panel: its mode, alarm and trouble, and the alarms they are."""

from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from hardware.services.ingest import EdgeEvent
from hardware.services.panel_board import panel_boards
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Area, IdsMode, IdsState


def panel_heard(event: EdgeEvent) -> None:
    """Keep what a panel says, and raise an alarm where it begins to say so.

    Refuses (``DoesNotExist``) an area that this facility does not have: the event is quarantined.
    """
    body = event.body
    area = Area.objects.get(facility=event.gateway.facility, code=body["area"])
    before = IdsState.objects.filter(area=area).first()
    now_said = {
        "mode": IdsMode(body["mode"]),
        "in_alarm": body["alarm"],
        "trouble": body["trouble"],
        "heard_at": event.occurred_at,
    }
    if before is not None or panel_boards(area).exists() or not _was_ended(area):
        # A word that was on its way when two officers ended the panel brings it not back.
        IdsState.objects.update_or_create(area=area, defaults=now_said)
    if now_said["mode"] == IdsMode.UNKNOWN and before and before.mode != IdsMode.UNKNOWN:
        alarm_raise(
            facility=event.gateway.facility,
            gravity=Gravity.ACT,
            kind="ids_unknown",
            subject=area.code,
            message=f"The alarm panel of {area.name} is not heard, or not clear ({body['panel']})",
            actor=event.actor,
        )
    if now_said["mode"] != IdsMode.UNKNOWN:
        # A gateway that begins knows nothing until its board has answered.
        alarm_clear(
            facility=event.gateway.facility,
            kind="ids_unknown",
            subject=area.code,
            note=f"The panel is heard again, {body['mode']}",
            actor=event.actor,
        )
    for name, (gravity, words) in ALARMS.items():
        if now_said[name] is True and (before is None or getattr(before, name) is not True):
            alarm_raise(
                facility=event.gateway.facility,
                gravity=gravity,
                kind=f"ids_{name}",
                subject=area.code,
                message=words.format(area=area.name, panel=body["panel"]),
                actor=event.actor,
            )


def _was_ended(area: Area) -> bool:
    ends = Rewiring.objects.filter(area=area, kind=RewiringKind.PANEL_END)
    return ends.filter(state=RewiringState.CONFIRMED).exists()


ALARMS = {
    "in_alarm": (Gravity.RESPOND, "Intrusion alarm in {area}"),
    "trouble": (Gravity.ACT, "Alarm panel of {area} reports trouble ({panel})"),
}

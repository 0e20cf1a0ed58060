"""The boards that carry an alarm panel: none leaves its area without one, and a new one is unknown.

An area whose panel nobody hears keeps its doors shut. So a panel moves by letting another board
carry it first, and the old one go then. That an area has none any more is an act of its own
(``hardware/services/panel_end.py``).
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hardware.events import PanelInstalled
from hardware.models import Device
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Area, IdsMode, IdsState
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.events import publish

OPTION = "panel"


def panel_boards(area: Area) -> QuerySet[Device]:
    """The devices that carry an area's alarm panel now."""
    return Device.objects.filter(
        bus__gateway__facility=area.facility_id, retired_at=None, options__panel__area=area.code
    )


def panel_stays_check(
    *, device: Device, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Refuse options that leave an area, whose panel this device alone carries, without it."""
    was, here = before.get(OPTION) or {}, after.get(OPTION) or {}
    if was and was.get("area") != here.get("area"):
        _carried_by_another(device, was["area"])


def panel_reinstalled(*, device: Device, before: Mapping[str, Any], actor: Actor) -> None:
    """Follow a device's options, which were ``before``; refuses to leave an area without its panel.

    What a panel says that is wired anew is unknown until it is heard, here as at the door.
    """
    was, here = before.get(OPTION) or {}, device.options.get(OPTION) or {}
    if was == here:
        return
    panel_stays_check(device=device, before=before, after=device.options)
    if here:
        area = Area.objects.get(facility=device.bus.gateway.facility_id, code=here["area"])
        _unheard(area, device, actor)
        publish(PanelInstalled(area.pk))


def _carried_by_another(device: Device, code: str) -> None:
    boards = Device.objects.filter(
        bus__gateway=device.bus.gateway_id, retired_at=None, options__panel__area=code
    )
    area = Area.objects.filter(facility=device.bus.gateway.facility_id, code=code).first()
    require(
        area is None or boards.exclude(pk=device.pk).exists(),
        "panel_needed",
        _("%(code)s carries the alarm panel of %(area)s; its doors would ask for nothing.")
        % {"code": device.code, "area": area},
        _("Let another board of this gateway carry the panel first, or end the area's panel."),
    )


def _unheard(area: Area, device: Device, actor: Actor) -> None:
    before = IdsState.objects.filter(area=area).first()
    unknown = {"mode": IdsMode.UNKNOWN, "in_alarm": None, "trouble": None}
    IdsState.objects.update_or_create(area=area, defaults=unknown)
    if before is None or before.mode != IdsMode.UNKNOWN:
        alarm_raise(
            facility=area.facility,
            gravity=Gravity.ACT,
            kind="ids_unknown",
            subject=area.code,
            message=f"The alarm panel of {area.name} is not heard yet ({device.code})",
            actor=actor,
        )

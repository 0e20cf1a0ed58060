"""An area that has no alarm panel any more: its boards let go of it, its doors ask for none."""

from django.db import transaction
from django.utils.translation import gettext as _

from hardware.events import PanelEnded
from hardware.models import Device, Gateway, Rewiring
from hardware.rules.rewiring import RewiringState
from hardware.services.installation import gateway_publish
from hardware.services.panel_board import OPTION, panel_boards
from hardware.services.plant import CHANGE
from hardware.services.said import device_said
from scif.alarms.services import alarm_clear
from scif.facilities.models import Area, IdsState
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.people.access import lock, visible


def panel_check(area: Area) -> None:
    """Refuse where the area has no panel, nor ever had one."""
    require(
        IdsState.objects.filter(area=area).exists() or panel_boards(area).exists(),
        "no_panel",
        _("%(area)s has no alarm panel.") % {"area": area},
    )


@transaction.atomic
def panel_end(*, agreed: Rewiring, actor: Actor) -> Area:
    """End an area's alarm panel, as two officers agreed; its doors no longer ask for it.

    What its boards carry besides stays. The doors learn of it in the same transaction; until a
    gateway has heard it, they keep asking. A panel that is installed later is asked for again.
    """
    if agreed.area is None or agreed.state != RewiringState.CONFIRMED:
        raise Refused(
            "two_needed",
            _("An alarm panel is ended by two officers."),
            _("One officer asks for it, and another one confirms."),
        )
    areas = visible(Area.objects.select_related("facility"), actor, CHANGE)
    area = lock(areas, agreed.area.pk)
    panel_check(area)
    boards = panel_boards(area).select_related("bus__gateway", "portal", "bank")
    gateways: dict[str, Gateway] = {}
    for board in boards.select_for_update(of=("self",), no_key=True):
        _let_go(board, area, actor)
        gateways[board.bus.gateway.code] = board.bus.gateway
    IdsState.objects.filter(area=area).delete()
    alarm_clear(
        facility=area.facility,
        kind="ids_unknown",
        subject=area.code,
        note=_("The area has no alarm panel any more"),
        actor=actor,
    )
    append(
        kind="panel.ended",
        actor=actor,
        subject=area,
        facility=area.facility_id,
        body={
            "area": area.code,
            "reason": agreed.reason,
            "requested_by": str(agreed.requested_by_id),
            "confirmed_by": str(agreed.decided_by_id),
        },
    )
    publish(PanelEnded(area.pk))
    for gateway in gateways.values():
        gateway_publish(gateway=gateway, actor=actor)
    return area


def _let_go(board: Device, area: Area, actor: Actor) -> None:
    board.options = {name: each for name, each in board.options.items() if name != OPTION}
    board.save(update_fields=["options"])
    append(
        kind="device.changed",
        actor=actor,
        subject=board,
        facility=area.facility_id,
        body=device_said(board),
    )

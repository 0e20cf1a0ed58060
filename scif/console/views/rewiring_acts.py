"""What two officers do together: wires of doors, ports, alarm panels, and what weakens a place."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from access.services import rewiring
from hardware.models import Rewiring
from hardware.rules.rewiring import RewiringState
from hardware.services.panel_board import panel_boards
from hardware.services.plant import CHANGE
from scif.console.selectors.rewiring import rewiring_blocks, rewiring_lines
from scif.console.views.officer_act import Act
from scif.facilities.models import Area, IdsState


class ReadForm(forms.Form):
    """The second officer's word that he knows what he confirms."""

    read = forms.BooleanField(label=_("I have read what changes and checked it"))


def _details(order: Rewiring) -> dict[str, Any]:
    """What is to be confirmed, before the box."""
    return {
        "blocks": rewiring_blocks(order),
        "lines": rewiring_lines(order),
        "told": [
            _now("Reason: %(reason)s") % {"reason": order.reason},
            _now("Asked for by %(person)s, who cannot confirm it") % {"person": order.requested_by},
        ],
    }


def _has_panel(area: Area) -> bool:
    return IdsState.objects.filter(area=area).exists() or panel_boards(area).exists()


def _waits(order: Rewiring) -> bool:
    return order.state == RewiringState.REQUESTED


REWIRING_ACTS: Sequence[Act] = (
    Act(
        "panel-end",
        Area,
        CHANGE,
        _("End the alarm panel…"),
        _(
            "For an area that has none any more. Nothing changes until another officer confirms "
            "it; then its doors open without asking for the panel."
        ),
        lambda record, data, actor: rewiring.panel_end_ask(
            area_id=record.pk, reason=data["reason"], actor=actor
        ),
        _has_panel,
        adds=True,
    ),
    Act(
        "rewiring-confirm",
        Rewiring,
        rewiring.CONFIRM,
        _("Confirm…"),
        _("It is done at once, in your name and that of who asked; the gateway learns of it."),
        lambda record, data, actor: rewiring.rewiring_confirm(rewiring_id=record.pk, actor=actor),
        _waits,
        ReadForm,
        details=_details,
        asker=lambda record: record.requested_by_id,
    ),
    Act(
        "rewiring-withdraw",
        Rewiring,
        CHANGE,
        _("Withdraw…"),
        _("Everything stays as it is."),
        lambda record, data, actor: rewiring.rewiring_withdraw(
            rewiring_id=record.pk, reason=data["reason"], actor=actor
        ),
        _waits,
        danger=False,
    ),
)

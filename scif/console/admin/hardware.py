"""Gateways, buses, devices as installed, and orders to them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from hardware.models import (
    Bus,
    Command,
    Device,
    DeviceState,
    DoorState,
    FeedbackPattern,
    Gateway,
    Rewiring,
)
from hardware.services.plant import CHANGE
from scif.console.admin.places import PlaceAdmin
from scif.console.selectors.device_options import option_rows
from scif.console.selectors.rewiring import rewiring_blocks, rewiring_lines
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "hardware.view_device"
# What a kind of device may have nothing to say of.
MAY_LACK = ("portal", "direction", "bank", "keyed_at", "window_until", "retired_at")


@admin.register(Gateway)
class GatewayAdmin(ScopedAdmin[Gateway]):
    view_permission = VIEW
    list_display = ("code", "name", "facility")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("code", "name")


@admin.register(Bus)
class BusAdmin(ScopedAdmin[Bus]):
    view_permission = VIEW
    list_display = ("code", "gateway", "driver", "port", "baud", "retired_at")
    list_filter = (("gateway", ScopedFilter), "driver", ("retired_at", EmptyFieldListFilter))
    search_fields = ("code", "port")
    list_select_related = ("gateway",)


@admin.register(Device)
class DeviceAdmin(ScopedAdmin[Device]):
    view_permission = VIEW
    list_display = (
        *("code", "kind", "bus", "address", "portal", "direction", "bank", "retired_at"),
    )
    list_filter = ("kind", ("bus", ScopedFilter), ("retired_at", EmptyFieldListFilter))
    search_fields = ("code", "portal__code", "bank__code")
    list_select_related = ("bus", "portal", "bank")
    fields = (
        *("code", "kind", "bus", "address", "portal", "direction", "bank", "options_shown"),
        *("keyed_at", "window_until", "retired_at"),
    )
    readonly_fields = fields

    def get_fields(self, request: HttpRequest, obj: Device | None = None) -> Any:
        """What such a device has; a key is the reader's alone."""
        absent = () if obj is None else [name for name in MAY_LACK if not getattr(obj, name)]
        return [name for name in self.fields if name not in absent]

    @admin.display(description=_("set at it"))
    def options_shown(self, obj: Device) -> str:
        return render_to_string("admin/options.html", {"rows": option_rows(obj.options)})


@admin.register(Rewiring)
class RewiringAdmin(ScopedAdmin[Rewiring]):
    """What two officers agree on; one page shows what would mean what."""

    view_permission = VIEW
    list_display = (
        *("requested_at", "__str__", "facility", "state"),
        *("requested_by", "decided_by", "lapses_at"),
    )
    list_filter = ("state", "kind", ("facility", ScopedFilter))
    search_fields = ("device__code", "bus__code", "area__name", "place_name", "reason")
    list_select_related = (
        *("facility", "device", "bus", "area"),
        *("requested_by", "decided_by"),
    )
    fields = (
        *("kind", "about", "facility", "changes", "reason", "state"),
        *("requested_by", "requested_at", "lapses_at", "decided_by", "decided_at"),
    )
    readonly_fields = ("about", "changes")
    empty_text = _("Nobody has asked for what weakens a door or a place.")

    @admin.display(description=_("of what"))
    def about(self, obj: Rewiring) -> str:
        return obj.subject

    @admin.display(description=_("what changes"))
    def changes(self, obj: Rewiring) -> str:
        told = {"blocks": rewiring_blocks(obj), "lines": rewiring_lines(obj)}
        return render_to_string("components/changes.html", told)


@admin.register(FeedbackPattern)
class FeedbackPatternAdmin(PlaceAdmin[FeedbackPattern]):
    """What the readers of a facility show; what has no pattern is shown as delivered."""

    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("shown", "facility", "color", "tenths", "beeps", "text")
    list_filter = (("facility", ScopedFilter), "shown")
    search_fields = ("shown", "text")
    list_select_related = ("facility",)


@admin.register(DeviceState)
class DeviceStateAdmin(ScopedAdmin[DeviceState]):
    view_permission = VIEW
    list_display = ("device", "online", "secure", "tamper", "power_failed", "reason", "heard_at")
    list_filter = ("online", "secure", "tamper", "power_failed")
    search_fields = ("device__code", "reason")
    list_select_related = ("device",)
    empty_text = _("No device has been heard yet. Is a gateway running?")


@admin.register(DoorState)
class DoorStateAdmin(ScopedAdmin[DoorState]):
    view_permission = VIEW
    list_display = ("portal", "status", "changed_at")
    list_filter = ("status",)
    search_fields = ("portal__code", "portal__name")
    list_select_related = ("portal",)
    empty_text = _("No door has been heard yet. Is a gateway running?")


@admin.register(Command)
class CommandAdmin(ScopedAdmin[Command]):
    view_permission = VIEW
    list_display = ("issued_at", "verb", "target", "state", "reason", "gateway")
    list_filter = ("state", "verb", ("gateway", ScopedFilter))
    search_fields = ("target", "verb", "reason")
    list_select_related = ("gateway",)
    exclude = ("envelope",)
    empty_text = _("Nobody has ordered anything of a door, a locker or a desk reader.")

"""Gateways, buses, devices as installed, and orders to them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext
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
from hardware.words import VERBS, reason_words, verb_words
from scif.console.admin.places import PlaceAdmin
from scif.console.selectors.device_options import option_rows
from scif.console.selectors.device_state import DeviceRow, device_rows
from scif.console.selectors.rewiring import (
    rewiring_blocks,
    rewiring_lines,
    rewiring_short,
)
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "hardware.view_device"
# What a kind of device may have nothing to say of.
MAY_LACK = ("portal", "direction", "bank", "keyed_at", "window_until", "retired_at")


class DeviceRows(ChangeList):
    """A page of the states of devices, each beside what its gateway reports of it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        states: list[Any] = list(self.result_list)
        rows = {row.device.pk: row for row in device_rows([each.device for each in states])}
        for each in states:
            each.row = rows[each.device_id]
        self.result_list = states


@admin.register(Gateway)
class GatewayAdmin(ScopedAdmin[Gateway]):
    view_permission = VIEW
    list_display = ("code", "name", "facility")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("code", "name")


@admin.register(Bus)
class BusAdmin(ScopedAdmin[Bus]):
    view_permission = VIEW
    list_display = ("code", "gateway", "speaks", "port", "baud", "retired_at")
    fields = ("gateway", "code", "speaks", "port", "baud", "retired_at")
    readonly_fields = fields
    list_filter = (("gateway", ScopedFilter), "driver", ("retired_at", EmptyFieldListFilter))
    search_fields = ("code", "port")
    list_select_related = ("gateway",)

    @admin.display(description=_("what stands on it"), ordering="driver")
    def speaks(self, obj: Bus) -> str:
        return str(obj.kind.title) if obj.kind else obj.driver


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
        *("code", "kind", "bus", "address", "portal", "direction", "bank", "state_now"),
        *("options_shown", "keyed_at", "window_until", "retired_at"),
    )
    readonly_fields = fields

    def get_fields(self, request: HttpRequest, obj: Device | None = None) -> Any:
        """What such a device has; a key is the reader's alone."""
        absent = () if obj is None else [name for name in MAY_LACK if not getattr(obj, name)]
        if obj is not None and obj.retired_at is not None:
            absent = (*absent, "state_now")
        return [name for name in self.fields if name not in absent]

    @admin.display(description=_("how it stands"))
    def state_now(self, obj: Device) -> str:
        row = device_rows([obj])[0]
        seen = date_format(localtime(row.seen), "j M Y, H:i:s") if row.seen else gettext("never")
        rows = [
            (gettext("State"), row.words),
            (gettext("Wire"), row.secure or gettext("unknown")),
            (gettext("Cover"), row.cover_told),
            (gettext("Supply"), row.supply_told),
            (gettext("Last seen"), seen),
            (gettext("Frames failed, last hour"), row.frames or gettext("unknown")),
        ]
        return render_to_string("admin/options.html", {"rows": rows})

    @admin.display(description=_("set at it"))
    def options_shown(self, obj: Device) -> str:
        return render_to_string("admin/options.html", {"rows": option_rows(obj.options)})


@admin.register(Rewiring)
class RewiringAdmin(ScopedAdmin[Rewiring]):
    """What two officers agree on; one page shows what would mean what."""

    view_permission = VIEW
    list_display = (
        *("requested_at", "asked", "facility", "state"),
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

    @admin.display(description=_("what changes"))
    def asked(self, obj: Rewiring) -> str:
        """What it is about, and in short from what to what."""
        return format_html("<b>{}</b><br>{}", obj, rewiring_short(obj))

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
    """What was last heard of each device; of one that is silent with its age."""

    view_permission = VIEW
    list_display = ("device", "answers", "wire", "cover", "supply", "seen")
    list_filter = ("online", "secure", "tamper", "power_failed")
    search_fields = ("device__code", "reason")
    list_select_related = ("device__bus__gateway", "device__portal")
    fields = list_display
    readonly_fields = fields
    empty_text = _("No device has been heard yet. Is a gateway running?")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeviceRows

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> DeviceState:
        found: Any = super().get_object(request, object_id, from_field)
        found.row = device_rows([found.device])[0]
        state: DeviceState = found
        return state

    @admin.display(description=_("state"))
    def answers(self, obj: Any) -> str:
        row: DeviceRow = obj.row
        return row.words

    @admin.display(description=_("wire"))
    def wire(self, obj: Any) -> str:
        row: DeviceRow = obj.row
        return row.secure or gettext("unknown")

    @admin.display(description=_("cover"))
    def cover(self, obj: Any) -> str:
        row: DeviceRow = obj.row
        return row.cover_told

    @admin.display(description=_("supply"))
    def supply(self, obj: Any) -> str:
        row: DeviceRow = obj.row
        return row.supply_told

    @admin.display(description=_("last seen"))
    def seen(self, obj: Any) -> datetime | None:
        row: DeviceRow = obj.row
        return row.seen


@admin.register(DoorState)
class DoorStateAdmin(ScopedAdmin[DoorState]):
    view_permission = VIEW
    list_display = ("portal", "status", "changed_at")
    list_filter = ("status",)
    search_fields = ("portal__code", "portal__name")
    list_select_related = ("portal",)
    empty_text = _("No door has been heard yet. Is a gateway running?")


class VerbFilter(admin.SimpleListFilter):
    """By what is asked for, in words."""

    title = _("order")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(verb, capfirst(verb_words(verb))) for verb in VERBS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Command]) -> QuerySet[Command]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(Command)
class CommandAdmin(ScopedAdmin[Command]):
    view_permission = VIEW
    list_display = ("issued_at", "asked_for", "target", "state", "why", "gateway")
    list_filter = ("state", VerbFilter, ("gateway", ScopedFilter))
    search_fields = ("target", "verb", "reason")
    list_select_related = ("gateway",)
    fields = (
        *("asked_for", "target", "gateway", "state", "why", "issued_at", "deadline", "actor"),
        *("args", "result"),
    )
    readonly_fields = ("asked_for", "why")
    empty_text = _("Nobody has ordered anything of a door, a locker or a desk reader.")

    @admin.display(description=_("order"), ordering="verb")
    def asked_for(self, obj: Command) -> str:
        return verb_words(obj.verb)

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, obj: Command) -> str:
        return reason_words(obj.reason)

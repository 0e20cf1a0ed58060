"""What an officer does with gateways, buses, devices and their keys. One act, one service."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.services import rewiring
from hardware.kinds import CONTACT, KINDS, OUTPUT, POWER, REX, TAMPER, Kind, Role
from hardware.models import Bus, Device, DeviceKind, Gateway
from hardware.services import plant, reader_key, retirement
from hardware.services.wiring import port_check
from scif.console.forms.device_options import DeviceOptionsField
from scif.console.selectors.device_options import WIRES
from scif.console.views.officer_act import Act
from scif.facilities.models import Area, LockerBank, Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused

BAUDS = sorted({baud for kind in KINDS.values() for baud in kind.bauds})


def _wire(name: str) -> forms.IntegerField:
    return forms.IntegerField(label=WIRES[name], min_value=0, required=False)


def _port(value: str) -> None:
    try:
        port_check(value)
    except Refused as error:
        raise forms.ValidationError(error.message) from error


class CodeField(forms.SlugField):
    """The code of a bus or a device, and what it may be made of, in plain words."""

    default_error_messages = {
        "invalid": _("A code is letters without accents, digits, hyphens and underscores only.")
    }

    def __init__(self) -> None:
        super().__init__(label=_("Code"), max_length=30)


class BusForm(forms.Form):
    """Where the wire goes in, and how fast it runs."""

    port = forms.CharField(
        label=_("Serial port"),
        max_length=200,
        validators=[_port],
        help_text=_("As the gateway's machine names it, for example ttyUSB0."),
    )
    baud = forms.TypedChoiceField(
        label=_("Speed, baud"), choices=[(baud, str(baud)) for baud in BAUDS], coerce=int
    )


class BusChangeForm(BusForm):
    """What of a bus changes, and why where another officer has to confirm it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where wires of doors go to another port."),
    )


class BusAddForm(BusForm):
    """A serial port and what speaks on it."""

    code = CodeField()
    driver = forms.ChoiceField(
        label=_("What stands on it"), choices=[(kind.name, kind.title) for kind in KINDS.values()]
    )
    field_order = ("code", "driver", "port", "baud")


class DeviceForm(forms.Form):
    """Where a device stands and what hangs on it; what its kind has not is left out."""

    address = forms.IntegerField(label=_("Address on the bus"), min_value=0, initial=0)
    portal = forms.ModelChoiceField(label=_("Door"), queryset=Portal.objects.none(), required=False)
    direction = forms.ChoiceField(
        label=_("Lets go"), choices=[("", ""), ("in", _("in")), ("out", _("out"))], required=False
    )
    bank = forms.ModelChoiceField(
        label=_("Locker bank"), queryset=LockerBank.objects.none(), required=False
    )
    output = _wire(OUTPUT)
    contact_input = _wire(CONTACT)
    rex_input = _wire(REX)
    tamper_input = _wire(TAMPER)
    power_input = _wire(POWER)
    more = DeviceOptionsField(
        label=_("More"),
        required=False,
        help_text=_("Numbers begin with 0. Rows that are left empty say nothing."),
    )


class DeviceChangeForm(DeviceForm):
    """What of a device changes, and why where another officer has to confirm it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where it changes what a wire of a door means."),
    )


class DeviceAddForm(DeviceForm):
    """A new device, with the code by which doors, journal and screens know it."""

    code = CodeField()
    field_order = ("code",)


def _bus_form(form: Any, bus: Bus) -> None:
    form.initial = {"port": bus.port, "baud": bus.baud}


def _device_fields(form: Any, bus: Bus) -> None:
    """Offer only what the bus's kind has, and only places of the gateway's facility."""
    kind = bus.kind
    facility = bus.gateway.facility_id
    form.fields["portal"].queryset = Portal.objects.filter(zone__area__facility=facility)
    form.fields["bank"].queryset = LockerBank.objects.filter(facility=facility)
    widget = form.fields["more"].widget
    widget.kind = kind
    widget.doors = [each.code for each in form.fields["portal"].queryset]
    areas = Area.objects.filter(facility=facility).order_by("name")
    widget.areas = [(each.code, each.name) for each in areas]
    for name in _absent(kind):
        del form.fields[name]


def _absent(kind: Kind | None) -> list[str]:
    has: set[str] = set(kind.wires) if kind else set()
    if kind and kind.options:
        has.add("more")
    if kind and kind.role in {Role.READER, Role.IO_BOARD}:
        has.add("portal")
    if kind and kind.role is Role.READER:
        has.add("direction")
    if kind and kind.role is Role.LOCKER_BOARD:
        has.add("bank")
    if kind and kind.addresses[0] != kind.addresses[1]:
        has.add("address")
    every = ("address", "portal", "direction", "bank", *WIRES, "more")
    return [name for name in every if name not in has]


def _device_form(form: Any, device: Device) -> None:
    wires = {name: device.options.get(name) for name in WIRES}
    more = {name: value for name, value in device.options.items() if name not in WIRES}
    form.initial = {
        "address": device.address,
        "portal": device.portal_id,
        "direction": device.direction,
        "bank": device.bank_id,
        **wires,
        "more": more or None,
    }
    _device_fields(form, device.bus)


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """A device's form as the services take it."""
    options = {name: data[name] for name in WIRES if data.get(name) is not None}
    return {
        "address": data.get("address") or 0,
        "portal": data.get("portal"),
        "direction": data.get("direction", ""),
        "bank": data.get("bank"),
        "options": {**options, **(data.get("more") or {})},
    }


def _bus_add(gateway: Gateway, data: Mapping[str, Any], actor: Actor) -> Bus:
    return plant.bus_add(gateway_id=gateway.pk, actor=actor, **data)


def _device_add(bus: Bus, data: Mapping[str, Any], actor: Actor) -> Device:
    return plant.device_add(bus_id=bus.pk, code=data["code"], actor=actor, **_said(data))


def _provision(*, lost: bool | None) -> Any:
    return lambda device, data, actor: reader_key.reader_provision(
        device_id=device.pk, reason=data["reason"], from_default=lost, actor=actor
    )


def _installed(record: Bus | Device) -> bool:
    return record.retired_at is None


def _empty(bus: Bus) -> bool:
    return _installed(bus) and not bus.devices.filter(retired_at=None).exists()


def _window_open(device: Device) -> bool:
    return device.window_until is not None and device.window_until > now()


TELLS = _("The gateway learns of it at once; the devices of the bus are away for a moment.")
PLANT_ACTS: Sequence[Act] = (
    Act(
        "bus-add",
        Gateway,
        plant.CHANGE,
        _("Add a bus…"),
        _("The gateway opens the port once a device stands on it."),
        _bus_add,
        form=BusAddForm,
        danger=False,
        adds=True,
    ),
    Act(
        "bus-change",
        Bus,
        plant.CHANGE,
        _("Change the port…"),
        _(
            "The gateway learns of it at once; the devices of the bus are away for a moment. "
            "Another port for what doors are judged by or opened with waits until another officer "
            "confirms it."
        ),
        lambda record, data, actor: rewiring.bus_change_ask(bus_id=record.pk, actor=actor, **data),
        _installed,
        form=BusChangeForm,
        prepare=_bus_form,
        adds=True,
    ),
    Act(
        "device-add",
        Bus,
        plant.CHANGE,
        _("Add a device…"),
        TELLS,
        _device_add,
        _installed,
        form=DeviceAddForm,
        danger=False,
        prepare=_device_fields,
        adds=True,
    ),
    Act(
        "device-change",
        Device,
        plant.CHANGE,
        _("Change the device…"),
        _(
            "The gateway learns of it at once. A change of what a wire means (alarm panel, cover, "
            "door contact, handle, strike) or of the door that a reader is for waits until "
            "another officer confirms it."
        ),
        lambda record, data, actor: rewiring.device_change_ask(
            device_id=record.pk, reason=data["reason"], actor=actor, **_said(data)
        ),
        _installed,
        form=DeviceChangeForm,
        prepare=_device_form,
        adds=True,
    ),
    Act(
        "device-retire",
        Device,
        plant.CHANGE,
        _("Take the device out…"),
        _(
            "For good: the gateway polls it no more, nothing hangs on it, and its key is "
            "forgotten. Its history stays. One with wires of a door or of an alarm panel stays "
            "until another officer confirms it."
        ),
        lambda record, data, actor: rewiring.device_retire_ask(
            device_id=record.pk, reason=data["reason"], actor=actor
        ),
        _installed,
        adds=True,
    ),
    Act(
        "bus-retire",
        Bus,
        plant.CHANGE,
        _("Take the bus out…"),
        _("For good, once no device stands on it. Its port is free, and its history stays."),
        lambda record, data, actor: retirement.bus_retire(
            bus_id=record.pk, reason=data["reason"], actor=actor
        ),
        _empty,
    ),
    Act(
        "reader-provision",
        Device,
        reader_key.CHANGE,
        _("Give it a key of its own…"),
        _(
            "For a few minutes the reader may take a fresh key, and then no other. Its first key "
            "comes to it under the default key, which everybody knows: see to it that nobody "
            "listens on the line."
        ),
        _provision(lost=None),
        lambda record: (
            record.kind == DeviceKind.READER
            and record.retired_at is None
            and not record.key
            and not _window_open(record)
        ),
    ),
    Act(
        "reader-rotate",
        Device,
        reader_key.CHANGE,
        _("Change its key…"),
        _("The reader takes a fresh key over the session that it has; its old one is worthless."),
        _provision(lost=False),
        lambda record: (
            record.kind == DeviceKind.READER and bool(record.key) and not _window_open(record)
        ),
    ),
    Act(
        "reader-replace",
        Device,
        reader_key.CHANGE,
        _("Give a replaced reader a key…"),
        _(
            "For a reader that was exchanged or reset: it has no key any more and takes one under "
            "the default key. Another officer confirms it once both know who stands at the line; "
            "from then on the window is open for a few minutes."
        ),
        lambda device, data, actor: rewiring.reader_replace_ask(
            device_id=device.pk, reason=data["reason"], actor=actor
        ),
        lambda record: (
            record.kind == DeviceKind.READER and bool(record.key) and not _window_open(record)
        ),
        adds=True,
    ),
    Act(
        "reader-window-close",
        Device,
        reader_key.CHANGE,
        _("Close the key window…"),
        _("The reader takes no key from now on; one that it has taken meanwhile counts."),
        lambda record, data, actor: reader_key.reader_window_close(
            device_id=record.pk, reason=data["reason"], actor=actor
        ),
        _window_open,
        danger=False,
    ),
)

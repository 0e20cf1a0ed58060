"""What a hand may do at the virtual devices: a short list, and nothing that is not on it.

These change no record of the system: a virtual device changes, and the rest follows by its wires.
"""

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from hardware.models import Device, DeviceKind, Gateway
from hardware.services.installation import key_open
from hardware.simulators.cards import CardError
from hardware.simulators.client import SimulatorError
from scif.console.bench.cards import blank_make, clone_make
from scif.console.bench.world import client
from scif.kernel.errors import Refused

Request = dict[str, Any]
DOOR_ACTS = ("push", "leave", "press", "close", "force")
BROKER_SECONDS = 0.5
BROKER_CUT = 20  # seconds: long enough to be seen and to try a badge in
SLOWEST = 60  # seconds
SNATCH_AFTER = 6  # answers of the card: in the middle of an encoding


def broker_cut(gateway: Gateway) -> str:
    """Keep the broker from answering anybody for a while; it comes back by itself."""
    try:
        with redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=BROKER_SECONDS) as broker:
            broker.execute_command("CLIENT", "PAUSE", BROKER_CUT * 1000, "ALL")
    except redis.RedisError as error:
        raise Refused("broker_away", _("The broker is away already.")) from error
    words = _("The broker answers nobody for %(seconds)d s; %(gateway)s decides without it.")
    return words % {"seconds": BROKER_CUT, "gateway": gateway.name}


def clock_set_wrong(gateway: Gateway, seconds: str) -> str:
    """Set the gateway's wall clock ahead by these seconds, or back; 0 sets it right."""
    try:
        client(gateway.code).ask("skew", seconds=float(seconds))
    except ValueError as error:
        raise Refused("unknown_act", _("This device cannot do that.")) from error
    except SimulatorError as error:
        raise Refused("device_refused", str(error)) from error
    return _("Done.")


def gateway_do(gateway: Gateway, act: str) -> str:
    """Do one thing to a gateway itself and say so; raises Refused."""
    verb, _colon, argument = act.partition(":")
    if verb == "broker":
        return broker_cut(gateway)
    if verb == "clock":
        return clock_set_wrong(gateway, argument)
    raise Refused("unknown_act", _("This device cannot do that."))


def act_do(device: Device, act: str, *, digits: str = "", lock: str = "") -> str:
    """Do one thing at a device and say so; raises Refused with the device's own reason.

    ``act`` is ``verb`` or ``verb:argument`` of the device's kind. ``digits`` are what was typed,
    ``lock`` the locker that is chosen: what stands in the form, not what a button was drawn for.
    """
    verb, _colon, argument = act.partition(":")
    if verb == "blank":
        return _("%(name)s lies in the drawer.") % {"name": blank_make()}
    if verb == "clone" and argument:
        try:
            return _("%(name)s lies in the drawer.") % {"name": clone_make(argument)}
        except CardError as error:
            raise Refused("device_refused", str(error)) from error
    argument = argument or (digits if verb == "type" else lock)
    make = VERBS.get(device.kind, {}).get(verb) or LINE.get(verb)
    if make is None:
        raise Refused("unknown_act", _("This device cannot do that."))
    try:
        request = make(device, argument)
    except ValueError as error:
        raise Refused("unknown_act", _("This device cannot do that.")) from error
    try:
        client(device.bus.gateway.code).ask(**request)
    except SimulatorError as error:
        raise Refused("device_refused", str(error)) from error
    return _("Done.")


def _reader(do: str, **more: Any) -> Callable[[Device, str], Request]:
    return lambda device, _argument: {"do": do, "reader": device.code, **more}


def _door(do: str) -> Callable[[Device, str], Request]:
    return lambda device, _argument: {
        "do": do,
        "door": device.portal.code if device.portal else "",
    }


def _lock(do: str) -> Callable[[Device, str], Request]:
    return lambda device, argument: {"do": do, "bus": device.bus.code, "lock": int(argument)}


def _bus(do: str, **more: Any) -> Callable[[Device, str], Request]:
    return lambda device, _argument: {"do": do, "bus": device.bus.code, **more}


def _board(do: str) -> Callable[[Device, str], Request]:
    return lambda device, _argument: {"do": do, "board": device.code}


def _sense(*, active: bool) -> Callable[[Device, str], Request]:
    return lambda device, number: {
        "do": "sense",
        "board": device.code,
        "number": int(number),
        "active": active,
    }


def _own_key(device: Device, _argument: str) -> Request:
    """The key that the system knows, as an installer would put it back."""
    key = key_open(bytes(device.key), device.code).hex() if device.key else ""
    return {"do": "rekey", "reader": device.code, "key": key}


def _slow(device: Device, seconds: str) -> Request:
    slow = float(seconds)
    if not 0 <= slow <= SLOWEST:
        words = _("A line is slow by %(most)d s at the most.")
        raise Refused("too_slow", words % {"most": SLOWEST})
    return {"do": "slow", "bus": device.bus.code, "seconds": slow}


def _tap(device: Device, card: str) -> Request:
    return {"do": "tap", "reader": device.code, "card": card}


def _type(device: Device, digits: str) -> Request:
    """A keypad sends its keys with the one that ends them."""
    return {"do": "type", "reader": device.code, "digits": f"{digits}#"}


def _place(device: Device, card: str) -> Request:
    return {"do": "place", "bus": device.bus.code, "card": card}


def _rate(do: str) -> Callable[[Device, str], Request]:
    return lambda device, rate: {"do": do, "bus": device.bus.code, "rate": float(rate)}


def _drop(device: Device, count: str) -> Request:
    return {"do": "drop", "bus": device.bus.code, "count": int(count)}


LINE: dict[str, Callable[[Device, str], Request]] = {
    "bus": _bus("unplug"),
    "undo-bus": _bus("replug"),
    "noise": _rate("noise"),
    "loss": _rate("loss"),
    "slow": _slow,
    "stall": _bus("stall", active=True),
    "undo-stall": _bus("stall", active=False),
}
VERBS: dict[str, dict[str, Callable[[Device, str], Request]]] = {
    DeviceKind.READER: {
        "tap": _tap,
        "type": _type,
        "cable": _reader("unplug"),
        "undo-cable": _reader("replug"),
        "cover": _reader("cover", open=True),
        "undo-cover": _reader("cover", open=False),
        "supply": _reader("supply", failed=True),
        "undo-supply": _reader("supply", failed=False),
        "default": _reader("rekey", key=""),
        "undo-default": _own_key,
        "other": _reader("exchange", other=True),
        "undo-other": _reader("exchange", other=False),
        "clear": _reader("expose", clear=True),
        "undo-clear": _reader("expose", clear=False),
        "prop": _door("leave"),
        **{do: _door(do) for do in DOOR_ACTS},
    },
    DeviceKind.IO_BOARD: {
        "cable": _board("cut"),
        "undo-cable": _board("mend"),
        "in": _sense(active=True),
        "undo-in": _sense(active=False),
        "drop": _drop,
        **{do: _door(do) for do in DOOR_ACTS},
    },
    DeviceKind.LOCKER_BOARD: {
        **{do: _lock(do) for do in ("open", "shut", "put", "take", "jam")},
        "undo-jam": _lock("free"),
        "drop": _drop,
    },
    DeviceKind.DESK_READER: {
        "place": _place,
        "remove": _bus("remove"),
        "snatch": _bus("remove", after=SNATCH_AFTER),
        "lie": _bus("lie", lies=[{"flip": "01"}]),
        "silent": _bus("silent", active=True),
        "undo-silent": _bus("silent", active=False),
    },
}

"""The panel: one device with what a hand can do at it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hardware.gateway.policy import GatewayPolicy
from hardware.kinds import OUTPUT, POWER, TAMPER
from hardware.models import Device, DeviceKind, Gateway
from hardware.services.wiring import door_wires, panel_inputs
from scif.console.ages import age
from scif.console.bench.tape import Tape
from scif.console.bench.timeline import polled_ago
from scif.console.bench.world import World
from scif.console.clocks import clock_words
from scif.facilities.models import Locker

SLOW, QUICK = "0.12", "0.002"  # seconds until a device answers; OSDP allows 0.2
SKEW = 90  # seconds: far more than a clock may be off
RATE = "0.2"  # one frame in five: enough to be seen, not to end the talk


@dataclass(frozen=True, slots=True)
class Act:
    """A button: ``value`` is what `acts.act_do` takes, ``on`` says that it is done now."""

    value: str
    words: str
    on: bool = False
    off: bool = False


@dataclass(frozen=True)
class Panel:
    """What stands on the panel; ``kind`` is a `DeviceKind` or "gateway".

    ``late`` says that a device was last heard longer ago than the watchdog lets a bus be.
    """

    code: str
    kind: str
    title: str
    facts: list[str]
    late: str = ""
    door: str = ""
    door_words: str = ""
    door_acts: list[Act] = field(default_factory=list)
    lockers: list[dict[str, Any]] = field(default_factory=list)
    locker_acts: list[Act] = field(default_factory=list)
    card: str = ""
    faults: list[Act] = field(default_factory=list)


def io_panel(world: World, device: Device) -> Panel:
    """A relay and input board: its relays, and a switch on every input that no door has."""
    state, leaf = world.board(device), world.door(device)
    inputs, names = state.get("inputs", []), _input_names(device)
    of_doors = {n for _door, name, n in door_wires(device) if name != OUTPUT}
    on = [str(n + 1) for n, active in enumerate(state.get("outputs", [])) if active]
    pulled = _("Relays pulled: %(numbers)s") % {"numbers": ", ".join(on)} if on else ""
    return Panel(
        code=device.code,
        kind=device.kind,
        title=_("%(code)s, relay and input board") % {"code": device.code},
        facts=[_line_words(device), pulled or _("No relay pulled")] if state else [],
        door=device.portal.code if device.portal else "",
        door_words=_leaf_words(leaf),
        door_acts=door_acts(leaf),
        faults=[
            _toggle("cable", _("Cut its supply"), on=not state.get("powered", True)),
            *(
                _toggle(f"in:{n}", names.get(n, _("Input %d") % n), on=active)
                for n, active in enumerate(inputs)
                if n not in of_doors
            ),
            Act("drop:1", _("Swallow answer")),
            *_line(world, device, cable=_("Cut bus")),
        ],
    )


def _input_names(device: Device) -> dict[int, str]:
    panel = panel_inputs(device.options)
    names = {number: _("Panel: %(name)s") % {"name": said["fact"]} for number, said in panel}
    own = {TAMPER: _("Open cover"), POWER: _("Fail supply")}
    return names | {
        device.options[key]: words for key, words in own.items() if key in device.options
    }


def panel_of(world: World, thing: Device | Gateway, tapes: dict[str, Tape], lock: int) -> Panel:
    """The panel of a device or a gateway; ``lock`` is the locker chosen at a board."""
    if isinstance(thing, Gateway):
        return _gateway(world, thing)
    if thing.kind == DeviceKind.READER:
        return _reader(world, thing, tapes.get(thing.bus.gateway.code))
    if thing.kind == DeviceKind.LOCKER_BOARD:
        return _board(world, thing, lock)
    if thing.kind == DeviceKind.IO_BOARD:
        return io_panel(world, thing)
    return _desk(world, thing)


def _reader(world: World, device: Device, tape: Tape | None) -> Panel:
    state, leaf = world.reader(device), world.door(device)
    door = device.portal.code if device.portal else ""
    way = _("outside") if device.direction == "in" else _("inside")
    title = _("%(code)s, reader at door %(door)s, %(way)s")
    online = bool(state and state["online"])
    ago = polled_ago(tape, device.bus.code, device.address) if tape and online else None
    return Panel(
        code=device.code,
        kind=device.kind,
        title=title % {"code": device.code, "door": door, "way": way},
        facts=_reader_facts(world, device, state, ago),
        late=_late(world, ago),
        door=door,
        door_words=_leaf_words(leaf),
        door_acts=door_acts(leaf),
        faults=[
            _toggle("cable", _("Pull cable"), on=not state.get("powered", True)),
            _toggle("cover", _("Open cover"), on=bool(state.get("tamper"))),
            _toggle("supply", _("Fail supply"), on=bool(state.get("on_battery"))),
            _toggle("default", _("Lose key"), on=not state.get("keyed", True)),
            _toggle("other", _("Another key"), on=bool(state.get("other_key"))),
            _toggle("clear", _("No Secure Channel"), on=bool(state.get("clear"))),
            Act("force", _("Force door")),
            Act("prop", _("Prop door open"), off=bool(leaf.get("open"))),
            Act("press", _("Press handle only")),
            *_line(world, device, cable=_("Cut bus")),
        ],
    )


def _reader_facts(
    world: World, device: Device, state: dict[str, Any], ago: int | None
) -> list[str]:
    if not state:
        return [_line_words(device)]
    if not world.bus(device)["plugged"]:
        link = _("Its bus is cut")
    elif not state["powered"]:
        link = _("Its cable is pulled")
    elif not state["online"]:
        link = _("No gateway talks to it")
    else:
        link = _("Secure Channel up") if state["secure"] else _("Talks without Secure Channel")
    facts = [link, _line_words(device)]
    if ago is not None:
        told = _("%(ago)d ms") % {"ago": ago} if ago < 1000 else age(timedelta(milliseconds=ago))
        facts.append(_("answered %(age)s ago") % {"age": told})
    lamp = LAMPS.get(state["led"], state["led"])
    shows = _("Lamp %(lamp)s") % {"lamp": lamp}
    if state["text"]:
        shows = f"{shows}, “{state['text']}”"
    return [", ".join(facts), shows]


def _late(world: World, ago: int | None) -> str:
    """That no answer came for longer than the gateway's watchdog allows; empty where one did."""
    policy = GatewayPolicy.of({"values": world.facility.policy.values})
    if ago is None or ago <= policy.bus_stuck_seconds * 1000:
        return ""
    return _("Late: more than %(limit)d s without an answer") % {"limit": policy.bus_stuck_seconds}


LAMPS: dict[str, str | Promise] = {
    "black": gettext_lazy("dark"),
    "red": gettext_lazy("red"),
    "green": gettext_lazy("green"),
    "amber": gettext_lazy("amber"),
    "blue": gettext_lazy("blue"),
}


def door_acts(leaf: dict[str, Any]) -> list[Act]:
    """What a hand does at a door."""
    if not leaf:
        return []
    return [
        Act("push", _("Push")),
        Act("leave", _("Leave")),
        Act("close", _("Pull shut"), off=not leaf.get("open")),
    ]


def _leaf_words(leaf: dict[str, Any]) -> str:
    if not leaf:
        return _("no answer")
    if leaf["open"]:
        return _("open")
    return _("locked") if leaf["locked"] else _("strike released")


def _board(world: World, device: Device, lock: int) -> Panel:
    state = world.bus(device)
    rows = Locker.objects.filter(bank=device.bank).order_by("lock") if device.bank else []
    lockers = [_locker(state, row, lock) for row in rows] if state else []
    here = next((each for each in lockers if each["chosen"]), None)
    acts = (
        [
            Act("open", _("Open by key"), off=not here["shut"]),
            Act("put", _("Put something in"), off=here["shut"] or here["full"]),
            Act("take", _("Take it out"), off=here["shut"] or not here["full"]),
            Act("shut", _("Push shut"), off=here["shut"]),
        ]
        if here
        else []
    )
    jam = [_toggle("jam", _("Jam lock"), on=here["jammed"])] if here else []
    name = device.bank.name if device.bank else ""
    return Panel(
        code=device.code,
        kind=device.kind,
        title=_("%(code)s, locker board of %(bank)s") % {"code": device.code, "bank": name},
        facts=[
            _line_words(device),
            _("%(count)d unlock commands heard") % {"count": state["unlocks"]} if state else "",
        ],
        lockers=lockers,
        locker_acts=acts,
        faults=[
            *jam,
            Act("drop:1", _("Swallow answer")),
            *_line(world, device, cable=_("Pull cable")),
        ],
    )


def _locker(state: dict[str, Any], row: Locker, lock: int) -> dict[str, Any]:
    shut, full, jammed = (state[key][row.lock] for key in ("shut", "occupied", "jammed"))
    leaf = _("shut") if shut else _("open")
    words = [_("jammed") if jammed else leaf, _("in use") if full else _("empty")]
    return {
        "lock": row.lock,
        "number": row.number,
        "shut": shut,
        "full": full,
        "jammed": jammed,
        "chosen": row.lock == lock,
        "words": ", ".join(words),
    }


def _desk(world: World, device: Device) -> Panel:
    state = world.bus(device)
    return Panel(
        code=device.code,
        kind=device.kind,
        title=_("%(code)s, desk reader") % {"code": device.code},
        facts=[_line_words(device), _("Chip silent") if state.get("silent") else ""],
        card=str(state.get("card") or ""),
        faults=[
            _toggle("silent", _("Silence chip"), on=bool(state.get("silent"))),
            Act("snatch", _("Snatch card"), off=not state.get("card")),
            Act("lie", _("Have card lie"), off=not state.get("card")),
            *_line(world, device, cable=_("Pull cable")),
        ],
    )


def _gateway(world: World, gateway: Gateway) -> Panel:
    status = world.reports.get(gateway.code)
    skew = world.skews.get(gateway.code, 0.0)
    facts = [_("Sends no report: its worker is not running, or cannot reach the database.")]
    if status is not None:
        report = status.state
        up = sum(bool(bus["up"]) for bus in report.get("buses", {}).values())
        facts = [
            _("Decides from snapshot %(version)d") % {"version": status.version},
            _("Edge journal at entry %(seq)d, %(waiting)d waiting for the disk")
            % {"seq": status.edge_seq, "waiting": report.get("waiting", 0)},
            _("%(up)d of %(all)d buses up") % {"up": up, "all": len(report.get("buses", {}))},
            clock_words(status.clock_offset_ms),
        ]
    faults = [
        Act("broker", _("Cut the broker")),
        _clock(SKEW, _("Set clock %(seconds)d s ahead") % {"seconds": SKEW}, skew),
        _clock(-SKEW, _("Set clock %(seconds)d s back") % {"seconds": SKEW}, skew),
    ]
    return Panel(code=gateway.code, kind="gateway", title=gateway.name, facts=facts, faults=faults)


def _clock(seconds: int, words: str, skew: float) -> Act:
    """Sets the clock wrong with one press, right with the next."""
    return Act(f"clock:{0 if skew == seconds else seconds}", words, on=skew == seconds)


def _line(world: World, device: Device, *, cable: str) -> list[Act]:
    """What can be done to a whole line."""
    bus = world.bus(device)
    plugged = bus.get("plugged", True)
    slow = float(bus.get("slow", 0)) >= float(SLOW)
    return [
        _toggle("bus", cable, on=not plugged),
        _toggle("stall", _("Block line"), on=bool(bus.get("stalled"))),
        _rate("noise", _("Noise"), bus),
        _rate("loss", _("Lose frames"), bus),
        *(
            [Act(f"slow:{QUICK if slow else SLOW}", _("Slow line"), on=slow)]
            if "slow" in bus
            else []
        ),
    ]


def _rate(what: str, words: str, bus: dict[str, Any]) -> Act:
    """Spoils a part of the frames with one press, none with the next."""
    on = bus.get(what, 0) > 0
    return Act(f"{what}:{0 if on else RATE}", words, on=on)


def _line_words(device: Device) -> str:
    return _("%(bus)s, %(baud)d baud") % {"bus": device.bus.code, "baud": device.bus.baud}


def _toggle(what: str, words: str, *, on: bool) -> Act:
    """Done with one press, undone with the next."""
    return Act(f"{'undo-' if on else ''}{what}", words, on=on)

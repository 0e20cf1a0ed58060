"""The faults of the machine room in words: what is done, what follows, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from hardware.models import Device, DeviceKind, Gateway
from scif.console.bench import false_orders, machines
from scif.console.bench.acts import act_do
from scif.console.bench.machines import BROKER, DATABASE, INGESTER, SEQUENCER, Machine, machine_of
from scif.console.bench.panel import Act
from scif.console.bench.picture import at
from scif.console.bench.world import World
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused

Machines = dict[str, Machine] | None
ORDERS: dict[str, Callable[[Gateway, Actor], str]] = {
    "forge": false_orders.order_forge,
    "alter": false_orders.order_alter,
    "repeat": false_orders.order_repeat,
    "delay": false_orders.order_delay,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A row: ``see`` says what one should see now, ``where`` are links to it, ``now`` how it is."""

    key: str
    title: str
    what: str
    see: str
    where: Sequence[tuple[str, str]]
    back: str
    acts: Sequence[Act]
    now: str = ""


@dataclass(frozen=True)
class Pages:
    """The pages where a fault is seen."""

    facility: str

    def device(self, code: str) -> tuple[str, str]:
        """A device or gateway on the bench."""
        words = _("%(code)s on the bench") % {"code": code}
        return words, at(reverse("bench", args=[self.facility]), code)

    @property
    def alarms(self) -> tuple[str, str]:
        """The desk's alarms."""
        return _("Alarms at the desk"), reverse("desk:alarms", args=[self.facility])

    @property
    def inside(self) -> tuple[str, str]:
        """The desk's live page."""
        return _("Who is inside, at the desk"), reverse("desk:inside", args=[self.facility])


def faults_of(world: World, room: Machines) -> list[Fault]:
    """Every fault of processes and places, for one facility."""
    pages = Pages(world.facility.code)
    reader = _reader(world)
    rows = [_database(world, pages, room), _broker(world, pages, room)]
    for gateway in world.gateways:
        rows += [_killed(gateway, pages, room), _full(gateway, pages, room)]
    rows.append(_centre(pages, room))
    rows += [_orders(gateway, pages) for gateway in world.gateways]
    if reader is not None:
        rows.append(_default_key(world, reader, pages))
    return rows


def fault_do(world: World, act: str, actor: Actor, *, card: str = "") -> str:
    """Do one of them and say so; raises Refused. ``card`` is tapped while the database is away."""
    verb, _colon, code = act.partition(":")
    if verb == DATABASE:
        return machines.take_away(DATABASE, tap=_tap(world, card))
    if verb == BROKER:
        return machines.take_away(BROKER)
    if verb == "kill" and code in {SEQUENCER, INGESTER}:
        return machines.kill(code)
    if gateway := world.gateway(code):
        if verb == "kill":
            return machines.kill(machine_of(gateway))
        if verb in {"fill", "free"}:
            return (machines.disk_fill if verb == "fill" else machines.disk_free)(gateway)
        if verb in ORDERS:
            return ORDERS[verb](gateway, actor)
    device = world.device(code)
    if device is not None and verb in {"default", "undo-default"}:
        return act_do(device, verb)
    raise Refused("unknown_act", _("This cannot be done here."))


def _tap(world: World, card: str) -> dict[str, str] | None:
    reader = _reader(world)
    if reader is None or not card:
        return None
    return {"gateway": reader.bus.gateway.code, "reader": reader.code, "card": card}


def _reader(world: World) -> Device | None:
    """The facility's first reader: where what needs one is tried."""
    return next((each for each in world.devices if each.kind == DeviceKind.READER), None)


def _database(world: World, pages: Pages, room: Machines) -> Fault:
    reader = _reader(world)
    badge = _("Halfway a badge is held to %(reader)s.") % {"reader": reader.code} if reader else ""
    return Fault(
        key=DATABASE,
        title=_("The database is gone"),
        what=" ".join(
            filter(
                None,
                [
                    _("PostgreSQL is killed as by a power cut and stays away for %(seconds)d s.")
                    % {"seconds": machines.AWAY},
                    badge,
                ],
            )
        ),
        see=_(
            "No page answers meanwhile, this one says that it is offline. The doors decide as"
            " before: when the database is back, the read and its decision stand in the log with"
            " the time at which they were made."
        ),
        where=[pages.device(reader.code)] if reader else [pages.inside],
        back=_("By itself: the page could not ask for it. It recovers from its own log."),
        acts=[Act(DATABASE, _("Kill the database"), off=_away(room, DATABASE))],
        now=_state(room, DATABASE),
    )


def _broker(world: World, pages: Pages, room: Machines) -> Fault:
    return Fault(
        key=BROKER,
        title=_("The broker is gone"),
        what=_("Valkey is killed, with all that waits in it, and stays away for %(seconds)d s.")
        % {"seconds": machines.AWAY},
        see=_(
            "The bench says that the broker is away. Badges are decided as before. Live screens"
            " say how old they are. An order of the desk does not reach its gateway: unconfirmed,"
            " with an alarm, never carried out late."
        ),
        where=[pages.inside, pages.alarms],
        back=_("By itself; the screens fetch what they missed."),
        acts=[Act(BROKER, _("Kill the broker"), off=_away(room, BROKER))],
        now=_state(room, BROKER),
    )


def _killed(gateway: Gateway, pages: Pages, room: Machines) -> Fault:
    name, words = machine_of(gateway), {"gateway": gateway.name}
    return Fault(
        key=name,
        title=_("%(gateway)s dies") % words,
        what=_("Its process is killed in the middle of whatever it does."),
        see=_(
            "Its readers are gone for a few seconds and come back with their keys. A strike that"
            " was let go locks again by its own timer. Nothing that it had sent is sent again."
        ),
        where=[pages.device(gateway.code), pages.alarms],
        back=_("By itself: the supervisor starts it again after half a second."),
        acts=[Act(f"kill:{gateway.code}", _("Kill %(gateway)s") % words, off=_away(room, name))],
        now=_state(room, name),
    )


def _full(gateway: Gateway, pages: Pages, room: Machines) -> Fault:
    name, words = machine_of(gateway), {"gateway": gateway.name, "seconds": machines.FULL}
    full = room[name].full_for if room and name in room else None
    return Fault(
        key=f"disk.{gateway.code}",
        title=_("The disk of %(gateway)s is full") % words,
        what=_(
            "For %(seconds)d s the operating system refuses every byte that its process writes to"
            " a file: its edge journal, its snapshot, its log."
        )
        % words,
        see=_(
            "Hold a badge to a reader and type its PIN: nobody is let in whose entry cannot be"
            " written down, and the guard's words say so. Whoever leaves is let out. There is an"
            " alarm. What happens meanwhile waits in memory and is written down afterwards, in its"
            " order. The reserve beside the journal is not seen here, since this limit refuses"
            " that too."
        ),
        where=[pages.device(gateway.code), pages.alarms],
        back=_("By itself, or by the button."),
        acts=[
            Act(f"fill:{gateway.code}", _("Fill its disk"), off=full is not None or room is None),
            Act(f"free:{gateway.code}", _("Free its disk"), off=full is None),
        ],
        now="" if full is None else _("Full for %(seconds)d s more") % {"seconds": round(full)},
    )


def _centre(pages: Pages, room: Machines) -> Fault:
    return Fault(
        key="centre",
        title=_("A process of the centre dies"),
        what=_(
            "The sequencer, which gives journal entries their place, or the ingester, which takes"
            " in what gateways tell, is killed."
        ),
        see=_(
            "What happens at the doors meanwhile comes to the screens a moment later, each thing"
            " once, and the journal has no gap."
        ),
        where=[pages.inside],
        back=_("By itself: the supervisor starts it again after half a second."),
        acts=[
            Act(f"kill:{SEQUENCER}", _("Kill the sequencer"), off=_away(room, SEQUENCER)),
            Act(f"kill:{INGESTER}", _("Kill the ingester"), off=_away(room, INGESTER)),
        ],
        now=_state(room, SEQUENCER) or _state(room, INGESTER),
    )


def _orders(gateway: Gateway, pages: Pages) -> Fault:
    latest = false_orders.latest_order(gateway)
    words = {"gateway": gateway.name}
    return Fault(
        key=f"orders.{gateway.code}",
        title=_("Somebody holds the broker, and gives orders to %(gateway)s") % words,
        what=_(
            "An order to open a door is sent by the broker: signed by a stranger, altered after it"
            " was signed, sent a second time, or held back until its deadline was over."
        ),
        see=_(
            "No door opens. The log says “Command refused” with the reason: signature, repeated"
            " or expired. Each is an alarm."
        ),
        where=[pages.device(gateway.code), pages.alarms],
        back=_("Nothing to mend: close the alarm."),
        acts=[
            Act(f"forge:{gateway.code}", _("Forge an order")),
            Act(f"alter:{gateway.code}", _("Alter the latest"), off=latest is None),
            Act(f"repeat:{gateway.code}", _("Repeat the latest"), off=latest is None),
            Act(f"delay:{gateway.code}", _("Send one too late")),
        ],
        now="" if latest else _("No order has gone to it yet: the latest cannot be misused"),
    )


def _default_key(world: World, reader: Device, pages: Pages) -> Fault:
    lost = not world.reader(reader).get("keyed", True)
    words = {"reader": reader.code}
    return Fault(
        key=f"key.{reader.code}",
        title=_("%(reader)s talks with the key that everybody knows") % words,
        what=_("The reader is reset and offers a session with the default key of its makers."),
        see=_("The gateway talks to it no more: no grant, the device insecure, an alarm."),
        where=[pages.device(reader.code), pages.alarms],
        back=_("By the button, as an installer would put its own key back."),
        acts=[
            Act(f"default:{reader.code}", _("Reset its key"), off=lost),
            Act(f"undo-default:{reader.code}", _("Put its own key back"), off=not lost),
        ],
        now=_("It has the default key") if lost else "",
    )


def _away(room: Machines, name: str) -> bool:
    """Whether it cannot be killed: it is away, or nobody supervises."""
    return room is None or name not in room or room[name].back_in is not None


def _state(room: Machines, name: str) -> str:
    if room is None or name not in room:
        return ""
    left = room[name].back_in
    return (
        "" if left is None else _("Away, started again in %(seconds)d s") % {"seconds": round(left)}
    )

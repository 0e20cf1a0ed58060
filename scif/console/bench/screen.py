"""The bench's screen as regions, each with a digest, so that a poll sends only what has changed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import redis
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hardware.models import Device, DeviceKind, Gateway, InboxEvent
from hardware.simulators.client import SimulatorError
from scif.console.bench import cards as drawer
from scif.console.bench.decision import latest_verdict
from scif.console.bench.panel import panel_of
from scif.console.bench.picture import cut, picture
from scif.console.bench.tape import Tape, tape_of
from scif.console.bench.timeline import Read, Row, decided_in, event_rows, tape_rows
from scif.console.bench.wiring import wiring_of
from scif.console.bench.world import World, chosen, client
from scif.kernel.actor import Actor

REGIONS = ("chips", "away", "plan", "head", "controls", "door", "outcome", "faults")
SHOWN_ROWS = 40
BROKER_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of itself: who asks, what is chosen, and what he has seen already.

    ``find`` narrows the cards. ``since`` are positions of tapes by gateway, ``event`` that of the
    inbox; ``took`` is the time that a region was told, by event, since a tape forgets.
    """

    actor: Actor
    path: str
    at: str = ""
    lock: int = 0
    find: str = ""
    since: Mapping[str, int] | None = None
    event: int = 0
    took: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Screen:
    """Everything that the page or a poll needs.

    ``finds`` are the words over the cards, where the device that is chosen takes any.
    """

    world: World
    code: str
    keypad: bool
    finds: str
    find: str
    regions: dict[str, SafeString]
    rows: list[Row]
    marks: SafeString

    def changed(self, seen: Iterable[str]) -> list[SafeString]:
        """The regions that differ from those seen, as out-of-band swaps."""
        known = set(seen)
        return [
            region(name, html, oob=True)
            for name, html in self.regions.items()
            if region_mark(name, html) not in known
        ]

    def wrapped(self) -> dict[str, SafeString]:
        """The regions for the first page."""
        return {name: region(name, html, oob=False) for name, html in self.regions.items()}


def screen_of(world: World, asked: Asked) -> Screen:
    """Draw the screen of a facility."""
    tapes = _tapes(world, asked.since or {})
    labels = drawer.labels(world.facility, asked.actor)
    wiring = wiring_of(world)
    rows: list[Row] = []
    reads: list[Read] = []
    for gateway, tape in tapes.items():
        more, heard = tape_rows(gateway, tape, wiring, labels)
        rows, reads = rows + more, reads + heard
    events = _events(world, asked.event)
    rows = sorted(rows + event_rows(events, reads), key=lambda row: row.at, reverse=True)
    thing = chosen(world, asked.at)
    code = thing.code if thing else ""
    verdict = latest_verdict(world, asked.actor)
    geometry, state = picture(world, code, asked.path, asked.actor)
    took = None
    if verdict:
        took = (asked.took or {}).get(verdict.event.pk, decided_in(verdict.event, reads))
    context = {
        "facility": world.facility,
        "away": world.away,
        "chips": _chips(world),
        "geometry": geometry,
        "state": state,
        "panel": panel_of(world, thing, tapes, asked.lock) if thing else None,
        "cards": labels,
        "piles": drawer.piles(labels, asked.find),
        "verdict": verdict,
        "took": took,
        "path": asked.path,
    }
    regions = {
        name: SafeString(render_to_string(f"bench/part_{name}.html", context)) for name in REGIONS
    }
    marks = _marks(
        {gateway: tape.last for gateway, tape in tapes.items()},
        max([asked.event, *(event.pk for event in events)]),
        (verdict.event.pk, took) if verdict and took is not None else None,
    )
    kind = thing.kind if isinstance(thing, Device) else ""
    finds: dict[str, str] = {
        DeviceKind.READER: _("Tap a badge"),
        DeviceKind.DESK_READER: _("Put a card on the reader"),
    }
    return Screen(
        world=world,
        code=code,
        keypad=kind == DeviceKind.READER,
        finds=finds.get(kind, ""),
        find=asked.find,
        regions=regions,
        rows=rows[:SHOWN_ROWS],
        marks=marks,
    )


def local_zone(world: World) -> ZoneInfo:
    """The facility's zone, for the times of the log."""
    return ZoneInfo(world.facility.time_zone)


def _tapes(world: World, since: Mapping[str, int]) -> dict[str, Tape]:
    tapes = {}
    for gateway in world.gateways:
        if gateway.code not in world.away:
            try:
                tapes[gateway.code] = tape_of(client(gateway.code), since.get(gateway.code, 0))
            except SimulatorError:
                world.away.append(gateway.code)
    return tapes


def _events(world: World, after: int) -> list[InboxEvent]:
    codes = [gateway.code for gateway in world.gateways]
    events = InboxEvent.objects.filter(gateway__in=codes, pk__gt=after)
    return list(events.order_by("-pk")[:SHOWN_ROWS])


def _chips(world: World) -> list[dict[str, str]]:
    chips = [_gateway_chip(world, gateway) for gateway in world.gateways]
    broker = _broker_up()
    words = _("Broker up") if broker else _("Broker away")
    chips.append({"shape": "ok" if broker else "off", "words": words})
    count, total = cut(world), len(world.devices)
    if count:
        text = ngettext(
            "%(count)d of %(total)d device cut", "%(count)d of %(total)d devices cut", total
        )
        chips.append({"shape": "off", "words": text % {"count": count, "total": total}})
    return chips


def _gateway_chip(world: World, gateway: Gateway) -> dict[str, str]:
    if gateway.code in world.reports:
        return {"shape": "ok", "words": _("%(name)s decides") % {"name": gateway.name}}
    return {"shape": "off", "words": _("%(name)s silent") % {"name": gateway.name}}


def _broker_up() -> bool:
    try:
        with redis.Redis.from_url(
            settings.VALKEY_URL,
            socket_timeout=BROKER_SECONDS,
            socket_connect_timeout=BROKER_SECONDS,
        ) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


def _marks(since: Mapping[str, int], event: int, took: tuple[int, int] | None) -> SafeString:
    """How far the page has read, for the next poll."""
    given = [("since", f"{gateway}:{number}") for gateway, number in since.items()]
    given.append(("event", str(event)))
    if took is not None:
        given.append(("took", f"{took[0]}:{took[1]}"))
    return format_html_join("", '<input type="hidden" data-mark name="{}" value="{}">', given)


def region_mark(name: str, html: str) -> str:
    """By what the page says that it has seen a region as it is."""
    return f"{name}:{hashlib.sha256(html.encode()).hexdigest()[:12]}"


def region(name: str, html: SafeString, *, oob: bool) -> SafeString:
    """A part of the page that is swapped as one, with its mark."""
    swap = SafeString(' hx-swap-oob="true"') if oob else ""
    return format_html(
        '<div id="bench-{}" data-region{}>{}'
        '<input type="hidden" data-mark name="seen" value="{}"></div>',
        name,
        swap,
        html,
        region_mark(name, html),
    )

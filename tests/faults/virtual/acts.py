"""What people and accidents do: one function for each kind of step of a script.

A step is a name and plain values, so that a script can be printed, cut and played again; a step
that makes no sense where it comes changes nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hardware.drivers.base import Signal
from scif.kernel.canonical import canonical_json
from tests.faults.virtual.centre import GATEWAY
from tests.faults.virtual.machine import CONTROL, FORGER, Killed
from tests.faults.virtual.place import DOORS, READERS, Area, Badge, Permit, Person
from tests.faults.virtual.world import Sent, Shown, World

Step = tuple[Any, ...]


def play(world: World, step: Step) -> None:
    """Do one step; the gateway may die in it, and then it comes back."""
    name, *values = step
    try:
        ACTS[name](world, *values)
        world.run()
    except Killed:
        world.die(world.down_seconds)


# Time


def wait(world: World, seconds: float) -> None:
    """Time passes."""
    world.run(seconds)


# The desk


def book(world: World, who: str, area: str, minutes: int, length: int, flaw: str) -> None:
    """A visit is booked, to begin in some minutes; ``flaw``: "", "requested", "own", "open"."""
    start = world.true + timedelta(minutes=minutes)
    if who in world.planned:
        return
    world.bookings += 1
    permit = Permit(
        f"{who}.{world.bookings}",
        who,
        "visit",
        area,
        start,
        start + timedelta(minutes=length),
        booking="requested" if flaw == "requested" else "approved",
        approver=who if flaw == "own" else "chief",
        shut=flaw != "open",
    )
    world.centre.put(permit)
    world.planned[who] = permit.id


def check_in(world: World, who: str) -> None:
    """The visitor stands at the desk and gets a badge."""
    visit = world.planned.pop(who, None)
    if visit is None or who in world.visits:
        return
    world.visits[who] = visit
    _change(world, "entry", visit, desk="badged")
    issue(world, who, visit)


def issue(world: World, who: str, visit: str | None = None) -> None:
    """A fresh badge."""
    number = world.cards
    world.cards += 1
    badge = Badge(credential_of(number), who, visit)
    world.centre.put(badge)
    world.badges[who] = badge.credential
    world.numbers[badge.credential] = card(number)


def check_out(world: World, who: str) -> None:
    """The visit is over: the badge is back, and the door forgets both."""
    if who not in world.visits or world.zone_of(who) is not None:
        return
    world.centre.drop("entry", world.visits.pop(who))
    if who in world.badges:
        world.centre.drop("credential", world.badges.pop(who))


def recall(world: World, who: str, desk: str) -> None:
    """The visit is suspended under way ("recalled"), or goes on ("badged")."""
    if who in world.visits:
        _change(world, "entry", world.visits[who], desk=desk)


def clear(world: World, who: str, what: str, value: bool | int) -> None:
    """A clearance is suspended, of another rank or without its read-in, or all right again."""
    _change(world, "person", who, **{what: value})


def lose(world: World, who: str) -> None:
    """A badge is reported lost; its finder keeps it, and the loser gets another."""
    lost = world.badges.pop(who, None)
    if lost is not None:
        _change(world, "credential", lost, state="lost")
        world.lost.append(lost)
        issue(world, who, world.visits.get(who))


def room(world: World, area: str, what: str, value: bool) -> None:
    """A room is locked down, loses its sweep or its accreditation, or has it back."""
    _change(world, "area", area, **{what: value})


# The door


def tap(world: World, who: str, reader: str) -> None:
    """Somebody shows his badge on the side of the door where he stands."""
    door, side = READERS[reader]
    where = DOORS[door][0] if side == "out" else None
    if who in world.badges and world.zone_of(who) == where:
        _show(world, reader, world.badges[who])


def find(world: World, reader: str) -> None:
    """Somebody shows a badge that was lost, or one that nobody ever issued."""
    _show(world, reader, world.lost[-1] if world.lost else credential_of(-1))


def type_pin(world: World, who: str, reader: str, how: str) -> None:
    """Keys at a reader: "right", "wrong", "fumble" (mended with a star), "short"."""
    pin = world.person(who).pin
    keys = {"right": f"{pin}#", "wrong": "000000#", "fumble": f"12*{pin}#", "short": pin[:3]}[how]
    if reader in world.shown:
        world.shown[reader].typed += keys
    world.say(reader, Signal.KEYPAD, digits=keys)


def go(world: World, people: list[str], door: str, how: str) -> None:
    """People go through a door together: "badge", "handle", or "hold", which leaves it open."""
    zone, leaf = DOORS[door][0], world.wires.doors[door]
    outwards = world.zone_of(people[0]) == zone
    side = zone if outwards else None
    people = [name for name in people if world.zone_of(name) == side]
    if not people or not (outwards or world.wires.free(door)):
        return
    _account(world, people, door, outwards)
    for name in people:
        (world.inside[zone].discard if outwards else world.inside[zone].add)(name)
    if how == "handle" and outwards:
        world.wires.handle(door, pressed=True)
        world.run()
    if not leaf.open:
        world.wires.move(door, opened=True)
        world.run(1)
    if how == "handle" and outwards:
        world.wires.handle(door, pressed=False)
    if how != "hold":
        shut(world, door)


def shut(world: World, door: str) -> None:
    """The leaf falls shut."""
    if world.wires.doors[door].open:
        world.wires.move(door, opened=False)
        world.run()


def force(world: World, door: str) -> None:
    """A door is torn open and falls shut; nobody goes in."""
    for grant in world.live(door):
        world.excuse(grant.person, door, "somebody else opened")
        grant.passed = True
    if not world.wires.doors[door].open:
        unexplained = world.locked(door) and world.wires.heard(door)
        world.wires.move(door, opened=True)
        world.run(1)
        shut(world, door)
        if unexplained:
            world.torn.append(door)


# The guard


def order(world: World, who: str, door: str, flavour: str) -> None:
    """An order to let somebody in: genuine, repeat, forged, altered, late, elsewhere."""
    if flavour == "repeat":
        if world.envelopes:
            _send(world, *world.envelopes[-1])
        return
    now = world.true - timedelta(seconds=60 if flavour == "late" else 0)
    said = _envelope(world, door, "unlock", {"person_id": who}, now)
    if flavour == "elsewhere":
        said["gateway"] = "g2"
    raw = canonical_json(said)
    signature = (FORGER if flavour == "forged" else CONTROL).sign(raw)
    if flavour == "altered":
        raw = canonical_json({**said, "args": {"person_id": "g0"}})
    deadline = now + timedelta(seconds=10)
    genuine = flavour in {"genuine", "late"}
    world.sent[str(said["id"])] = Sent(who, door, deadline, genuine)
    if flavour == "genuine":
        world.envelopes.append((raw, signature))
    _send(world, raw, signature)


def count(world: World, zone: str) -> None:
    """A guard counts: who is not on the list goes out, who is not there is struck off."""
    known = world.machine.gateway.plant.zones.get(zone)
    if known is None:
        return
    door = next(code for code, (where, _) in DOORS.items() if where == zone)
    for name in sorted(world.inside[zone] - set(known.inside)):
        go(world, [name], door, "handle")
    for name in [*sorted(set(known.inside) - world.inside[zone]), None]:
        args = {"zone_version": known.version} | ({"person_id": name} if name else {})
        verb = "zone_mark_out" if name else "zone_forgive"
        raw = canonical_json(_envelope(world, zone, verb, args, world.true))
        _send(world, raw, CONTROL.sign(raw))


# Accidents


def link(world: World, up: bool) -> None:
    """The line to the centre is cut, or whole again."""
    world.centre.up = up


def deafen(world: World) -> None:
    """The centre's next answer is lost: entries come twice."""
    world.centre.deaf = True


def kill(world: World, where: str, left: int, seconds: float) -> None:
    """The process will die at one of the next writes ("before", "after") or pulses ("wire")."""
    world.accidents.where, world.accidents.fuse = where, left
    world.down_seconds = seconds


def disk(world: World, full: bool) -> None:
    """The disk is full, or has room again."""
    world.accidents.disk_full = full


def clock(world: World, seconds: int) -> None:
    """The gateway's clock is moved from the true time to this far ahead of it."""
    world.skew = timedelta(seconds=seconds)


def wire(world: World, answer: str, stutter: bool) -> None:
    """How readers answer from now on."""
    world.wires.answer, world.wires.stutter = answer, stutter


def power(world: World, reader: str, on: bool) -> None:
    """A reader goes away, or comes back."""
    world.wires.power(reader, on=on)


ACTS: dict[str, Callable[..., None]] = {
    act.__name__: act
    for act in (
        *(wait, book, check_in, issue, check_out, recall, clear, lose, room),
        *(tap, find, type_pin, go, shut, force, order, count),
        *(link, deafen, kill, disk, clock, wire, power),
    )
}


def card(number: int) -> bytes:
    """The number on a card."""
    return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()


def credential_of(number: int) -> str:
    """The SHA-256 that stands for the card."""
    return hashlib.sha256(card(number)).hexdigest()


def _account(world: World, people: list[str], door: str, outwards: bool) -> None:
    """Note who goes with a grant of his own, and whose passage no sensor can tell."""
    zone, live = DOORS[door][0], world.live(door)
    heard, stood_open = world.wires.heard(door), world.wires.doors[door].open
    own = {g.person for g in live if g.outwards == outwards and g.person in people}
    alone = {g.person for g in live} == own and len(own) == len(people)
    for name in people if heard else ():
        if name in own and not stood_open and (alone or len(own) == len(people) == 1):
            world.excused[zone].discard(name)
        elif name in own or live or stood_open:
            why = "followed another" if name not in own else "several at one opening"
            world.excuse(name, door, why)
        # Else nothing explains the opening, and the zone must be in doubt.
    # So it must where nobody listens.
    for grant in live:
        grant.passed = True
        if heard and grant.person not in people:
            world.excuse(grant.person, door, "somebody else opened")


def _show(world: World, reader: str, credential: str) -> None:
    door, side = READERS[reader]
    total = len(world.wires.pulses)
    world.shown[reader] = Shown(credential, world.steady)
    number = world.numbers.get(credential, card(-1))
    possible = {reader, f"R{door[1]}"} <= world.wires.online
    world.say(reader, Signal.CARD, number=number, bits=128)
    if side == "out" and possible:
        new = [pulse for pulse in world.wires.pulses[total:] if pulse.door == door]
        world.exits.append((door, len(new)))


def _change(world: World, kind: str, key: str, **values: Any) -> None:
    thing = world.centre.things[kind, key]
    assert isinstance(thing, Area | Badge | Permit | Person)
    world.centre.put(replace(thing, **values))


def _envelope(
    world: World, target: str, verb: str, args: dict[str, Any], issued: Any
) -> dict[str, Any]:
    world.orders += 1
    return {
        "id": str(UUID(int=world.orders)),
        "gateway": GATEWAY,
        "target": target,
        "verb": verb,
        "args": args,
        "actor": "guard",
        "nonce": f"{world.orders:032x}",
        "issued_at": issued.isoformat(),
        "deadline": (issued + timedelta(seconds=10)).isoformat(),
    }


def _send(world: World, raw: bytes, signature: bytes) -> None:
    world.machine.gateway.submit_command(raw.decode(), signature.hex())
    world.run()

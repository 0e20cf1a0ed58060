"""A script from a seed: what happens next, given how the world stands. People come first."""

import random
from collections.abc import Iterator
from datetime import timedelta

from tests.faults.virtual.acts import Step
from tests.faults.virtual.place import DOORS, READERS, Permit, Person
from tests.faults.virtual.world import AREAS, GUARDS, STAFF, SWEEPERS, VISITORS, World

EVERYBODY = (*VISITORS, *STAFF, *GUARDS, *SWEEPERS)
SHORT_DOWN, LONG_DOWN = 3.0, 900.0


class Story:
    """Gives the next few steps."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def next(self, world: World) -> Iterator[Step]:
        """One thing that somebody does, perhaps an accident, and some time."""
        chance = self._chance
        if chance.random() < 0.12:
            yield from self._accident(world)
        elif chance.random() < 0.12:
            yield from self._mend(world)
        for zone, known in world.machine.gateway.plant.zones.items():
            if not known.certain and chance.random() < 0.4:
                yield ("count", zone)
        yield from self._somebody(world, chance.choice(EVERYBODY))
        yield ("wait", round(min(chance.expovariate(1 / 240), 3000), 1))

    def _somebody(self, world: World, who: str) -> Iterator[Step]:
        zone = world.zone_of(who)
        if zone is not None:
            if self._over(world, who) or self._chance.random() < 0.3:
                yield from self._leave(who, zone)
        elif who in VISITORS:
            yield from self._visitor(world, who)
        else:
            if who not in world.badges:
                yield ("issue", who)
            if self._chance.random() < 0.5:
                yield from self._enter(who, self._chance.choice("AB"))

    def _visitor(self, world: World, who: str) -> Iterator[Step]:
        chance = self._chance
        if who in world.visits:
            permit = world.centre.things["entry", world.visits[who]]
            assert isinstance(permit, Permit)
            if (self._over(world, who) and chance.random() < 0.4) or chance.random() < 0.03:
                yield ("check_out", who)
            else:
                yield from self._enter(who, permit.area)
        elif who in world.planned:
            yield ("check_in", who)
        else:
            flaw = chance.choice(["", "", "", "", "", "", "", "requested", "own", "open"])
            length = chance.choice([30, 60, 120, 240, 480])
            yield ("book", who, chance.choice("AB"), chance.choice([0, 5, 30]), length, flaw)
            yield ("check_in", who)

    def _over(self, world: World, who: str) -> bool:
        permit = world.centre.things.get(("entry", world.visits.get(who, "")))
        early = timedelta(minutes=self._chance.choice([-30, 0, 5]))
        return isinstance(permit, Permit) and world.true >= permit.end - early

    def _enter(self, who: str, area: str) -> Iterator[Step]:
        chance = self._chance
        door = chance.choice([code for code, (_, each) in DOORS.items() if each == area])
        if chance.random() < 0.03:
            door = chance.choice(list(DOORS))
        reader = f"R{door[1]}"
        if chance.random() < 0.04:
            yield ("order", who, door, "genuine")
        else:
            for how in self._pins():
                yield ("tap", who, reader)
                if chance.random() < 0.02:
                    yield ("tap", chance.choice(EVERYBODY), reader)
                if how:
                    yield ("type_pin", who, reader, how)
        if chance.random() < 0.9:
            people = [who]
            if chance.random() < 0.04:
                people.append(chance.choice(EVERYBODY))
            how = "hold" if chance.random() < 0.02 else "badge"
            yield ("wait", chance.choice([0.5, 1.0, 2.0]))
            yield ("go", people, door, how)
            yield ("wait", chance.choice([5.0, 10.0, 30.0]))
            yield ("shut", door)

    def _pins(self) -> list[str]:
        """The PINs of one attempt; now and then somebody tries many."""
        luck = self._chance.random()
        if luck < 0.02:
            return ["wrong"] * self._chance.randint(4, 7) + ["right"]
        if luck < 0.1:
            return [self._chance.choice(["wrong", "short", ""])]
        return [self._chance.choice(["right", "right", "right", "fumble"])]

    def _leave(self, who: str, zone: str) -> Iterator[Step]:
        chance = self._chance
        door = chance.choice([code for code, (each, _) in DOORS.items() if each == zone])
        handle = chance.random() < 0.05
        if not handle:
            yield ("tap", who, f"R{door[1]}X")
            yield ("wait", 1.0)
        people = [who]
        if chance.random() < 0.03:
            people.append(chance.choice(EVERYBODY))
        yield ("go", people, door, "handle" if handle else "badge")
        if handle and chance.random() < 0.3:
            yield ("wait", 1.5)
            yield ("force", door)
        yield ("wait", 10.0)

    def _accident(self, world: World) -> Iterator[Step]:
        chance = self._chance
        who = chance.choice(VISITORS)
        door, area = chance.choice(list(DOORS)), chance.choice("AB")
        reader = chance.choice(list(READERS))
        back = chance.random() < 0.5
        match chance.randrange(18):
            case 0:
                seconds = chance.choice([SHORT_DOWN, SHORT_DOWN, SHORT_DOWN, LONG_DOWN])
                where = chance.choice(["before", "after", "wire"])
                yield ("kill", where, chance.randint(0, 6), seconds)
            case 1 | 2:
                yield ("link", back)
            case 3:
                yield ("deafen",)
            case 4:
                yield ("disk", not world.accidents.disk_full)
                if back:
                    yield ("wait", 2.0)
                    yield ("disk", False)
            case 5 | 16 | 17:
                yield ("clock", chance.choice([0, 0, -7200, -7200, 7200, -600, 600, 2]))
            case 6:
                answer = chance.choice(["ack", "silent", "unsure", "lost", "dead"])
                yield ("wire", answer if back else "ack", chance.random() < 0.5)
            case 7:
                yield ("power", reader, back)
            case 8:
                yield ("lose", who)
            case 9:
                yield ("find", reader)
            case 10:
                yield ("recall", who, chance.choice(["recalled", "badged", "badged"]))
            case 11:
                what, flaw = chance.choice([("suspended", True), ("rank", 1), ("read_in", False)])
                if not back and chance.random() < 0.5:
                    yield ("clear", who, what, flaw)
                else:
                    yield from _cleared(world, who)
            case 12:
                what = chance.choice(["lockdown", "swept", "accredited"])
                bad = not back
                yield ("room", area, what, bad if what == "lockdown" else not bad)
            case 13:
                yield ("force", door)
            case 14 | 15:
                flavours = ["genuine", "repeat", "repeat", "forged", "altered", "late", "elsewhere"]
                yield ("order", who, door, chance.choice(flavours))

    def _mend(self, world: World) -> Iterator[Step]:
        """Everything that is broken works again, so that the world goes on."""
        yield ("link", True)
        yield ("disk", False)
        yield ("clock", 0)
        yield ("wire", "ack", False)
        for reader in sorted(set(READERS) - world.wires.online):
            yield ("power", reader, True)
        for area in AREAS:
            now = world.centre.things["area", area.id]
            for what in ("lockdown", "swept", "accredited"):
                if getattr(now, what) != getattr(area, what):
                    yield ("room", area.id, what, getattr(area, what))
        for who in VISITORS:
            yield from _cleared(world, who)


def _cleared(world: World, who: str) -> Iterator[Step]:
    """What is wrong with a clearance is put right."""
    now, right = world.person(who), Person(who, "")
    for what in ("suspended", "rank", "read_in"):
        if getattr(now, what) != getattr(right, what):
            yield ("clear", who, what, getattr(right, what))

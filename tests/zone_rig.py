"""A zone with two doors at a gateway that decides by the real rules."""

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

from access.decider import AccessDecider
from access.rules import facts as f
from access.rules.pin import pin_verifier
from access.rules.policy_keys import KEYS
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import CredentialState
from hardware.decider import Decider
from hardware.drivers.base import Signal
from hardware.gateway.zones import Zone
from tests.gateway_rig import START, Rig, credential_of, number_of
from tests.zone_record import zone_record

PIN_KEY = b"a key for the PINs of the zone's people"
PIN = "4711"
AREA = "area-1"
ALWAYS = f.Window(START - timedelta(days=1), START + timedelta(days=30))
ZONE = zone_record(AREA)
PORTAL = {"zone": "Z1", "area": AREA, "pulse_tenths": 30, "held_seconds": 20, "pin": False}
SECOND_DOOR = {
    ("device", "R2"): {
        "bus": "B1",
        "kind": "reader",
        "address": 2,
        "portal": "D2",
        "direction": "in",
        "scbk": "02" * 16,
        "output": 0,
        "contact_input": 0,
        "rex_input": 1,
    },
    ("device", "R2X"): {
        "bus": "B1",
        "kind": "reader",
        "address": 3,
        "portal": "D2",
        "direction": "out",
        "scbk": "03" * 16,
    },
}
LOBBY = f.AreaFacts(
    area_id=AREA,
    unclassified=True,
    swept_after_use=False,
    capacity=4,
    hours={day: (time(0), time(0)) for day in range(7)},
    lockdown=False,
    threat="normal",
)


def policy(**values: Any) -> dict[str, Any]:
    """The shipped policy with other values."""
    entries = {key: each.entry() for key, each in KEYS.items()}
    for key, value in values.items():
        entries[key] = {**entries[key], "value": value}
    return policy_payload(f.PolicyFacts("rig/1", entries))


@dataclass
class ZoneRig(Rig):
    """Two doors, D1 and D2, of one zone, or of two; people come on the bases that a test gives."""

    area: f.AreaFacts = LOBBY
    zone_order: dict[str, Any] = field(default_factory=dict)
    doors: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zones = {"Z1", *(door.get("zone", "Z1") for door in self.doors.values())}
        self.records = {
            **SECOND_DOOR,
            ("area", AREA): area_payload(self.area),
            ("policy", "current"): policy(**self.values),
            **{("zone", code): {**ZONE, **self.zone_order} for code in zones},
            **{("portal", code): {**PORTAL, **self.doors.get(code, {})} for code in ("D1", "D2")},
            **self.records,
        }
        super().__post_init__()

    def make_decider(self) -> Decider:
        return AccessDecider(PIN_KEY)

    def start(self, *, told: bool = True, shut: bool = True) -> "ZoneRig":
        super().start(told=told, shut=shut)
        if shut:
            self.leaf("D2", opened=False)
        return self

    def come(self, name: str, basis: type[f.Basis] = f.RosterBasis, **values: Any) -> str:
        """Somebody gets a badge and a basis; gives the person's identifier."""
        person = f"person-{name}"
        own: dict[type[f.Basis], dict[str, Any]] = {
            f.RosterBasis: {"sponsor": "somebody"},
            f.DutyBasis: {"post": f.DutyPost.GUARD},
            f.EscortBasis: {},
            f.InspectionBasis: {"authority": "CSA"},
            f.EmergencyBasis: {"incident": "fire", "declared_by": frozenset({"one", "two"})},
        }
        entry = basis(
            f"entry-{name}", person, frozenset({AREA}), ALWAYS, **{**own[basis], **values}
        )
        facts = f.PersonFacts(person, frozenset({"US"}))
        pin = pin_verifier(PIN_KEY, person, PIN)
        self.tell("entry", entry.basis_id, entry_payload(entry))
        self.tell("person", person, person_payload(facts, entries=[entry.basis_id], pin=pin))
        badge = f.CredentialFacts(f"B-{name}", CredentialState.ISSUED, person)
        self.tell("credential", credential_of(name), credential_payload(badge))
        return person

    def withdraw(self, name: str) -> None:
        """The person may come in no more."""
        self.tell("entry", f"entry-{name}", None)

    def rule(self, **values: Any) -> None:
        """The area keeps other rules from now on."""
        self.area = replace(self.area, **values)
        self.records["area", AREA] = area_payload(self.area)
        self.tell("area", AREA, self.records["area", AREA])

    def show(self, name: str, door: str = "D1", *, out: bool = False) -> str:
        """Show a badge at a door; gives the outcome of the last read."""
        reader = f"R{door[1:]}{'X' if out else ''}"
        self.say(reader, Signal.CARD, number=number_of(name), bits=128)
        self.run()
        return str(self.last("door.read")["outcome"])

    def leaf(self, door: str, *, opened: bool) -> None:
        """The leaf of a door moves."""
        self.say(f"R{door[1:]}", Signal.INPUT, number=0, active=opened)
        self.run()

    def pass_through(self, door: str = "D1") -> None:
        """Somebody opens a door, goes through and lets it fall shut, until it has locked again."""
        self.leaf(door, opened=True)
        self.leaf(door, opened=False)
        self.run(6, step=0.5)

    def enter(self, *names: str, door: str = "D1") -> None:
        """People go in together at a door."""
        for name in names:
            self.show(name, door)
        self.pass_through(door)

    def leave(self, name: str, door: str = "D1") -> None:
        """Somebody goes out at a door."""
        self.show(name, door, out=True)
        self.pass_through(door)

    def last(self, kind: str) -> dict[str, Any]:
        """The body of the newest entry of a kind."""
        return self.events(kind)[-1]

    def codes(self) -> list[str]:
        """What was objected to the last read."""
        return [each["code"] for each in self.last("door.read")["objections"]]

    @property
    def zone(self) -> Zone:
        return self.gateway.plant.zones["Z1"]

    @property
    def inside(self) -> list[str]:
        """Who is inside, by the names that were given."""
        return sorted(person.removeprefix("person-") for person in self.zone.inside)

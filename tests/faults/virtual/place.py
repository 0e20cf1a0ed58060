"""The building and its people in plain words, and the records that a gateway is told of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from access.rules import facts as f
from access.rules.labels import Label
from access.rules.pin import pin_verifier
from access.rules.policy_keys import KEYS
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import BookingState, CredentialState, EngagementState, VisitState
from inspections.rules.states import AccreditationState, SweepState
from tests.zone_record import zone_record

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
FAR = timedelta(days=400)
PIN_KEY = bytes(range(1, 33))
WORD = "HALYARD"
LABEL = Label("us", 2, frozenset({WORD}), frozenset(), "S")
OPENS, CLOSES = time(6), time(20)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody. ``rank`` is that of the clearance; the rooms ask for 2."""

    id: str
    pin: str
    rank: int = 3
    suspended: bool = False
    read_in: bool = True


@dataclass(frozen=True, slots=True)
class Permit:
    """A basis of entry: ``visit``, ``roster`` or ``duty``. ``desk`` is the visit's state."""

    id: str
    person: str
    kind: str
    area: str
    start: datetime
    end: datetime
    desk: str = "expected"
    booking: str = "approved"
    approver: str = "chief"
    shut: bool = True
    post: str = "guard"


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge by the SHA-256 of its card's number."""

    credential: str
    person: str
    visit: str | None
    state: str = "issued"


@dataclass(frozen=True, slots=True)
class Area:
    """A room. ``trusted``: it decides from an old snapshot too."""

    id: str
    capacity: int
    trusted: bool = False
    lockdown: bool = False
    swept: bool = True
    accredited: bool = True


Thing = Person | Permit | Badge | Area
DOORS = {"D1": ("ZA", "A"), "D2": ("ZA", "A"), "D3": ("ZB", "B")}
BUSES = {"B1": ("D1", "D2"), "B2": ("D3",)}
# Each reader with its door and its side; the reader outside carries the door's wires.
READERS = {
    f"R{door[1]}{side}": (door, "out" if side else "in") for door in DOORS for side in ("", "X")
}
PULSE_TENTHS, HELD_SECONDS = 30, 20


def installation() -> dict[tuple[str, str], dict[str, Any]]:
    """The records of what is installed, and of the policy."""
    found: dict[tuple[str, str], dict[str, Any]] = {
        ("policy", "current"): policy_payload(f.PolicyFacts("virtual/1", _policy()))
    }
    for bus in BUSES:
        found["bus", bus] = {"driver": "virtual", "port": "/dev/null", "baud": 9600}
    for door, (zone, area) in DOORS.items():
        found["zone", zone] = zone_record(area)
        found["portal", door] = {
            "zone": zone,
            "area": area,
            "pulse_tenths": PULSE_TENTHS,
            "held_seconds": HELD_SECONDS,
            "contact": True,
            "pin": True,
        }
    for address, (reader, (door, side)) in enumerate(READERS.items()):
        wires = {"output": 0, "contact_input": 0, "rex_input": 1} if side == "in" else {}
        found["device", reader] = {
            "bus": next(bus for bus, doors in BUSES.items() if door in doors),
            "kind": "reader",
            "address": address,
            "portal": door,
            "direction": side,
            "scbk": f"{address:032x}",
            **wires,
        }
    return found


def _policy() -> dict[str, dict[str, Any]]:
    """The shipped values; but people here pass in no time, and no blindness is too short for it."""
    entries = {key: value.entry() for key, value in KEYS.items()}
    return entries | {"unseen_seconds": {**entries["unseen_seconds"], "value": 0}}


def key_of(thing: Thing) -> tuple[str, str]:
    """The kind and key of a thing's record."""
    if isinstance(thing, Badge):
        return "credential", thing.credential
    kinds = {Person: "person", Permit: "entry", Area: "area"}
    return kinds[type(thing)], thing.id


def payload(thing: Thing, entries: list[str]) -> dict[str, Any]:
    """The record that the centre would write of a thing; ``entries`` are a person's permits."""
    match thing:
        case Person():
            return person_payload(
                _person(thing), entries=entries, pin=pin_verifier(PIN_KEY, thing.id, thing.pin)
            )
        case Permit():
            return entry_payload(_basis(thing))
        case Badge():
            state = CredentialState(thing.state)
            return credential_payload(
                f.CredentialFacts(f"N-{thing.credential[:6]}", state, thing.person, thing.visit)
            )
        case Area():
            return area_payload(_area(thing))


def _person(person: Person) -> f.PersonFacts:
    status = f.EligibilityStatus.SUSPENDED if person.suspended else f.EligibilityStatus.FINAL
    briefed = date(2026, 1, 1)
    return f.PersonFacts(
        person.id,
        frozenset({"US"}),
        (f.Eligibility("us", person.rank, status, (START + FAR).date()),),
        (f.Indoctrination("us", WORD, briefed),) if person.read_in else (),
        (f.NeedToKnow("mandate", "discloser", "lab", START - FAR, START + FAR),),
        f.Nda(briefed, "witness"),
    )


def _area(area: Area) -> f.AreaFacts:
    state = AccreditationState.ACCREDITED if area.accredited else AccreditationState.SUSPENDED
    return f.AreaFacts(
        area.id,
        LABEL,
        accreditation=f.AccreditationFacts(state, "us", 3, (START + FAR).date()),
        last_sweep=SweepState.PASSED if area.swept else SweepState.DUE,
        capacity=area.capacity,
        hours=dict.fromkeys(range(7), (OPENS, CLOSES)),
        lockdown=area.lockdown,
        threat="normal",
        offline_rule=f.OfflineRule.ENFORCE if area.trusted else f.OfflineRule.DENY,
    )


def _basis(permit: Permit) -> f.Basis:
    whose = permit.id, permit.person, frozenset({permit.area}), f.Window(permit.start, permit.end)
    if permit.kind == "roster":
        return f.RosterBasis(*whose, sponsor="chief")
    if permit.kind == "duty":
        return f.DutyBasis(*whose, post=f.DutyPost(permit.post))
    mandate = f.EngagementFacts(
        "mandate",
        EngagementState.ACTIVE,
        f.Window(START - FAR, START + FAR),
        "lab",
        "weights",
        frozenset({"A", "B"}),
        frozenset({permit.person}),
        "discloser",
        "chief",
    )
    own = frozenset({permit.person})
    booking = f.BookingFacts(
        BookingState(permit.booking), permit.person, permit.approver or None, own, 1
    )
    at_desk = permit.desk == "expected"
    return f.VisitBasis(
        *whose,
        state=VisitState(permit.desk),
        booking=booking,
        engagement=mandate,
        session_label=LABEL,
        identity_checked=not at_desk,
        belongings=f.Belongings(shut=permit.shut, signed_by_visitor=True, signed_by_guard=True),
        badge_issued=not at_desk,
    )

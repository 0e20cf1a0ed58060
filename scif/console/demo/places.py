"""Schemes, facilities, areas, doors, lockers and devices of the demonstration."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model

from hardware.kinds import KRCU16, MODBUS, NFC, OSDP, Kind
from hardware.models import Bus, Device, DeviceKind, Gateway
from hardware.services.installation import key_seal
from scif.console.demo.plans import BUILDING_7, MILL_LANE
from scif.facilities.models import (
    Area,
    AreaKind,
    Caveat,
    Compartment,
    Facility,
    Level,
    Locker,
    LockerBank,
    PolicyProfile,
    Portal,
    Record,
    SecurityScheme,
    Zone,
)
from scif.facilities.services.reference import reference_save
from scif.kernel.actor import Actor

SEED = Actor.system("seed")
R = TypeVar("R", bound=Record)
# The enclave works round the clock, so that the demonstration does at any hour.
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Levels by scheme (scif-domain §2), lowest first: code, name, marking colour.
SCHEMES: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    ("us", "United States"): [
        ("U", "UNCLASSIFIED", "#1E6B3C"),
        ("C", "CONFIDENTIAL", "#1C4F8F"),
        ("S", "SECRET", "#9B1C17"),
        ("TS", "TOP SECRET", "#9B1C17"),
    ],
    ("nato", "NATO"): [
        ("NU", "NATO UNCLASSIFIED", "#1E6B3C"),
        ("NR", "NATO RESTRICTED", "#1E6B3C"),
        ("NC", "NATO CONFIDENTIAL", "#1C4F8F"),
        ("NS", "NATO SECRET", "#9B1C17"),
        ("CTS", "COSMIC TOP SECRET", "#9B1C17"),
    ],
    ("eu", "European Union"): [
        ("R-UE", "RESTREINT UE", "#1E6B3C"),
        ("C-UE", "CONFIDENTIEL UE", "#1C4F8F"),
        ("S-UE", "SECRET UE", "#9B1C17"),
        ("TS-UE", "TRES SECRET UE", "#9B1C17"),
    ],
    ("uk", "United Kingdom"): [
        ("O", "OFFICIAL", "#1E6B3C"),
        ("UKS", "UK SECRET", "#9B1C17"),
        ("UKTS", "UK TOP SECRET", "#9B1C17"),
    ],
    ("ai", "AI lab sensitivity tiers"): [
        (f"T{tier}", f"TIER {tier}", colour)
        for tier, colour in enumerate(
            ("#1E6B3C", "#1E6B3C", "#1C4F8F", "#502B85", "#9B1C17"), start=1
        )
    ],
}
COMPARTMENTS = {
    "us": [("HALYARD", "Programme Halyard"), ("LANTERN", "Programme Lantern")],
    "ai": [("H4W", "Halden H-4 weights"), ("AURIGA", "Auriga red-team results")],
}
CAVEATS = [("us", "NOFORN", "Not releasable to foreign nationals", ["US"], True)]
WORKING_HOURS = {day: ["08:00", "18:00"] for day in EVERY_DAY[:5]}
ROUND_THE_CLOCK = {day: ["00:00", "00:00"] for day in EVERY_DAY}


def keep(record: R, related: Mapping[str, Sequence[Record]] | None = None) -> R:
    """Save a record of the demonstration through the journaled service."""
    reference_save(record=record, related=related, actor=SEED)
    return record


def one(model: type[Any], **lookup: Any) -> Any:
    """A record that an earlier step of the seed made."""
    return model._default_manager.get(**lookup)


def schemes_seed() -> None:
    """Security schemes with levels, compartments and a caveat, as data."""
    for (code, name), levels in SCHEMES.items():
        scheme = keep(SecurityScheme(code=code, name=name))
        for rank, (level, title, colour) in enumerate(levels):
            keep(Level(scheme=scheme, code=level, name=title, rank=rank, colour=colour))
        for compartment, title in COMPARTMENTS.get(code, []):
            keep(Compartment(scheme=scheme, code=compartment, name=title))
    for scheme_code, code, name, countries, every in CAVEATS:
        scheme = one(SecurityScheme, code=scheme_code)
        keep(Caveat(scheme=scheme, code=code, name=name, countries=countries, every=every))


def places_seed(policies: Mapping[str, PolicyProfile]) -> None:
    """A government SCIF (ICD 705) and a university reading room for AI audits."""
    b7 = keep(
        Facility(
            code="b7",
            name="Building 7 / Room 7-114",
            time_zone="America/New_York",
            sid=True,
            policy=policies["icd705"],
            marking=one(Level, scheme__code="us", code="U"),
            floor_plan=BUILDING_7,
        )
    )
    ml = keep(
        Facility(
            code="ml",
            name="Mill Lane, floor 2",
            time_zone="Europe/London",
            policy=policies["ai-reading-room"],
            marking=one(Level, scheme__code="ai", code="T1"),
            floor_plan=MILL_LANE,
            next_post=b7,
        )
    )
    b7.next_post = ml
    keep(b7)
    room_a = _area(b7, "b7-a", "Reading room A", AreaKind.CLOSED_STORAGE, "us", "S", 6)
    room_b = _area(
        b7,
        "b7-b",
        "Reading room B",
        AreaKind.CA,
        "us",
        "TS",
        2,
        parent=room_a,
        compartments=["HALYARD"],
        caveats=["NOFORN"],
    )
    reading = _area(ml, "ml-r", "University reading room", AreaKind.READING_ROOM, "ai", "T3", 8)
    enclave = _area(
        ml, "ml-e", "Weight enclave", AreaKind.WEIGHT_ENCLAVE, "ai", "T5", 2, compartments=["H4W"]
    )
    for area, portal, name in (
        (room_a, "D3", "Room A"),
        (room_b, "D4", "Room B"),
        (reading, "M1", "Reading room"),
        (enclave, "M2", "Enclave"),
    ):
        zone = keep(Zone(area=area, code=area.code, name=area.name))
        keep(Portal(zone=zone, code=portal, name=name, pulse_tenths=30, held_seconds=30))
    for facility, bank, title in ((b7, "K1", "Lobby lockers"), (ml, "K2", "Reception lockers")):
        row = keep(LockerBank(facility=facility, code=bank, name=title, columns=6))
        for lock in range(12):
            keep(Locker(bank=row, number=f"{lock + 1:02d}", lock=lock))


def _area(
    facility: Facility,
    code: str,
    name: str,
    kind: AreaKind,
    scheme: str,
    level: str,
    capacity: int,
    *,
    parent: Area | None = None,
    compartments: Sequence[str] = (),
    caveats: Sequence[str] = (),
) -> Area:
    area = Area(
        facility=facility,
        code=code,
        name=name,
        kind=kind,
        capacity=capacity,
        parent=parent,
        level=one(Level, scheme__code=scheme, code=level),
        hours=ROUND_THE_CLOCK if kind is AreaKind.WEIGHT_ENCLAVE else WORKING_HOURS,
        two_person=kind is AreaKind.WEIGHT_ENCLAVE,
    )
    found: list[Record] = [one(Compartment, scheme__code=scheme, code=c) for c in compartments]
    named: list[Record] = [one(Caveat, scheme__code=scheme, code=c) for c in caveats]
    return keep(area, {"compartments": found, "caveats": named})


def devices_seed() -> None:
    """Gateways, buses and devices, with a fresh secure-channel key for each reader."""
    for facility, gateway, baud, readers, bank, desk in (
        (
            "b7",
            "b7",
            9600,
            (("R3", "D3", "in"), ("R3X", "D3", "out"), ("R4", "D4", "in"), ("R4X", "D4", "out")),
            "K1",
            "N1",
        ),
        (
            "ml",
            "ml",
            115200,
            (("M1R", "M1", "in"), ("M1X", "M1", "out"), ("M2R", "M2", "in"), ("M2X", "M2", "out")),
            "K2",
            "N2",
        ),
    ):
        host = keep(
            Gateway(facility=one(Facility, code=facility), code=gateway, name=f"Gateway {gateway}")
        )
        bus = _bus(host, "osdp", OSDP, baud)
        for address, (code, portal, direction) in enumerate(readers):
            _device(
                bus,
                code,
                DeviceKind.READER,
                address=address,
                direction=direction,
                portal=one(Portal, code=portal),
                key=key_seal(secrets.token_bytes(16), code),
                options=READER_IN if direction == "in" else READER_OUT,
            )
        board = _bus(host, "lockers", KRCU16, 19200)
        _device(board, bank, DeviceKind.LOCKER_BOARD, bank=one(LockerBank, code=bank))
        _device(_bus(host, "desk", NFC, 115200), desk, DeviceKind.DESK_READER)
        if gateway == "b7":
            _device(_bus(host, "io", MODBUS, 9600), "IO1", DeviceKind.IO_BOARD, **PANEL_BOARD)


# The reader inside a door has no output of its own: the one outside drives strike and contact.
READER_IN = {"output": 0, "contact_input": 0, "rex_input": 1}
READER_OUT: dict[str, Any] = {}
# Room A's alarm panel, and the cover of the cabinet that the board hangs in. Normally closed inputs
# are active while their loop is open: a cut wire says alarm and trouble, and never ACCESS.
PANEL_BOARD: dict[str, Any] = {
    "address": 1,
    "options": {
        "outputs": 8,
        "inputs": 8,
        "normally_closed": [3, 4, 5, 7],
        "tamper_input": 7,
        "panel": {
            "area": "b7-a",
            "inputs": {
                "3": {"fact": "access", "active": False},
                "4": {"fact": "alarm", "active": True},
                "5": {"fact": "trouble", "active": True},
                "6": {"fact": "secure", "active": True},
            },
        },
    },
}


def _bus(gateway: Gateway, name: str, kind: Kind, baud: int) -> Bus:
    code = f"{gateway.code}-{name}"
    return keep(Bus(gateway=gateway, code=code, driver=kind.name, port=code, baud=baud))


def _device(bus: Bus, code: str, kind: DeviceKind, **fields: Any) -> Device:
    return keep(Device(bus=bus, code=code, kind=kind, **fields))


def count(model: type[Model]) -> int:
    """How many rows a model has: whether the seed has run."""
    return model._default_manager.count()

"""A facility with one record of everything, for tests that walk all pages."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Model
from psycopg.types.range import TimestamptzRange

from access.models import (
    AccessDecision,
    Badge,
    BadgeAssignment,
    Booking,
    BookingAttendee,
    ConflictWall,
    CostScenario,
    CustodyItem,
    Duty,
    Emergency,
    Indoctrination,
    Lockdown,
    LockdownPass,
    LockerAssignment,
    Pin,
    Presence,
    PresenceEvent,
    Responder,
    Response,
    RosterEntry,
    Sanitisation,
    Signature,
    ThreatLevelChange,
    Visit,
    VisitStep,
)
from access.rules.cost import STARTS, ScenarioKind
from access.selectors.cost import figure_stored
from hardware.models import (
    Bus,
    Command,
    Device,
    DeviceState,
    DoorState,
    FeedbackPattern,
    Gateway,
    Rewiring,
)
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.console.demo.plans import BUILDING_7
from scif.facilities.models import (
    Caveat,
    ClosedDay,
    Compartment,
    Equivalence,
    IdsState,
    Level,
    Locker,
    LockerBank,
    Portal,
    Zone,
)
from scif.kernel.clock import now
from scif.people.models import Citizenship, FacilityRole, Organisation, Person, User
from scif.reporting.models import Report
from tests.factories_laptops import make_airlock, make_laptops
from tests.flows.booking_world import World, make_world

ROLES = ("officer", "compliance", "guard", "sweeper")


@dataclass
class Place:
    """A facility with a record of each model, by the model's label, and a user of each role.

    ``waiting`` is a second booking, requested and not decided.
    """

    world: World
    waiting: Booking = field(init=False)
    records: dict[str, Model] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def keep(self, record: Model) -> None:
        """Save a record and remember it as the one of its model."""
        record.save()
        self.records[record._meta.label_lower] = record


def make_place(code: str) -> Place:
    """A facility with everything in it; two of different codes share only schemes."""
    world = make_world(code)
    place = Place(world)
    _people(place, code)
    _hardware(place, code)
    _visit(place, code)
    _standing(place)
    make_laptops(place, code)
    make_airlock(place)
    _schemes(place, code)
    _cost(place)
    world.facility.floor_plan = BUILDING_7
    world.facility.save()
    place.keep(
        Report(
            reference=f"R-{code.upper()}",
            kind="visit",
            facility=world.facility,
            subject_type="access.visit",
            subject_id=place.records["access.visit"].pk,
            subject_reference=f"V-{code.upper()}",
            paper="A4",
            state="failed",
            requested_at=now(),
        )
    )
    found: list[Model] = [world.facility, world.facility.policy, world.area, world.engagement]
    found += [world.engagement.sponsor, world.engagement.asset, world.lead]
    found += [world.lead.organisation, world.lead.user, world.area.accreditations.get()]
    found += [world.lead.eligibilities.get(), world.lead.ndas.get(), world.lead.needs_to_know.get()]
    place.records |= {each._meta.label_lower: each for each in found}
    return place


def _people(place: Place, code: str) -> None:
    world = place.world
    begun = now() - timedelta(days=1)
    for role in ROLES:
        person = Person.objects.create(
            name=f"The {role} {code}", organisation=world.lead.organisation
        )
        user = User.objects.create_user(f"{role}.{code}", password="a long password", person=person)
        place.users[role] = user
        place.keep(FacilityRole(user=user, facility=world.facility, role=role, valid_from=begun))
    place.users["auditor"] = world.lead.user
    place.keep(Citizenship(person=world.lead, country="GB"))


def _hardware(place: Place, code: str) -> None:
    world, at = place.world, now()
    zone = Zone(area=world.area, code=f"{code}-z", name="Reading room")
    place.keep(zone)
    portal = Portal(zone=zone, code=f"{code}-d1", name="Door", pulse_tenths=30, held_seconds=30)
    place.keep(portal)
    place.keep(DoorState(portal=portal, status="locked", changed_at=at))
    bank = LockerBank(facility=world.facility, code=f"{code}-k", name="Lockers", columns=6)
    place.keep(bank)
    place.keep(Locker(bank=bank, number="01", lock=0))
    gateway = Gateway(facility=world.facility, code=f"{code}-g", name="Gateway")
    place.keep(gateway)
    bus = Bus(gateway=gateway, code=f"{code}-osdp", driver="osdp", port="ttyS1", baud=9600)
    place.keep(bus)
    device = Device(bus=bus, code=f"{code}-r1", kind="reader", portal=portal, direction="in")
    place.keep(device)
    place.keep(DeviceState(device=device, online=True, secure=True, heard_at=at))
    place.keep(
        Rewiring(
            facility=world.facility,
            kind="retire",
            device=device,
            reason="Burnt out",
            requested_by=world.officer,
            requested_at=at,
            lapses_at=at + timedelta(hours=8),
        )
    )
    place.keep(FeedbackPattern(facility=world.facility, shown="granted", color="green"))
    place.keep(
        Command(
            gateway=gateway,
            target=portal.code,
            verb="unlock",
            actor="somebody",
            envelope="{}",
            signature=b"-",
            issued_at=at,
            deadline=at,
        )
    )


def _visit(place: Place, code: str) -> None:
    world, at = place.world, now()
    booking = _booking(place, f"B-{code.upper()}", days=0, state="approved")
    place.waiting = _booking(place, f"W-{code.upper()}", days=1, state="requested")
    place.keep(booking)
    visit = Visit(reference=f"V-{code.upper()}", booking=booking, person=world.lead)
    place.keep(visit)
    VisitStep.objects.create(visit=visit, kind="arrive", at=at)
    locker = Locker.objects.get(bank__facility=world.facility)
    assignment = LockerAssignment(visit=visit, locker=locker, assigned_at=at)
    place.keep(assignment)
    place.keep(CustodyItem(assignment=assignment, kind="phone"))
    place.keep(
        Signature(
            assignment=assignment,
            purpose="deposit",
            signer=world.lead,
            party="visitor",
            strokes=[],
            signed_at=at,
        )
    )
    badge = Badge(facility=world.facility, code=f"V-{code}", kind="visitor", state="issued")
    place.keep(badge)
    place.keep(BadgeAssignment(badge=badge, person=world.lead, visit=visit, issued_at=at))
    portal = Portal.objects.get(zone__area=world.area)
    zone = portal.zone
    place.keep(
        AccessDecision(
            read_id=f"{code}-1",
            portal=portal,
            direction="in",
            person=world.lead,
            visit=visit,
            basis="visit",
            outcome="refused",
            objections=[
                {
                    "code": "not_swept",
                    "message": "The room is not swept.",
                    "remedy": "Sweep it.",
                    "who": "sweepers",
                    "guard": "Call a sweeper.",
                }
            ],
            policy_version="x/1",
            snapshot_version=1,
            occurred_at=at,
            gateway=f"{code}-g",
        )
    )
    place.keep(Presence(zone=zone, person=world.lead, visit=visit, basis="visit", since=at))
    place.keep(
        PresenceEvent(
            zone=zone, person=world.lead, visit=visit, direction="in", basis="visit", occurred_at=at
        )
    )


def _booking(place: Place, reference: str, *, days: int, state: str) -> Booking:
    """Two members in the morning, under the engagement."""
    world, at = place.world, now()
    start, end = world.at(9, days), world.at(12, days)
    booking = Booking.objects.create(
        reference=reference,
        area=world.area,
        engagement=world.engagement,
        requester=world.lead,
        state=state,
        decided_by=world.colleague if state == "approved" else None,
        decided_at=at if state == "approved" else None,
        starts_at=start,
        ends_at=end,
        held=TimestamptzRange(start, end + timedelta(minutes=30)),
        requested_at=at,
        hold_until=at + timedelta(days=2),
        policy_version="x/1",
    )
    for person in (world.lead, world.member):
        BookingAttendee.objects.create(booking=booking, person=person)
    return booking


def _standing(place: Place) -> None:
    world, at = place.world, now()
    place.keep(
        RosterEntry(
            person=world.officer,
            area=world.area,
            sponsor=world.colleague,
            valid_from=at,
            review_due=at + timedelta(days=20),
        )
    )
    place.keep(
        Duty(
            person=place.users["guard"].person,
            facility=world.facility,
            role="guard",
            starts_at=at,
            ends_at=at + timedelta(hours=8),
        )
    )
    place.keep(
        Lockdown(
            facility=world.facility,
            area=world.area,
            reason="Unknown person in the corridor",
            declared_by=world.officer,
            declared_at=at,
            lifted_by=world.colleague,
            lifted_at=at,
        )
    )
    place.keep(
        LockdownPass(
            person=world.officer,
            facility=world.facility,
            sponsor=world.colleague,
            reason="Looks after the cooling",
            valid_from=at,
            valid_until=at + timedelta(days=20),
        )
    )
    place.keep(
        Sanitisation(
            area=world.area,
            recorded_by=world.colleague,
            recorded_at=at,
            ends_at=at + timedelta(hours=2),
            note="Racks covered",
        )
    )
    other = Organisation.objects.create(name=f"Rival {world.facility.code}", country="GB")
    party_a, party_b = sorted(
        (other, world.lead.organisation), key=lambda organisation: organisation.pk
    )
    place.keep(
        ConflictWall(
            facility=world.facility,
            party_a=party_a,
            party_b=party_b,
            kind="room",
            reason="They compete",
            approver=world.colleague,
            valid_from=date(2026, 1, 2),
        )
    )
    place.keep(
        Responder(
            person=world.member,
            facility=world.facility,
            valid_from=at,
            valid_until=at + timedelta(days=9),
        )
    )
    emergency = Emergency(
        facility=world.facility,
        reference=f"E-{world.facility.code.upper()}",
        incident="Smoke",
        declared_by=world.officer,
        declared_at=at,
    )
    place.keep(emergency)
    place.keep(Response(emergency=emergency, person=world.member))
    place.keep(IdsState(area=world.area, mode="access", heard_at=at))
    place.keep(
        ThreatLevelChange(
            facility=world.facility,
            level="raised",
            reason="A call",
            set_by=world.officer,
            set_at=at,
        )
    )
    place.keep(
        ClosedDay(
            facility=world.facility,
            name="Stocktaking",
            first_day=date(2026, 1, 2),
            last_day=date(2026, 1, 3),
        )
    )
    place.keep(Pin(person=world.lead, facility=world.facility, verifier="x" * 64, set_at=at))
    place.keep(Sweep(area=world.area, cause="V-1", due_since=at))
    place.keep(
        Alarm(
            facility=world.facility,
            gravity="act",
            kind="door.held",
            subject="D1",
            message="Door D1 held open",
            raised_at=at,
            raised_last_at=at,
        )
    )


def _cost(place: Place) -> None:
    at = now()
    for kind, figures in STARTS.items():
        place.keep(
            CostScenario(
                facility=place.world.facility,
                name=kind.value.replace("_", " ").capitalize(),
                kind=kind.value,
                inputs={key.value: figure_stored(each) for key, each in figures.items()},
                created_at=at,
                changed_at=at,
            )
        )
    place.keep(CostScenario.objects.get(facility=place.world.facility, kind=ScenarioKind.OWN_ROOM))


def _schemes(place: Place, code: str) -> None:
    world = place.world
    level = world.area.level
    assert level
    compartment = Compartment(scheme=level.scheme, code=f"H4-{code}", name="Weights")
    place.keep(compartment)
    place.keep(Caveat(scheme=level.scheme, code=f"ONLY-{code}", name="Only", countries=["GB"]))
    other = Level.objects.exclude(pk=level.pk).first()
    assert other
    place.keep(
        Equivalence(accepted=level, as_level=other, valid_from=date(2026, 1, 1), agreement="MoU")
    )
    place.keep(
        Indoctrination(
            person=world.lead,
            compartment=compartment,
            briefed_by=world.discloser,
            briefed_on=date(2026, 1, 1),
        )
    )
    place.records |= {
        "facilities.level": level,
        "facilities.securityscheme": level.scheme,
    }

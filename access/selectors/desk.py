"""What the guard's desk shows of a facility: who is inside, doors, lockers, badges, orders."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from access.models import (
    AccessDecision,
    Badge,
    BadgeKind,
    Duty,
    LockerAssignment,
    Presence,
    RosterEntry,
)
from access.rules.facts import BasisKind
from access.rules.states import CredentialState, LockerState
from access.selectors.escort import escorting_now
from access.selectors.temporary import temporary_holds
from hardware.models import Command, Device, DeviceKind, DoorState, DoorStatus, GatewayStatus
from inspections.models import Accreditation, Sweep
from inspections.rules.states import IN_FORCE, SweepState
from inspections.services.sweep import OPEN as SWEEP_OPEN
from scif.alarms.models import Alarm
from scif.facilities.models import Area, AreaKind, Facility, Locker, Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with, visible
from scif.people.models import FacilityRole, Person
from scif.people.rules.roles import roles_with

DESK = "access.use_desk"
# How a basis of entry is drawn on the plan.
FIGURES: Mapping[str, str] = {
    BasisKind.VISIT.value: "visitor",
    BasisKind.ROSTER.value: "roster",
    BasisKind.DUTY.value: "guard",
    BasisKind.ESCORT.value: "escort",
    BasisKind.INSPECTION.value: "inspector",
    BasisKind.EMERGENCY.value: "responder",
}

_ESCORTED = frozenset({BasisKind.VISIT.value, BasisKind.DUTY.value})


def desk_facilities(actor: Actor) -> QuerySet[Facility]:
    """The facilities whose desk the actor may use."""
    return facilities_with(actor, DESK).select_related("policy", "marking")


def people_inside(facility: Facility, actor: Actor) -> list[Presence]:
    """Who is counted in which zone, as the zones' owners reported: the muster list."""
    present = Presence.objects.select_related(
        "person__organisation", "zone__area", "visit__booking"
    ).filter(zone__area__facility=facility)
    return list(visible(present, actor, DESK).order_by("zone__code", "person__name"))


def figure(present: Presence, escorted: Container[UUID] = frozenset()) -> str:
    """The shape of a person on the plan; ``escorted`` are those who are under escort now."""
    if present.basis in _ESCORTED and present.person_id in escorted:
        return "escorted"
    return FIGURES.get(present.basis, "visitor")


def past_end(present: Presence) -> bool:
    """Whether a visitor is inside after the end of his booking."""
    return present.visit is not None and present.visit.booking.ends_at < now()


def door_states(facility: Facility, actor: Actor) -> dict[str, DoorState]:
    """What was last heard of each door, by its code."""
    states = DoorState.objects.select_related("portal").filter(
        portal__zone__area__facility=facility
    )
    return {state.portal.code: state for state in visible(states, actor, DESK)}


def portals_of(facility: Facility, actor: Actor) -> QuerySet[Portal]:
    """The doors of a facility."""
    portals = Portal.objects.select_related("zone__area").filter(zone__area__facility=facility)
    return visible(portals, actor, DESK).order_by("code")


def lockers_taken(facility: Facility) -> dict[str, list[int]]:
    """The lockers in use, numbered from one, by bank."""
    held = LockerAssignment.objects.filter(
        released_at=None, locker__bank__facility=facility
    ).values_list("locker__bank__code", "locker__lock")
    taken: dict[str, list[int]] = {}
    for bank, lock in held:
        taken.setdefault(bank, []).append(lock + 1)
    return taken


def lockers_beside(locker: Locker) -> list[tuple[Locker, str]]:
    """The lockers of the same bank, each "jammed", "used" or "" for free.

    One that is held and has opened since it jammed is in use, though nobody closed the alarm yet.
    """
    jams = _jams(locker.bank.facility_id)
    held = {
        each.locker_id: each.opened_at
        for each in LockerAssignment.objects.filter(released_at=None, locker__bank=locker.bank_id)
    }

    def state(each: Locker) -> str:
        opened, jam = held.get(each.pk), jams.get(str(each))
        if jam is not None and (opened is None or opened < jam):
            return "jammed"
        return "used" if each.pk in held else ""

    lockers = Locker.objects.select_related("bank").filter(bank=locker.bank_id)
    return [(each, state(each)) for each in lockers]


def lockers_jammed(facility_id: UUID) -> set[str]:
    """The lockers, by their names, whose jam nobody has reported as cleared: given to nobody."""
    return set(_jams(facility_id))


def _jams(facility_id: UUID) -> dict[str, datetime]:
    alarms = Alarm.objects.filter(facility_id=facility_id, kind="locker_jammed", closed_at=None)
    return dict(alarms.values_list("subject", "raised_last_at"))


def never_opened(locker: LockerAssignment) -> bool:
    """Whether a locker jammed before its door ever opened to the visit: nothing lies in it."""
    return locker.state == LockerState.JAMMED and locker.opened_at is None


def board_of(locker: Locker) -> Device | None:
    """The board of a locker's bank, with what was last heard of it."""
    boards = Device.objects.select_related("state").filter(
        bank=locker.bank_id, kind=DeviceKind.LOCKER_BOARD, retired_at=None
    )
    return boards.first()


def badges_blank(facility: Facility, actor: Actor) -> list[Badge]:
    """The visitors' badges that can be encoded and issued."""
    return _badges(facility, actor, CredentialState.BLANK)


def badges_prepared(facility: Facility, actor: Actor) -> list[Badge]:
    """The visitors' badges that were encoded beforehand, for a desk whose reader is silent."""
    return _badges(facility, actor, CredentialState.ENCODED)


def badges_lost(facility: Facility, actor: Actor) -> QuerySet[Badge]:
    """The badges of any kind that nobody has seen since they were lost."""
    lost = Badge.objects.filter(facility=facility, state=CredentialState.LOST)
    return visible(lost, actor, DESK).order_by("code")


def badges_returned(facility: Facility, actor: Actor) -> list[Badge]:
    """The badges of any kind whose card still carries a number that no door takes."""
    returned = Badge.objects.filter(facility=facility, state=CredentialState.RETURNED)
    return list(visible(returned, actor, DESK).order_by("code"))


def _badges(facility: Facility, actor: Actor, state: CredentialState) -> list[Badge]:
    badges = Badge.objects.filter(facility=facility, kind=BadgeKind.VISITOR, state=state)
    return list(visible(badges, actor, DESK))


def order_last(facility: Facility, verb: str, **args: Any) -> Command | None:
    """The newest order of a verb with these arguments."""
    lookup = {f"args__{name}": value for name, value in args.items()}
    commands = Command.objects.filter(gateway__facility=facility, verb=verb, **lookup)
    return commands.order_by("-issued_at").first()


def order_for(facility: Facility, verb: str, target: str) -> Command | None:
    """The newest order of a verb to a target."""
    commands = Command.objects.filter(gateway__facility=facility, verb=verb, target=target)
    return commands.order_by("-issued_at").first()


def people_entitled(facility: Facility, visitors: Sequence[UUID]) -> list[Person]:
    """Who has a ground to enter now: these visitors, the roster, who is on duty, who escorts."""
    at = now()
    roster = RosterEntry.objects.filter(
        area__facility=facility, ended_at=None, valid_from__lte=at, review_due__gt=at
    )
    duties = Duty.objects.filter(facility=facility, starts_at__lte=at, ends_at__gt=at)
    people = Person.objects.filter(
        Q(pk__in=visitors)
        | Q(pk__in=roster.values("person_id"))
        | Q(pk__in=duties.values("person_id"))
        | Q(pk__in=escorting_now(facility).keys())
    )
    return list(people.order_by("name"))


def decisions_at(portal_code: str, facility: Facility, count: int = 6) -> list[AccessDecision]:
    """The last reads at a door."""
    decisions = AccessDecision.objects.select_related("person", "portal").filter(
        portal__code=portal_code, portal__zone__area__facility=facility
    )
    return list(decisions.order_by("-occurred_at")[:count])


def duty_now(facility: Facility, person_id: UUID | None) -> Duty | None:
    """The duty that a person is on."""
    if person_id is None:
        return None
    at = now()
    duties = Duty.objects.filter(
        facility=facility, person_id=person_id, starts_at__lte=at, ends_at__gt=at
    )
    return duties.order_by("starts_at").first()


@dataclass(frozen=True, slots=True)
class Fitness:
    """Which areas of a facility may not be used, and why."""

    unswept: Sequence[Area]
    unfit: Sequence[Area]


def fitness_of(facility: Facility) -> Fitness:
    """Areas whose sweep has not passed; areas that lack an accreditation in force, or whose
    temporary use is over, not begun or not recorded.
    """
    areas = Area.objects.filter(facility=facility)
    today = now().astimezone(ZoneInfo(facility.time_zone)).date()
    newest = Sweep.objects.filter(area__facility=facility).order_by("area_id", "-due_since")
    closed = [row.area_id for row in newest.distinct("area_id") if row.state != SweepState.PASSED]
    letters = Accreditation.objects.filter(state__in=IN_FORCE).exclude(expires_on__lt=today)
    temporary = areas.filter(kind=AreaKind.TSWA, bookable=True).select_related("facility__policy")
    over = [area.pk for area in temporary if not temporary_holds(area, today)]
    lacking = Q(level__isnull=False) & ~Q(pk__in=letters.values("area_id"))
    still_open = Sweep.objects.filter(state__in=SWEEP_OPEN).values("area_id")
    return Fitness(
        list(areas.filter(Q(pk__in=closed) | Q(pk__in=still_open))),
        list(areas.filter(lacking | Q(pk__in=over))),
    )


def sweeps_open(facility: Facility, actor: Actor) -> list[Sweep]:
    """The sweeps that are due or under way."""
    sweeps = Sweep.objects.select_related("area", "sweeper", "second").filter(
        area__facility=facility, state__in=SWEEP_OPEN
    )
    return list(visible(sweeps, actor, "inspections.view_sweep").order_by("due_since"))


def sweepers_of(facility: Facility, besides: UUID | None) -> list[Person]:
    """Who may sweep at a facility, but for one person."""
    at = now()
    roles = FacilityRole.objects.filter(
        facility=facility, role__in=roles_with("inspections.perform_sweep"), valid_from__lte=at
    ).exclude(valid_until__lte=at)
    people = Person.objects.filter(user__in=roles.values("user_id")).order_by("name")
    return [person for person in people if person.pk != besides]


def devices_of(facility: Facility, actor: Actor) -> list[Device]:
    """The devices of a facility with what was last heard of each."""
    devices = Device.objects.select_related("portal", "bank", "bus__gateway").filter(
        bus__gateway__facility=facility, retired_at=None
    )
    return list(visible(devices, actor, "hardware.view_device").order_by("code"))


def gateways_heard(facility: Facility) -> list[tuple[str, GatewayStatus | None]]:
    """Each gateway of a facility with its last report about itself."""
    codes = list(facility.gateways.values_list("code", flat=True))
    heard = {status.gateway: status for status in GatewayStatus.objects.filter(gateway__in=codes)}
    return [(code, heard.get(code)) for code in codes]


def doors_silent(gateway: str) -> int:
    """How many doors of a gateway give no answer: nothing that decides is heard of them."""
    doors = DoorState.objects.filter(
        status=DoorStatus.UNKNOWN, portal__devices__bus__gateway__code=gateway
    )
    return doors.distinct().count()

"""One visit of the past week, step by step, by the people who would have made it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access.models import Badge, Visit
from access.rules.states import CredentialState
from access.services.badge import badge_issue_request, badge_return
from access.services.leaving import search_record, visit_complete
from access.services.pin import pin_set
from access.services.visit import visit_arrive, visit_identify
from hardware.drivers.desfire_keys import AID, FILE
from hardware.simulators.cards import CardStore
from inspections.models import Sweep
from inspections.rules.states import SweepState
from inspections.services.sweep import sweep_finish, sweep_start
from scif.alarms.models import Alarm
from scif.alarms.services import alarm_acknowledge, alarm_close
from scif.console.demo.history_custody import deposit, give_back
from scif.console.demo.history_gateway import WALK_SECONDS, PastClock, PastGateway
from scif.console.demo.published import STAFF_PIN
from scif.kernel.actor import Actor
from scif.people.models import Person

MINUTE = 60.0
GUARDS = {"ml": "e.hughes", "b7": "m.okafor"}
# Who sweeps: the one who records it, the second person, and their badges.
SWEEPERS = {
    "ml": ("s.bianchi", "e.hughes", ("G-22", "G-21")),
    "b7": ("r.lindqvist", "j.adeyemi", ("G-05", "G-06")),
}
# Who goes in with a visitor where nobody may be alone: the badge of a member of the staff.
HOSTS = {"ml-e": "S-11"}
# Readers of the portal of an area: outside, inside.
DOORS = {"ml-r": ("M1", "M1R", "M1X"), "ml-e": ("M2", "M2R", "M2X"), "b7-a": ("D3", "R3", "R3X")}


@dataclass
class Past:
    """Everything that the past week is played with."""

    clock: PastClock
    gateways: dict[str, PastGateway]
    cards: CardStore
    badges_given: int = 0

    def number(self, card: str) -> bytes:
        """The number on a badge of the staff, as a reader reads it."""
        return bytes(self.cards.load(card).applications[AID].files[FILE].data)


@dataclass(frozen=True)
class Oddity:
    """What went otherwise than usual on a visit."""

    early: bool = False  # tries the door before the hour
    wrong_door: str = ""  # area whose door is tried as well
    door_held: bool = False  # holds the door open on the way out


def actor_of(login: str) -> Actor:
    """A person of the demonstration as the one who acts."""
    person = Person.objects.select_related("user").get(user__username=login)
    return Actor.user(person.user.pk, person.pk)


def visit_play(past: Past, visit: Visit, oddity: Oddity) -> None:
    """The whole of an expected visit: check-in, entry, work, exit, search, return, sweep."""
    booking = visit.booking
    area, site = booking.area.code, booking.area.facility.code
    gateway, guard = past.gateways[site], actor_of(GUARDS[site])
    door, outside, inside = DOORS[area]
    badge, number, pin = _check_in(past, visit, guard, booking.starts_at)
    if oddity.early:
        gateway.read(outside, number, pin)
    if oddity.wrong_door:
        gateway.read(DOORS[oddity.wrong_door][1], number, pin)
    past.clock.until(booking.starts_at + timedelta(minutes=2))
    host = past.number(HOSTS[area]) if area in HOSTS else None
    gateway.read(outside, number, pin)
    if host:
        gateway.read(outside, host, STAFF_PIN)
    gateway.walk(door)
    past.clock.until(booking.ends_at - timedelta(minutes=6))
    gateway.read(inside, number)
    if host:
        gateway.read(inside, host)
    gateway.walk(door, seconds=45.0 if oddity.door_held else WALK_SECONDS)
    _alarms_close(past, site, guard)
    past.clock.advance(3 * MINUTE)
    search_record(visit_id=visit.pk, clear=True, items=[], remarks="", actor=guard)
    past.clock.advance(MINUTE)
    give_back(past.clock, gateway, visit, guard)
    badge_return(visit_id=visit.pk, actor=guard)
    gateway.obey("card_erase", badge.uid)
    past.clock.advance(MINUTE)
    visit_complete(visit_id=visit.pk, actor=guard)
    _sweep(past, site, area)


def walk_by_card(past: Past, site: str, area: str, *cards: str) -> None:
    """Permanent staff go in together on their own badges, and out again half an hour later."""
    door, outside, inside = DOORS[area]
    gateway = past.gateways[site]
    for card in cards:
        gateway.read(outside, past.number(card), STAFF_PIN)
    gateway.walk(door)
    past.clock.advance(22 * MINUTE)
    for card in cards:
        gateway.read(inside, past.number(card))
    gateway.walk(door)


def _check_in(
    past: Past, visit: Visit, guard: Actor, starts_at: datetime
) -> tuple[Badge, bytes, str]:
    """At the desk; gives the badge as issued, the number on its card and its PIN."""
    past.clock.until(starts_at - timedelta(minutes=38))
    visit_arrive(visit_id=visit.pk, actor=guard)
    past.clock.advance(2 * MINUTE)
    visit_identify(
        visit_id=visit.pk,
        document="passport",
        last_characters=visit.reference[-4:],
        photo_matches=True,
        actor=guard,
    )
    past.clock.advance(MINUTE)
    deposit(past.clock, past.gateways[visit.booking.area.facility.code], visit, guard)
    past.clock.advance(MINUTE)
    site = visit.booking.area.facility
    blank = list(
        Badge.objects.filter(facility=site, kind="visitor", state=CredentialState.BLANK).order_by(
            "code"
        )
    )
    badge = blank[past.badges_given % len(blank)]
    past.badges_given += 1
    badge_issue_request(visit_id=visit.pk, badge_id=badge.pk, actor=guard)
    number = past.gateways[site.code].obey("card_encode", past.cards.load(badge.code).uid.hex())
    past.clock.advance(20)
    pin = pin_set(visit_id=visit.pk, actor=guard)
    badge.refresh_from_db()
    past.clock.advance(MINUTE)
    return badge, number, pin


def _sweep(past: Past, site: str, area: str) -> None:
    """Two people sweep the room if a sweep is due."""
    due = Sweep.objects.filter(area__code=area, state=SweepState.DUE).first()
    if due is None:
        return
    first, second, cards = SWEEPERS[site]
    door, outside, inside = DOORS[area]
    gateway, sweeper = past.gateways[site], actor_of(first)
    colleague = Person.objects.get(user__username=second)
    past.clock.advance(4 * MINUTE)
    for card in cards:
        gateway.read(outside, past.number(card), STAFF_PIN)
    gateway.walk(door)
    sweep_start(sweep_id=due.pk, second_id=colleague.pk, actor=sweeper)
    past.clock.advance(9 * MINUTE)
    sweep_finish(sweep_id=due.pk, passed=True, items_found=[], seals=[], actor=sweeper)
    for card in cards:
        gateway.read(inside, past.number(card))
    gateway.walk(door)


def _alarms_close(past: Past, site: str, guard: Actor) -> None:
    """The guard takes what alarms there are, looks, and closes them."""
    for alarm in Alarm.objects.filter(facility__code=site, closed_at=None):
        past.clock.advance(40)
        alarm_acknowledge(alarm_id=alarm.pk, actor=guard)
        past.clock.advance(2 * MINUTE)
        alarm_close(
            alarm_id=alarm.pk,
            note="The visitor held the door while packing; it is shut, nobody else passed.",
            actor=guard,
        )

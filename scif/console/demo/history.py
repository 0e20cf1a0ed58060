"""A week of history: what the demonstration's people did on the last seven days.

INVARIANT: it is made by the services that everybody uses, by a clock of the past; a real gateway
decides at the doors, and its edge journal goes into the inbox as its uplink would bring it.
"""

import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from access.models import Booking, Engagement, Visit
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve, booking_refuse
from hardware.models import Gateway
from hardware.simulators.cards import CardStore
from scif.console.demo.history_gateway import PastClock, PastGateway
from scif.console.demo.history_visit import Oddity, Past, actor_of, visit_play, walk_by_card
from scif.console.demo.published import STAFF_PIN
from scif.facilities.models import Area
from scif.kernel.clock import clock_set, now

OFFICER = "t.wierzba"
DAYS = 7
SATURDAY = 5
BEGAN = timedelta(days=9)
H4, GREY = "Audit of the H-4 weights", "Grey-box evaluation of H-4"
RED, TREATY = "Red-team review of Auriga 2", "Verification of treaty file 77"
ENCLAVE = ("i.carvalho", "y.demir")
READING = (("a.nwosu", GREY), ("s.alrashid", RED), ("o.byrne", GREY), ("j.macleod", RED))

USUAL = Oddity()


@dataclass(frozen=True)
class Slot:
    """A slot of the week that was asked for; times are those of the room's own zone."""

    day: date
    login: str
    title: str
    area: str
    begins: time
    ends: time
    oddity: Oddity = USUAL


def history_seed(cards: CardStore, *, working_days: int = 5) -> None:
    """Play the working days among the last seven, or only the last few of them."""
    today = now().date()
    week = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    days = [day for day in week if day.weekday() < SATURDAY][-working_days:]
    clock = PastClock(now() - BEGAN + timedelta(hours=1))
    with tempfile.TemporaryDirectory() as directory, clock_set(clock):
        gateways = {
            gateway.code: PastGateway(gateway.code, Path(directory), clock)
            for gateway in Gateway.objects.order_by("code")
        }
        past = Past(clock, gateways, cards)
        try:
            slots = slots_of(days)
            for number, day in enumerate(days):
                _day(past, number, day, [slot for slot in slots if slot.day == day])
            for gateway in gateways.values():
                gateway.tell()
        finally:
            for gateway in gateways.values():
                gateway.close()


def slots_of(days: Sequence[date]) -> list[Slot]:
    """Two slots a day, and one in building 7 every second day."""
    slots = []
    for number, day in enumerate(days):
        enclave, other = ENCLAVE[number % 2], ENCLAVE[(number + 1) % 2]
        reader, title = READING[number % len(READING)]
        slots.append(
            Slot(day, enclave, H4, "ml-e", time(9, 30), time(12), Oddity(early=number % 3 == 0))
        )
        wrong = "ml-e" if number % 3 == 0 else ""
        odd = Oddity(wrong_door=wrong, door_held=number == 1)
        slots.append(Slot(day, reader, title, "ml-r", time(13, 15), time(16, 30), odd))
        if number % 2 == 0:
            slots.append(Slot(day, other, TREATY, "b7-a", time(13), time(15, 30)))
    return slots


def _book(clock: PastClock, slots: Sequence[Slot]) -> list[tuple[Slot, Booking]]:
    """The slots of a day are asked for and approved early on that day."""
    booked = []
    officer = actor_of(OFFICER)
    for slot in slots:
        booking = slot_request(slot)
        clock.advance(240)
        booked.append((slot, booking_approve(booking_id=booking.pk, actor=officer)))
        clock.advance(360)
    return booked


def _refuse(clock: PastClock, day: date) -> None:
    """One more hour is asked for, which the officer refuses."""
    spare = slot_request(Slot(day, "a.nwosu", GREY, "ml-r", time(17), time(18)))
    clock.advance(900)
    booking_refuse(
        booking_id=spare.pk,
        reason="The room is inspected at that hour; please ask for another one.",
        actor=actor_of(OFFICER),
    )


def slot_request(slot: Slot) -> Booking:
    """Ask for a slot as its visitor would."""
    actor = actor_of(slot.login)
    area = Area.objects.select_related("facility").get(code=slot.area)
    zone = ZoneInfo(area.facility.time_zone)
    assert actor.person_id is not None  # every login of the demonstration has a person
    return booking_request(
        engagement_id=Engagement.objects.get(title=slot.title).pk,
        area_id=area.pk,
        starts_at=datetime.combine(slot.day, slot.begins, zone),
        ends_at=datetime.combine(slot.day, slot.ends, zone),
        attendee_ids=[actor.person_id],
        purpose="Audit session, as agreed in the mandate",
        actor=actor,
    )


def _day(past: Past, number: int, day: date, slots: Sequence[Slot]) -> None:
    past.clock.until(datetime.combine(day, time(7), ZoneInfo("Europe/London")))
    booked = _book(past.clock, slots)
    if number == 0:
        _refuse(past.clock, day)
    past.clock.until(datetime.combine(day, time(8, 12), ZoneInfo("Europe/London")))
    walk_by_card(past, "ml", "ml-e", "S-11", "S-12")
    if number % 2:
        past.gateways["ml"].read("M1R", secrets.token_bytes(16))
    for slot, booking in booked:
        visits = Visit.objects.select_related("booking__area__facility", "person")
        visit_play(past, visits.get(booking=booking), slot.oddity)
    past.clock.until(datetime.combine(day, time(16, 5), ZoneInfo("America/New_York")))
    walk_by_card(past, "b7", "b7-a", "S-01")
    # Cleared for room B, but not read into its compartment.
    past.gateways["b7"].read("R4", past.number("S-02"), STAFF_PIN)

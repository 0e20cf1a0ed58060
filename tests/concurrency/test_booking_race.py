"""Many clients want one slot at once: one gets it, the others are told so, nobody deadlocks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

from django.db import DatabaseError, connection

from access.models import Booking
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve
from access.services.booking_end import booking_cancel, bookings_expire_due
from scif.facilities.models import AreaKind
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set
from scif.kernel.errors import Refused
from tests.flows.booking_world import World, actor, make_world
from tests.policies import policy_with

CLIENTS = 50
HOUR = timedelta(hours=1)


def ask(
    world: World, barrier: Barrier, shift: timedelta = timedelta(), length: timedelta = 3 * HOUR
) -> str:
    """Ask from a connection of this thread's own; gives what came of it."""
    try:
        # Connected before the start, so that all ask at one moment.
        connection.ensure_connection()
        barrier.wait()
        start = world.at(9) + shift
        booking_request(**world.ask(starts_at=start, ends_at=start + length))
    except Refused as refusal:
        return refusal.code
    except DatabaseError as error:
        return type(error).__name__ + str(error)
    finally:
        connection.close()
    return "held"


def test_one_of_fifty_gets_the_slot(committed_database: str) -> None:
    world, barrier = make_world(), Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as clients:
        found = list(clients.map(lambda _: ask(world, barrier), range(CLIENTS)))
    assert sorted(found) == ["held"] + ["slot_taken"] * (CLIENTS - 1)
    assert Booking.objects.count() == 1


def test_overlapping_windows_never_hold_the_room_together(committed_database: str) -> None:
    world, barrier = make_world(), Barrier(CLIENTS)
    shifts = [timedelta(minutes=15 * (number % 21)) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        found = list(clients.map(lambda shift: ask(world, barrier, shift), shifts))
    assert set(found) == {"held", "slot_taken"}
    held = sorted((b.held.lower, b.held.upper) for b in Booking.objects.all())
    assert all(first[1] <= second[0] for first, second in pairwise(held))


def test_two_free_slots_never_pass_the_months_hours_of_a_temporary_area_together(
    committed_database: str,
) -> None:
    world = make_world()
    world.area.kind, world.area.temporary_since = AreaKind.TSWA, world.day.date()
    world.area.save(update_fields=["kind", "temporary_since"])
    # Below two hours a month: of six slots of an hour each, one may be had.
    policy_with(world.facility, tswa_hours_month=2)
    shifts = [1.5 * number * HOUR for number in range(6)]
    barrier = Barrier(len(shifts))
    with ThreadPoolExecutor(len(shifts)) as clients:
        found = list(clients.map(lambda shift: ask(world, barrier, shift, HOUR), shifts))
    assert sorted(found) == ["held"] + ["not_admitted"] * (len(shifts) - 1)
    assert Booking.objects.count() == 1


def test_deciding_cancelling_and_expiring_at_once_ends_in_one_state(
    committed_database: str,
) -> None:
    world = make_world()
    booking = booking_request(**world.ask())
    acts: list[Callable[[], object]] = [
        lambda: booking_approve(booking_id=booking.pk, actor=actor(world.officer)),
        lambda: booking_cancel(booking_id=booking.pk, actor=actor(world.lead)),
        lambda: bookings_expire_due(actor=Actor.system("beat")),
        lambda: booking_request(**world.ask(actor=actor(world.member))),
    ] * 5
    barrier = Barrier(len(acts))

    def act(number: int) -> str:
        try:
            connection.ensure_connection()
            barrier.wait()
            # Beat and the second request live after the hold, the people before its end.
            late = number % 4 > 1
            with clock_set(lambda: booking.hold_until if late else booking.requested_at):
                acts[number]()
        except Refused as refusal:
            return refusal.code
        except DatabaseError as error:
            return type(error).__name__ + str(error)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as people:
        found = set(people.map(act, range(len(acts))))
    assert found <= {"done", "wrong_state", "slot_taken"}
    booking.refresh_from_db()
    visits = set(booking.visits.values_list("state", flat=True))
    held = Booking.objects.filter(state__in=["requested", "approved"])
    assert held.count() <= 1
    assert visits <= ({"expected"} if booking.state == "approved" else {"cancelled"})

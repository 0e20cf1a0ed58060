"""Booking a temporary working area: its hours in each month, its first day, and who sets that."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from access.models import Booking, Visit
from access.rules.decision import decide
from access.rules.facts import Stage
from access.selectors.facts import arrival_facts
from access.selectors.slots import SlotFinder, SlotKind
from access.services.booking import booking_request
from access.services.booking_change import booking_change
from access.services.booking_decision import booking_approve
from access.services.booking_end import booking_cancel
from access.services.edit import record_edit
from access.services.refusals import BookingRefused
from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring
from scif.console.selectors.due import due_items
from scif.console.selectors.fitness import AreaRow, area_rows
from scif.facilities.models import Area, AreaKind
from scif.journal.models import Outbox
from scif.kernel.clock import clock_set, now
from scif.people.models import Person
from tests.flows.booking_world import World, actor, make_world
from tests.policies import policy_with

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)
# A Monday, two weeks before the first day that is booked; both lie in one month.
TODAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[World]:
    """Seven hours a month, where each booking of ``ask`` has three."""
    with clock_set(lambda: TODAY):
        world = make_world()
        temporary(world, since=date(2027, 1, 4))
        policy_with(world.facility, tswa_hours_month=7)
        yield world


def temporary(world: World, since: date | None) -> None:
    world.area.kind, world.area.temporary_since = AreaKind.TSWA, since
    world.area.save(update_fields=["kind", "temporary_since"])


def ask(world: World, day: int = 0, **changes: Any) -> Booking:
    times = {"starts_at": world.at(9, day), "ends_at": world.at(12, day)}
    return booking_request(**world.ask(**(times | changes)))


def reasons(world: World, day: int = 0, **changes: Any) -> dict[str, str]:
    with pytest.raises(BookingRefused) as refused:
        ask(world, day, **changes)
    return {each.code: each.what for each in refused.value.reasons}


def test_the_booking_that_reaches_the_months_hours_is_refused(world: World) -> None:
    ask(world)
    ask(world, 1)
    assert reasons(world, 2) == {
        "temporary_hours": "The room has not so many hours left in that month."
    }
    by_officer = reasons(world, 2, actor=actor(world.officer))
    assert "less than 7 hours a month; 6 are booked in 2027-03" in by_officer["temporary_hours"]
    assert reasons(world, 2, ends_at=world.at(10, 2)).keys() == {"temporary_hours"}
    ask(world, 2, ends_at=world.at(9.75, 2))
    # The next month has hours of its own.
    ask(world, 28)


def test_another_kind_of_area_has_no_such_limit(world: World) -> None:
    Area.objects.filter(pk=world.area.pk).update(kind=AreaKind.READING_ROOM, temporary_since=None)
    for day in range(3):
        ask(world, day)


def test_its_own_hours_stand_not_against_a_booking_when_it_is_decided_or_moved(
    world: World,
) -> None:
    booking = ask(world)
    ask(world, 1)
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    moved = booking_change(
        booking_id=booking.pk,
        area_id=world.area.pk,
        starts_at=world.at(9, 2),
        ends_at=world.at(12, 2),
        attendee_ids=[world.lead.pk],
        purpose="",
        actor=actor(world.lead),
    )
    assert moved.state == "requested"
    assert reasons(world, 3).keys() == {"temporary_hours"}


def test_a_limit_that_was_lowered_since_stops_the_approval(world: World) -> None:
    booking = ask(world)
    ask(world, 1)
    policy_with(world.facility, tswa_hours_month=6)
    with pytest.raises(BookingRefused) as refused:
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    assert [each.code for each in refused.value.reasons] == ["temporary_hours"]


def test_what_was_given_back_is_free_again_and_what_was_used_is_not(world: World) -> None:
    first, second = ask(world), ask(world, 1)
    booking_cancel(booking_id=second.pk, actor=actor(world.lead))
    ask(world, 1)
    assert reasons(world, 2).keys() == {"temporary_hours"}
    Booking.objects.filter(pk=first.pk).update(
        state="completed", decided_by=world.officer, decided_at=now()
    )
    assert reasons(world, 2).keys() == {"temporary_hours"}


def test_a_request_whose_hold_has_ended_holds_no_hours(world: World) -> None:
    ask(world)
    late = ask(world, 1)
    Booking.objects.filter(pk=late.pk).update(hold_until=now())
    ask(world, 2)


def finder(world: World, **changes: Any) -> SlotFinder:
    given: dict[str, Any] = {
        "engagement": world.engagement,
        "area": world.area,
        "team": [world.lead.pk, world.member.pk],
        "length": 3 * HOURS,
        "requester": world.lead.pk,
        "at": now(),
    }
    return SlotFinder(**(given | changes))


def kinds(world: World, day: int, **changes: Any) -> set[SlotKind]:
    found = finder(world, **changes).days((world.day + timedelta(days=day)).date(), 1)
    return {span.kind for span in found[0].spans}


def test_the_search_shows_a_full_month_as_closed_and_the_next_as_free(world: World) -> None:
    booking = ask(world)
    ask(world, 1)
    assert kinds(world, 2) == {SlotKind.CLOSED}
    assert kinds(world, 28) == {SlotKind.FREE}
    assert kinds(world, 2, instead=booking) == {SlotKind.FREE}


def shown(reader: Person, world: World) -> str:
    client = Client()
    client.force_login(reader.user)
    asked = {
        "engagement": str(world.engagement.pk),
        "week": world.day.date().isoformat(),
        "length": "180",
        "people": [str(world.lead.pk)],
    }
    page = client.get("/portal/slots/", asked)
    return " ".join(slot["text"] for day in page.context["days"] for slot in day["slots"])


def test_the_portal_says_why(world: World) -> None:
    ask(world)
    ask(world, 1)
    assert "The room has not so many hours left in that month." in shown(world.lead, world)
    assert "6 are booked in 2027-03" in shown(world.officer, world)


def test_its_months_bind_the_booking_and_the_desk(world: World) -> None:
    booking = ask(world)
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    for since, code in (
        (None, "temporary_since_unknown"),
        (world.day.date() + timedelta(days=1), "temporary_not_begun"),
        (world.day.date() - timedelta(days=365), "temporary_ended"),
    ):
        temporary(world, since)
        assert code in reasons(world, starts_at=world.at(13), ends_at=world.at(14))
        visit = Visit.objects.get(booking=booking, person=world.lead)
        said = decide(arrival_facts(visit, at=world.at(8.5)), Stage.ARRIVAL)
        assert code in {each.code for each in said.objections}


def since_set(world: World, area: Area, day: date, reason: str) -> object:
    """As an officer does on the area's page."""
    area.temporary_since = day
    return record_edit(
        record=area,
        changed=["temporary_since"],
        related={},
        reason=reason,
        actor=actor(world.officer),
    )


def test_two_officers_set_its_first_day_and_the_journal_says_so(world: World) -> None:
    temporary(world, None)
    area = Area.objects.get(pk=world.area.pk)
    order = since_set(world, area, date(2027, 2, 1), "As the letter says")
    assert isinstance(order, Rewiring)
    assert reasons(world).keys() == {"temporary_since_unknown"}
    rewiring_confirm(rewiring_id=order.pk, actor=actor(world.colleague))
    ask(world)
    told = Outbox.objects.filter(header__contains='"area.changed"').latest("pk").data
    assert told["temporary_since"] == "2027-02-01"
    assert told["confirmed_by"] == str(world.colleague.pk)
    # An earlier day ends its use sooner: one officer sees to that alone.
    done = since_set(world, area, date(2027, 1, 1), "")
    assert isinstance(done, Area)


def row_of(world: World) -> AreaRow:
    """The area on the officer's dashboard."""
    return next(
        row for row in area_rows(actor(world.officer), now()) if row.area.pk == world.area.pk
    )


def due(world: World) -> list[tuple[str, date]]:
    items = due_items(actor(world.officer), now().date())
    return [(item.what, item.day) for item in items if item.where == world.area.name]


def test_officers_see_before_and_after_that_its_months_end(world: World) -> None:
    world.area.swept_after_use = False
    world.area.save(update_fields=["swept_after_use"])
    assert (row_of(world).word, due(world)) == ("Fit", [])
    temporary(world, date(2026, 4, 1))
    assert row_of(world).word == "Fit"
    assert row_of(world).said == "closed from day 31 to 90"
    assert due(world) == [("Temporary use", date(2027, 3, 31))]
    temporary(world, date(2026, 2, 1))
    row = row_of(world)
    assert (row.word, row.next) == ("Unfit", "Temporary use ended 31 Jan 2027")
    assert due(world) == [("Temporary use", date(2027, 1, 31))]
    temporary(world, None)
    row = row_of(world)
    assert (row.word, row.next) == ("Unfit", "How long it may be used is not recorded")
    assert due(world) == [("First day of temporary use", now().date())]

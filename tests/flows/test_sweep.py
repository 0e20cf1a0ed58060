"""A room that was used is closed until a sweep of two people passes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.test import Client

from access.models import Visit
from access.selectors.facts import area_facts
from access.services.leaving import search_record
from inspections.models import Accreditation, Sweep
from inspections.rules.states import AccreditationState, SweepState
from inspections.services.accreditation import accreditation_record, accreditation_suspend
from inspections.services.sweep import (
    OPEN,
    sweep_break_off,
    sweep_finish,
    sweep_require,
    sweep_start,
)
from scif.alarms.models import Alarm
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.ids import reference
from scif.people.models import User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.flows.test_visit_desk import check_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def sweep(world: World) -> Sweep:
    return sweep_require(area=world.area, cause="V-TEST", actor=world.guard)


def open_sweeps(world: World) -> QuerySet[Sweep]:
    """What is still to be swept; the history before the test is over."""
    return Sweep.objects.filter(area=world.area, state__in=OPEN)


def start(sweep: Sweep, second: str = "s.bianchi") -> Sweep:
    return sweep_start(
        sweep_id=sweep.pk, second_id=person_named(second).pk, actor=actor_named("e.hughes")
    )


def finish(sweep: Sweep, *, passed: bool, items: list[str]) -> Sweep:
    return sweep_finish(
        sweep_id=sweep.pk,
        passed=passed,
        items_found=items,
        seals=["S-114"],
        actor=actor_named("e.hughes"),
    )


def test_a_used_room_is_closed_until_the_sweep_passes(world: World) -> None:
    check_in(world)
    world.passes("presence.entered")
    world.passes("presence.left")
    assert not open_sweeps(world).exists(), "he may come back"
    search_record(visit_id=world.visit.pk, clear=True, items=[], remarks="", actor=world.guard)
    sweep = open_sweeps(world).get()
    assert (sweep.state, sweep.cause) == ("due", world.visit.reference)
    assert area_facts(world.area).last_sweep is SweepState.DUE
    finish(start(sweep), passed=True, items=[])
    assert area_facts(world.area).last_sweep is SweepState.PASSED


def test_the_room_is_swept_after_the_last_of_a_team(world: World) -> None:
    colleague = Visit.objects.create(
        reference=reference("V"),
        booking=world.visit.booking,
        person=person_named("m.tanaka"),
        state="badged",
    )
    check_in(world)
    world.passes("presence.entered")
    world.passes("presence.left")
    search_record(visit_id=world.visit.pk, clear=True, items=[], remarks="", actor=world.guard)
    assert not open_sweeps(world).exists(), "the colleague may yet go in"
    world.visit = colleague
    world.passes("presence.entered")
    world.passes("presence.left")
    search_record(visit_id=colleague.pk, clear=True, items=[], remarks="", actor=world.guard)
    assert open_sweeps(world).get().cause == colleague.reference


def test_a_sweep_is_asked_for_once(world: World, sweep: Sweep) -> None:
    assert sweep_require(area=world.area, cause="V-OTHER", actor=world.guard).pk == sweep.pk
    assert open_sweeps(world).count() == 1


def test_a_use_during_the_sweep_sends_it_back(world: World, sweep: Sweep) -> None:
    start(sweep)
    sweep_require(area=world.area, cause="V-OTHER", actor=world.guard)
    sweep.refresh_from_db()
    assert (sweep.state, sweep.cause) == ("due", "V-OTHER")


def test_a_sweep_takes_two_different_people_who_may(sweep: Sweep) -> None:
    with pytest.raises(Refused, match="two different"):
        start(sweep, second="e.hughes")
    with pytest.raises(Refused, match="may not sweep"):
        start(sweep, second="l.fischer")
    with pytest.raises(Sweep.DoesNotExist):
        sweep_start(
            sweep_id=sweep.pk,
            second_id=person_named("s.bianchi").pk,
            actor=actor_named("m.okafor"),
        )


def test_what_was_found_cannot_pass(sweep: Sweep) -> None:
    start(sweep)
    with pytest.raises(Refused, match="does not pass"):
        finish(sweep, passed=True, items=["a microphone"])


def test_a_failed_sweep_raises_an_alarm_and_is_due_again(world: World, sweep: Sweep) -> None:
    start(sweep)
    finish(sweep, passed=False, items=["a microphone"])
    assert Alarm.objects.get().kind == "sweep_failed"
    caused = Sweep.objects.filter(cause=sweep.cause)
    assert set(caused.values_list("state", flat=True)) == {"failed", "due"}
    assert area_facts(world.area).last_sweep is not SweepState.PASSED


def test_only_the_two_end_their_sweep(sweep: Sweep) -> None:
    start(sweep, second="s.bianchi")
    stranger = actor_named("e.hughes")
    sweep_finish(sweep_id=sweep.pk, passed=True, items_found=[], seals=[], actor=stranger)
    with pytest.raises(Refused):
        finish(sweep, passed=True, items=[])


def test_a_renewed_letter_ends_the_one_before_and_suspension_is_at_once(world: World) -> None:
    level = world.area.level
    assert level is not None
    letter = accreditation_record(
        area_id=world.area.pk,
        state=AccreditationState.ACCREDITED,
        official="Accrediting official",
        letter="Letter 2",
        level=level,
        issued_on=now().date(),
        expires_on=now().date() + timedelta(days=365),
        conditions="",
        actor=world.officer,
    )
    letters = Accreditation.objects.filter(area=world.area, state="accredited")
    assert letters.get() == letter
    accreditation_suspend(accreditation_id=letter.pk, reason="Wall opened", actor=world.officer)
    assert not letters.exists()
    with pytest.raises(Accreditation.DoesNotExist):
        accreditation_suspend(accreditation_id=letter.pk, reason="x", actor=world.guard)


def test_the_next_shift_breaks_off_what_two_left_behind_and_begins_anew(
    world: World, sweep: Sweep
) -> None:
    start(sweep)
    page = f"/desk/ml/sweeps/{sweep.pk}/"
    with pytest.raises(Refused):
        sweep_break_off(sweep_id=sweep.pk, reason=" ", actor=world.guard)
    with pytest.raises(Sweep.DoesNotExist):
        sweep_break_off(sweep_id=sweep.pk, reason="Gone home", actor=world.stranger)
    client = Client()
    client.force_login(User.objects.get(username="s.bianchi"))
    assert client.post(page, {"break_off": "1"}).status_code == 422
    assert client.post(page, {"break_off": "1", "reason": "Gone home"}).status_code == 302
    sweep.refresh_from_db()
    assert sweep.state == "due"
    assert area_facts(world.area).last_sweep is SweepState.DUE
    with pytest.raises(Refused):
        finish(sweep, passed=True, items=[])
    assert finish(start(sweep), passed=True, items=[]).state == "passed"

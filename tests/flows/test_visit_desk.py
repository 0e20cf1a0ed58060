"""A visit at the desk, from arrival to the end, by the services alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from access.models import Badge, BadgeAssignment, Pin, Visit
from access.selectors.visit import (
    visit_badge,
    visit_decision,
    visit_locker,
    visit_open_items,
    visits_arriving,
)
from access.services.badge import badge_issue_request, badge_lose, badge_return
from access.services.custody import locker_assign, locker_open_request
from access.services.deposit import custody_item_add, deposit_sign, return_sign
from access.services.leaving import search_record, visit_complete, visit_turn_away
from access.services.pin import pin_set
from access.services.unlock import unlock_request
from access.services.visit import visit_arrive, visit_identify, visit_suspend
from hardware.decider import Outcome
from hardware.models import SnapshotDelta
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.console.views.desk_steps import step_of
from scif.facilities.models import Facility, Portal
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from tests.flows.desk_world import World, make_world, midday, person_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
STROKES = {"kind": "drawn", "width": 300, "height": 140, "strokes": [[[1, 2], [30, 40]]]}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def check_in(world: World) -> str:
    """Everything up to the PIN; gives it."""
    identify(world)
    deposit(world)
    command = badge_issue_request(visit_id=world.visit.pk, actor=world.guard)
    world.encoded(command)
    return pin_set(visit_id=world.visit.pk, actor=world.guard)


def identify(world: World) -> None:
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    visit_identify(
        visit_id=world.visit.pk,
        document="passport",
        last_characters="7fa2",
        photo_matches=True,
        actor=world.guard,
    )


def deposit(world: World) -> None:
    pk = world.visit.pk
    locker_assign(visit_id=pk, actor=world.guard)
    world.locker("locker.opened", locker_open_request(visit_id=pk, actor=world.guard))
    custody_item_add(
        visit_id=pk,
        kind="Phone",
        mark="7FA2 91",
        stays_with_visitor=False,
        approval="",
        actor=world.guard,
    )
    world.locker("locker.shut")
    for party in ("visitor", "guard"):
        deposit_sign(visit_id=pk, party=party, strokes=STROKES, actor=world.guard)


def walk_out(world: World) -> None:
    pk = world.visit.pk
    search_record(visit_id=pk, clear=True, items=[], remarks="", actor=world.guard)
    world.locker("locker.opened", locker_open_request(visit_id=pk, actor=world.guard))
    world.locker("locker.shut")
    for party in ("visitor", "guard"):
        return_sign(visit_id=pk, party=party, strokes=STROKES, actor=world.guard)
    badge_return(visit_id=pk, actor=world.guard)
    visit_complete(visit_id=pk, actor=world.guard)


def test_the_whole_way_in_and_out(world: World) -> None:
    assert list(visits_arriving(world.facility, world.guard)) == [world.visit]
    pin = check_in(world)
    assert len(pin) == 6
    assert world.again().state == "badged"
    assert pin not in str(Pin.objects.get(person=world.visit.person).verifier)
    assert not any(pin in str(row.data) for row in Outbox.objects.all())
    world.passes("presence.entered")
    assert world.again().state == "inside"
    assert [item.code for item in visit_open_items(world.visit)][:1] == ["still_inside"]
    world.passes("presence.left")
    walk_out(world)
    visit = world.again()
    assert visit.state == "complete"
    assert visit.booking.state == "completed"
    assert visit_open_items(visit) == ()
    assert Sweep.objects.get(cause=visit.reference).state == "due"


def test_the_decision_awaits_what_the_desk_still_owes(world: World) -> None:
    identify(world)
    decision = visit_decision(world.again())
    assert decision.outcome is Outcome.PENDING, decision.objections
    assert {each.code for each in decision.pending} >= {
        "belongings_not_locked",
        "deposit_not_signed",
    }
    deposit(world)
    assert visit_decision(world.again()).outcome is Outcome.GRANTED


def test_a_document_that_does_not_match_turns_away(world: World) -> None:
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    visit_identify(
        visit_id=world.visit.pk,
        document="passport",
        last_characters="7FA2",
        photo_matches=False,
        actor=world.guard,
    )
    assert world.again().state == "turned_away"
    assert Alarm.objects.get().kind == "identity_mismatch"


@pytest.mark.parametrize("given", ["12<é", "12-4", "\uff11\uff12\uff13\uff14", "7FA", "7FA21", ""])
def test_a_document_number_is_letters_and_digits(world: World, given: str) -> None:
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    with pytest.raises(Refused) as refusal:
        visit_identify(
            visit_id=world.visit.pk,
            document="passport",
            last_characters=given,
            photo_matches=True,
            actor=world.guard,
        )
    assert refusal.value.code == "characters_wrong"
    assert world.again().state == "arrived"


def test_whoever_is_turned_away_last_frees_the_slot(world: World) -> None:
    identify(world)
    assert world.again().booking.state == "approved"
    visit_turn_away(visit_id=world.visit.pk, reason="No appointment", actor=world.guard)
    assert world.again().booking.state == "completed"


def test_a_slot_is_kept_while_somebody_of_the_team_may_still_come(world: World) -> None:
    other = Visit.objects.create(
        reference="V-OTHER", booking=world.visit.booking, person=person_named("l.fischer")
    )
    identify(world)
    visit_turn_away(visit_id=world.visit.pk, reason="No appointment", actor=world.guard)
    assert world.again().booking.state == "approved"
    visit_arrive(visit_id=other.pk, actor=world.guard)
    visit_identify(
        visit_id=other.pk,
        document="passport",
        last_characters="7FA2",
        photo_matches=False,
        actor=world.guard,
    )
    assert world.again().booking.state == "completed"


def test_no_badge_before_the_deposit(world: World) -> None:
    identify(world)
    with pytest.raises(Refused, match="after the belongings"):
        badge_issue_request(visit_id=world.visit.pk, actor=world.guard)


def test_no_badge_for_whom_the_decision_refuses() -> None:
    world = make_world("b7", "r.costa")
    identify(world)
    deposit(world)
    with pytest.raises(Refused) as refused:
        badge_issue_request(visit_id=world.visit.pk, actor=world.guard)
    assert refused.value.code == "not_admitted"


def test_a_card_encoded_too_late_is_issued_to_nobody(world: World) -> None:
    identify(world)
    deposit(world)
    command = badge_issue_request(visit_id=world.visit.pk, actor=world.guard)
    visit_turn_away(visit_id=world.visit.pk, reason="Left the desk", actor=world.guard)
    world.encoded(command)
    assert not BadgeAssignment.objects.filter(visit=world.visit).exists()
    assert not Badge.objects.filter(kind="visitor", state="issued").exists()
    assert Alarm.objects.get().kind == "card_unassigned"


def test_a_badge_whose_card_becomes_another_is_told_where_it_belongs(world: World) -> None:
    elsewhere = Facility.objects.exclude(pk=world.facility.pk).get()
    other = Badge.objects.filter(facility=elsewhere, state="issued").first()
    assert other is not None
    Badge.objects.filter(pk=other.pk).update(uid="04a1b2")
    check_in(world)
    alarm = Alarm.objects.get(kind="badge_encoded_over")
    assert (alarm.facility, alarm.subject, alarm.gravity) == (elsewhere, other.code, "act")


def test_a_lost_badge_is_one_act_and_another_one_follows(world: World) -> None:
    check_in(world)
    world.passes("presence.entered")
    first = world.visit.badges.get().badge
    gone = first.number_sha256
    before = Outbox.objects.count()
    badge_lose(visit_id=world.visit.pk, actor=world.guard)
    told = [row.fields["kind"] for row in Outbox.objects.all()[before:]]
    assert told.count("badge.lost") == 1
    first.refresh_from_db()
    assert first.state == "lost"
    assert world.visit.badges.filter(returned_at=None).count() == 0
    latest = SnapshotDelta.objects.filter(kind="credential", key=gone).latest("version")
    known = latest.payload or {}
    assert (known["state"], known["person"]) == ("lost", None)
    assert Alarm.objects.filter(kind="badge_lost", subject=first.code).exists()
    # The step that follows at the desk: another badge, also for who is inside already.
    visit = world.again()
    assert step_of(visit, visit_locker(visit), visit_badge(visit), {}) == "badge"
    digest = world.encoded(badge_issue_request(visit_id=visit.pk, actor=world.guard))
    second = world.visit.badges.get(returned_at=None).badge
    assert (second.number_sha256, second.state) == (digest, "issued")
    assert second.pk != first.pk
    with pytest.raises(Refused, match="has a badge"):
        badge_issue_request(visit_id=visit.pk, actor=world.guard)


def test_an_erased_card_is_blank_again(world: World) -> None:
    check_in(world)
    world.passes("presence.entered")
    world.passes("presence.left")
    walk_out(world)
    badge = Badge.objects.get(state="returned")
    assert badge.number_sha256
    erase = badge.facility.gateways.get().commands.get(verb="card_erase")
    world.answer(erase, "card.erased", device=erase.target, uid=badge.uid)
    badge.refresh_from_db()
    assert (badge.state, badge.number_sha256) == ("blank", "")


def test_a_search_that_finds_something_raises_an_alarm_and_holds_nobody(world: World) -> None:
    check_in(world)
    search_record(
        visit_id=world.visit.pk, clear=False, items=["USB stick"], remarks="", actor=world.guard
    )
    assert world.again().state == "searched"
    assert Alarm.objects.get().kind == "search_found"
    assert not Sweep.objects.filter(cause=world.visit.reference).exists(), "nobody had entered"


def test_nothing_ends_while_the_doors_count_the_visitor_inside(world: World) -> None:
    check_in(world)
    world.passes("presence.entered")
    visit_suspend(visit_id=world.visit.pk, reason="Called out", actor=world.officer)
    assert world.again().state == "recalled"
    with pytest.raises(Refused):
        visit_complete(visit_id=world.visit.pk, actor=world.guard)
    world.passes("presence.left")
    assert world.again().state == "suspended"


def test_another_facility_sees_nothing(world: World) -> None:
    assert list(visits_arriving(world.facility, world.stranger)) == []
    with pytest.raises(Visit.DoesNotExist):
        visit_arrive(visit_id=world.visit.pk, actor=world.stranger)
    with pytest.raises(Portal.DoesNotExist):
        unlock_request(
            portal_id=Portal.objects.get(code="M1").pk,
            person_id=world.visit.person_id,
            actor=world.stranger,
        )


def test_an_unlock_names_who_enters(world: World) -> None:
    portal = Portal.objects.get(code="M1")
    command = unlock_request(
        portal_id=portal.pk, person_id=world.visit.person_id, actor=world.guard
    )
    assert command.args == {"person_id": str(world.visit.person_id)}
    assert (command.target, command.verb, command.state) == ("M1", "unlock", "requested")
    with pytest.raises(Refused, match="has not answered"):
        unlock_request(portal_id=portal.pk, person_id=world.visit.person_id, actor=world.guard)


def test_nobody_is_checked_in_before_the_policy_lets_him(world: World) -> None:
    booking = world.visit.booking
    early = timedelta(minutes=booking.area.facility.policy.values["arrival_early"]["value"])
    booking.starts_at = now() + early + timedelta(minutes=1)
    booking.ends_at = booking.starts_at + timedelta(hours=1)
    booking.save(update_fields=["starts_at", "ends_at"])
    with pytest.raises(Refused, match=r"Too early: the time begins .* May go on from") as refused:
        visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    assert refused.value.code == "before_window"
    assert world.again().state == "expected"
    booking.starts_at -= timedelta(minutes=2)
    booking.save(update_fields=["starts_at"])
    assert visit_arrive(visit_id=world.visit.pk, actor=world.guard).state == "arrived"

"""An interim clearance reaches compartments by the granting authority's decision alone (R36)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from access.models import Eligibility, EligibilityStatus, Indoctrination
from access.services import clearance
from access.services.booking import booking_request
from access.services.refusals import BookingRefused
from access.services.visit import visit_arrive
from hardware.models import Rewiring
from scif.facilities.models import Compartment
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused
from scif.people.models import User
from tests.factories import make_place
from tests.flows import desk_world
from tests.flows.booking_world import World, actor, make_world
from tests.flows.plant_world import second_officer
from tests.flows.told_rig import told
from tests.logins import signed_in
from tests.two_officers import asked, granted

pytestmark = pytest.mark.django_db
DECISION: dict[str, Any] = {
    "acceptance": "GA 12/4",
    "accepted_by": "Central clearance authority",
    "accepted_on": date(2026, 5, 4),
}


@pytest.fixture
def world() -> World:
    """The engagement is about a compartment; one of its members has an interim clearance."""
    world = make_world()
    about = Compartment.objects.create(
        scheme=world.engagement.level.scheme, code="H4W", name="Weights"
    )
    world.engagement.compartments.add(about)
    world.area.compartments.add(about)
    for person in (world.lead, world.member):
        Indoctrination.objects.create(
            person=person,
            compartment=about,
            briefed_by=world.colleague,
            briefed_on=date(2026, 1, 1),
        )
    Eligibility.objects.filter(person=world.member).update(status=EligibilityStatus.INTERIM)
    return world


def held(world: World) -> Eligibility:
    return Eligibility.objects.get(person=world.member)


def accept(world: World, **changes: Any) -> None:
    granted(
        clearance.eligibility_accept,
        eligibility_id=held(world).pk,
        **(DECISION | changes),
        actor=actor(world.officer),
        other=actor(world.colleague),
    )


def reasons(world: World) -> set[str]:
    with pytest.raises(BookingRefused) as refused:
        booking_request(**world.ask(actor=actor(world.officer)))
    return {each.code for each in refused.value.reasons}


def test_with_the_decision_it_is_booked_and_without_it_is_not(world: World) -> None:
    assert reasons(world) == {"interim_not_accepted"}
    accept(world)
    body = Outbox.objects.filter(header__contains='"eligibility.accepted"').get().data
    assert {name: body[name] for name in DECISION} == DECISION | {"accepted_on": "2026-05-04"}
    assert held(world).status_words == "Interim, accepted for compartments"
    booking = booking_request(**world.ask())
    booking.attendees.all().delete()
    booking.delete()
    clearance.eligibility_accept_end(
        eligibility_id=held(world).pk, reason="Letter 5", actor=actor(world.officer)
    )
    assert reasons(world) == {"interim_not_accepted"}
    ended = Outbox.objects.filter(header__contains='"eligibility.accept_ended"').get().data
    assert ended["acceptance"] == "GA 12/4"
    assert held(world).status_words == "Interim"


def test_a_decision_counts_from_its_day_on(world: World) -> None:
    accept(world)
    Eligibility.objects.filter(person=world.member).update(accepted_on=world.day.date())
    booking_request(**world.ask())
    Eligibility.objects.filter(person=world.member).update(accepted_on=world.at(9, 1).date())
    with pytest.raises(BookingRefused):
        booking_request(**world.ask(starts_at=world.at(13), ends_at=world.at(14)))


@pytest.mark.parametrize("days", [2, -100_000])
def test_nobody_has_decided_tomorrow_or_before_there_was_a_clearance(
    world: World, days: int
) -> None:
    with pytest.raises(Refused) as refused:
        accept(world, accepted_on=now().date() + timedelta(days=days))
    assert refused.value.code == "wrong_day"


def test_two_officers_record_it_of_another_interim_clearance_once(world: World) -> None:
    service, given = clearance.eligibility_accept, {"eligibility_id": held(world).pk, **DECISION}
    with pytest.raises(Refused, match="lets a person in"):
        service(**given, actor=actor(world.officer))
    with pytest.raises((NotPermitted, Eligibility.DoesNotExist)):
        asked(service, **given, actor=actor(world.lead))
    for name in ("acceptance", "accepted_by"):
        with pytest.raises(Refused) as refused:
            asked(service, **(given | {name: " "}), actor=actor(world.officer))
        assert refused.value.code == f"{name}_missing"
    final = Eligibility.objects.get(person=world.lead)
    with pytest.raises(Refused, match="Only an interim"):
        asked(service, **(given | {"eligibility_id": final.pk}), actor=actor(world.officer))
    own = Eligibility.objects.create(
        person=world.officer,
        level=final.level,
        status=EligibilityStatus.INTERIM,
        source="register",
        granted_on=date(2026, 1, 1),
    )
    with pytest.raises(Refused, match="own clearance"):
        asked(service, **(given | {"eligibility_id": own.pk}), actor=actor(world.officer))
    accept(world)
    with pytest.raises(Refused, match="and once"):
        accept(world)
    with pytest.raises(Refused, match="No decision"):
        clearance.eligibility_accept_end(
            eligibility_id=final.pk, reason="Letter 5", actor=actor(world.officer)
        )


def test_a_decision_without_an_author_is_none(world: World) -> None:
    record = held(world)
    record.accepted_on = date(2026, 5, 4)
    with pytest.raises(ValidationError, match="an author"):
        record.full_clean()


@pytest.fixture
def desk() -> Iterator[desk_world.World]:
    with desk_world.midday():
        yield desk_world.make_world()


@pytest.mark.usefixtures("seeded_world")
def test_doors_are_told_of_it_and_of_its_end(desk: desk_world.World) -> None:
    person = desk.visit.person
    visit_arrive(visit_id=desk.visit.pk, actor=desk.guard)
    record = person.eligibilities.filter(level__scheme=desk.area.level.scheme).get()  # type: ignore[union-attr]  # the room has a level
    Eligibility.objects.filter(pk=record.pk).update(status=EligibilityStatus.INTERIM)

    def days() -> set[str | None]:
        payload = told()["person", str(person.pk)]
        assert payload is not None
        return {each["accepted_on"] for each in payload["eligibilities"]}

    assert days() == {None}
    granted(
        clearance.eligibility_accept,
        eligibility_id=record.pk,
        **DECISION,
        actor=desk.officer,
        other=desk_world.actor_named("h.marsh"),
    )
    assert "2026-05-04" in days()
    clearance.eligibility_accept_end(
        eligibility_id=record.pk, reason="Letter 5", actor=desk.officer
    )
    assert days() == {None}


def test_an_officer_records_it_at_the_person_s_page() -> None:
    place = make_place("own")
    record = place.records["access.eligibility"]
    Eligibility.objects.filter(pk=record.pk).update(status=EligibilityStatus.INTERIM)
    page = f"/admin/people/person/{place.world.lead.pk}/change/"
    act = f"/admin/act/clearance-accept/{record.pk}/"
    officer = signed_in(place.users["officer"])
    assert act in officer.get(page).content.decode()
    assert officer.post(act, {"reason": "Letter 4"}).status_code == 422
    answer = officer.post(act, {**DECISION, "reason": "Letter 4"})
    order = Rewiring.objects.get(kind="grant")
    shown = officer.get(answer.headers["Location"]).content.decode()
    for words in ("Granting authority", "Central clearance authority", "GA 12/4", "4 May 2026"):
        assert words in shown
    second_officer(place)
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    other = signed_in(User.objects.get(username="second.officer"))
    assert other.post(confirm, {"read": "on"}).status_code == 302
    shown = officer.get(page).content.decode()
    assert "Interim, accepted for compartments" in shown
    assert act not in shown
    end = f"/admin/act/clearance-accept-end/{record.pk}/"
    assert end in shown
    assert officer.post(end, {"reason": "Letter 5"}).headers["Location"] == page
    assert "accepted for compartments" not in officer.get(page).content.decode()

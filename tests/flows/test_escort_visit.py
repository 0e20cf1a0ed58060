"""A visitor under escort: named by officers, decided at each stage, told to doors, shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from access.models import Booking, BookingAttendee, EngagementMember, NeedToKnow, Visit
from access.rules.decision import decide
from access.rules.facts import Stage
from access.selectors.facts import arrival_facts
from access.services.attendee_escort import attendee_escort_change
from access.services.booking import booking_request
from access.services.booking_change import booking_change
from access.services.booking_decision import booking_approve
from access.services.booking_end import booking_cancel
from access.services.refusals import BookingRefused
from access.services.sanitisation import area_sanitise
from hardware.models import Rewiring
from inspections.models import Sweep
from scif.facilities.models import Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import NotPermitted, Refused
from scif.people.models import Person, User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.flows.test_escort import escorting, journaled, told
from tests.flows.test_visit_desk import check_in
from tests.flows.told_rig import badged, hears, told_rig
from tests.two_officers import asked, granted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
HOUR = timedelta(hours=1)
SECRET = ("clearance", "cleared", "eligib")


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def guest(world: World) -> Person:
    """Somebody whom the mandate names, whom the lab lets near it, and whom nobody has cleared."""
    person = Person.objects.get(name="Péter Varga")
    engagement = world.visit.booking.engagement
    EngagementMember.objects.create(engagement=engagement, person=person)
    of_the_lab = NeedToKnow.objects.filter(engagement=engagement).first()
    assert of_the_lab is not None
    NeedToKnow.objects.create(
        person=person,
        engagement=engagement,
        grantor=of_the_lab.grantor,
        valid_from=of_the_lab.valid_from,
        valid_until=of_the_lab.valid_until,
    )
    return person


def escort() -> Person:
    return person_named("e.hughes")


def terms(world: World, guest: Person, **changes: Any) -> dict[str, Any]:
    """A request of an officer, two weeks from now: the visitor comes with a teammate."""
    start = now() + timedelta(days=14) - timedelta(days=now().weekday())
    return {
        "engagement_id": world.visit.booking.engagement_id,
        "area_id": world.area.pk,
        "starts_at": start,
        "ends_at": start + 2 * HOUR,
        "attendee_ids": [guest.pk, person_named("a.nwosu").pk],
        "purpose": "A look at the room",
        "actor": world.officer,
        "escorts": {guest.pk: escort().pk},
    } | changes


def booked(world: World, guest: Person, **changes: Any) -> Booking:
    booking = booking_request(**terms(world, guest, **changes))
    return booking_approve(booking_id=booking.pk, actor=actor_named("h.marsh"))


def taken_over(booking: Booking, guest: Person, other: Person, by: Actor) -> Any:
    """Another escort, by one officer where his word is enough, else what waits."""
    return asked(
        attendee_escort_change,
        booking_id=booking.pk,
        person_id=guest.pk,
        escort_id=other.pk,
        reason="Taken ill",
        actor=by,
    )


@contextmanager
def at_the_time(booking: Booking) -> Iterator[None]:
    """It is a while after the booking has begun, in a swept room."""
    moment: datetime = booking.starts_at + timedelta(minutes=10)
    with clock_set(lambda: moment):
        Sweep.objects.filter(area=booking.area).update(state="passed")
        yield


def refused(world: World, guest: Person, **changes: Any) -> BookingRefused:
    with pytest.raises(BookingRefused) as caught:
        booking_request(**terms(world, guest, **changes))
    return caught.value


def test_only_officers_name_an_escort(world: World, guest: Person) -> None:
    lead = actor_named("a.nwosu")
    with pytest.raises(NotPermitted, match="Only a facility officer"):
        booking_request(**terms(world, guest, actor=lead))
    for escorts, code in (
        ({guest.pk: guest.pk}, "escort_same"),
        ({guest.pk: world.officer.person_id}, "same_person"),
        ({person_named("m.tanaka").pk: escort().pk}, "escort_of_nobody"),
    ):
        with pytest.raises(Refused) as caught:
            booking_request(**terms(world, guest, escorts=escorts))
        assert caught.value.code == code
    booking = booking_request(**terms(world, guest))
    assert booking.attendees.get(person=guest).escort == escort()
    body = journaled("booking.requested")[-1]
    assert body["escorts"] == {str(guest.pk): {"person": str(escort().pk), "name": "Emrys Hughes"}}
    attendee = booking.attendees.get(person=guest)
    attendee.escort = guest
    with pytest.raises(ValidationError, match="Nobody escorts himself"):
        attendee.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        BookingAttendee.objects.filter(pk=attendee.pk).update(escort=guest)


def test_without_an_escort_the_refusal_says_who_can_help(world: World, guest: Person) -> None:
    officers = refused(world, guest, escorts={})
    assert {each.code for each in officers.reasons} >= {"eligibility_missing"}
    mends = {each.code: each.mend for each in officers.reasons}
    assert mends["eligibility_missing"].endswith("Or name an escort, who stays beside him.")
    # Whoever is held up by whatever it is, his team learns the same.
    (about_guest,) = refused(world, guest, escorts={}, actor=actor_named("a.nwosu")).reasons
    need_to_know = person_named("f.haddad")
    (about_other,) = refused(world, need_to_know, escorts={}, actor=actor_named("a.nwosu")).reasons
    assert about_guest.code == "member_held_up"
    assert about_guest.mend == about_other.mend
    assert "book somebody under an escort" in about_guest.mend
    assert not any(word in about_guest.what + about_guest.mend for word in SECRET)


def test_an_escort_does_not_stand_for_the_labs_word(world: World, guest: Person) -> None:
    NeedToKnow.objects.filter(person=guest).delete()
    found = refused(world, guest)
    assert [each.code for each in found.reasons] == ["need_to_know_missing"]


def test_an_escort_who_is_not_cleared_helps_nobody(world: World, guest: Person) -> None:
    outsider = Person.objects.get(name="Davi da Silva")
    found = refused(world, guest, escorts={guest.pk: outsider.pk})
    assert [each.code for each in found.reasons] == ["escort_not_cleared"]


def test_doors_learn_of_both_until_the_visit_is_over(world: World, guest: Person) -> None:
    requested = booking_request(**terms(world, guest))
    assert not escorting(escort(), guest)
    booking = booking_approve(booking_id=requested.pk, actor=actor_named("h.marsh"))
    (order,) = escorting(escort(), guest)
    (entry,) = told("entry", person=str(guest.pk), kind="visit")
    assert entry["escort"] == str(escort().pk)
    assert order["window"] == entry["window"]
    assert order["areas"] == entry["areas"] == [str(world.area.pk)]
    other = person_named("s.bianchi")
    done = taken_over(booking, guest, other, world.officer)
    assert isinstance(done, BookingAttendee)
    assert not escorting(escort(), guest)
    assert escorting(other, guest)
    assert told("entry", person=str(guest.pk), kind="visit")[0]["escort"] == str(other.pk)
    (body,) = journaled("booking.escort_changed")
    assert (body["before"]["name"], body["escort"]["name"]) == ("Emrys Hughes", "Sofia Bianchi")
    booking_cancel(booking_id=booking.pk, reason="Not needed", actor=world.officer)
    assert not escorting(other, guest)
    with pytest.raises(Refused, match="The visit is over"):
        taken_over(booking, guest, escort(), world.officer)


def test_whoever_takes_over_is_agreed_on(world: World, guest: Person) -> None:
    booking = booked(world, guest)
    with pytest.raises(Refused, match="escorts him already"):
        taken_over(booking, guest, escort(), world.officer)
    with pytest.raises(Refused, match="Nobody escorts himself"):
        taken_over(booking, guest, guest, world.officer)
    for nobody in (world.guard, world.stranger, actor_named("a.nwosu")):
        with pytest.raises(Booking.DoesNotExist):
            taken_over(booking, guest, person_named("s.bianchi"), nobody)
    outsider = Person.objects.get(name="Wendy Tremblay")
    waits = taken_over(booking, guest, outsider, world.officer)
    assert isinstance(waits, Rewiring)
    assert not escorting(outsider, guest)
    waits.delete()
    granted(
        attendee_escort_change,
        booking_id=booking.pk,
        person_id=guest.pk,
        escort_id=outsider.pk,
        reason="She knows him",
        actor=world.officer,
        other=actor_named("h.marsh"),
    )
    assert escorting(outsider, guest)


def test_nobody_approves_his_own_way_in(world: World, guest: Person) -> None:
    officer = person_named("t.wierzba")
    booking = booking_request(**terms(world, guest, escorts={guest.pk: officer.pk}))
    with pytest.raises(Refused, match="nobody lets himself in"):
        booking_approve(booking_id=booking.pk, actor=actor_named("t.wierzba"))
    page = signed_in("t.wierzba").get(f"/admin/approvals/{booking.pk}/").content.decode()
    assert "You escort one of them: another officer decides" in page
    booking_approve(booking_id=booking.pk, actor=actor_named("h.marsh"))
    assert escorting(officer, guest)


def test_a_change_names_escorts_anew(world: World, guest: Person) -> None:
    old = booked(world, guest)
    changed = terms(world, guest, starts_at=old.starts_at + HOUR, ends_at=old.ends_at + HOUR)
    del changed["engagement_id"]
    with pytest.raises(BookingRefused):
        booking_change(booking_id=old.pk, **{**changed, "escorts": {}})
    assert escorting(escort(), guest)
    new = booking_change(booking_id=old.pk, **changed)
    assert new.attendees.get(person=guest).escort == escort()


def test_he_comes_in_behind_his_escort_only(world: World, guest: Person, tmp_path: Path) -> None:
    booking = booked(world, guest)
    world.visit = booking.visits.get(person=guest)
    with at_the_time(booking):
        check_in(world)
        rig = told_rig(tmp_path, world.area)
        card = badged(rig, guest, str(world.visit.pk))
        first, second = (badged(rig, person_named(each)) for each in ("e.hughes", "s.bianchi"))
        assert rig.show(card) == "refused"
        assert set(rig.codes()) == {"area_not_sanitised", "escort_not_inside"}
        area_sanitise(
            area_id=world.area.pk,
            note="Papers in the safe",
            ends_at=booking.ends_at + HOUR,
            actor=Actor.system("test"),
        )
        hears(rig)
        rig.enter(first)
        rig.enter(card)
        assert rig.zone.inside[str(guest.pk)].escort == str(escort().pk)
        # Another one comes in and takes over.
        rig.enter(second)
        taken_over(booking, guest, person_named("s.bianchi"), world.officer)
        hears(rig)
        rig.leave(first)
        assert not rig.events("zone.concern")
        rig.leave(second)
        assert rig.last("zone.concern")["people"] == [str(guest.pk)]


def test_what_the_desk_decides_hangs_on_the_escort(world: World, guest: Person) -> None:
    booking = booked(world, guest)
    visit = booking.visits.get(person=guest)
    with at_the_time(booking):
        check_in(replaced := World(**{**vars(world), "visit": visit}))
        held = decide(arrival_facts(replaced.again(), at=now()), Stage.ARRIVAL)
        assert not held.objections
        escort().eligibilities.update(status="suspended")
        codes = {
            each.code for each in decide(arrival_facts(visit, at=now()), Stage.ARRIVAL).objections
        }
        assert codes == {"escort_not_cleared"}


def test_who_is_booked_late_gets_his_first_escort_by_a_change(world: World, guest: Person) -> None:
    """A clearance that lapsed after the approval: the visit need not be booked anew."""
    teammate = person_named("a.nwosu")
    booking = booked(world, guest, attendee_ids=[teammate.pk], escorts={})
    assert told("entry", person=str(teammate.pk), kind="visit")[0]["escort"] is None
    taken_over(booking, teammate, escort(), world.officer)
    assert escorting(escort(), teammate)
    assert journaled("booking.escort_changed")[-1]["before"] is None


def signed_in(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def test_officers_ask_with_an_escort_in_the_portal(world: World, guest: Person) -> None:
    asked_for = terms(world, guest)
    query = {
        "engagement": asked_for["engagement_id"],
        "area": world.area.pk,
        "length": 120,
        "people": [str(pk) for pk in asked_for["attendee_ids"]],
        "week": f"{asked_for['starts_at']:%Y-%m-%d}",
    }
    chosen = {f"escort_{guest.pk}": str(escort().pk)}
    officer, lead = signed_in("p.ngata"), signed_in("a.nwosu")
    page = officer.get("/portal/slots/", query)
    assert not page.context["earliest"]
    assert f'name="escort_{guest.pk}"' in page.content.decode()
    page = officer.get("/portal/slots/", query | chosen)
    assert page.context["earliest"]
    page = officer.get("/portal/slots/" + page.context["earliest"][0]["url"])
    ask = page.context["chosen"]["url"]
    shown = officer.get(ask)
    assert "escorted by Emrys Hughes" in shown.content.decode()
    form = shown.context["form"]
    sent = {
        "start": form.initial["start"],
        "purpose": "A look at the room",
        "booking_id": str(form.initial["booking_id"]),
    }
    made = officer.post(ask, sent)
    assert made.status_code == 302
    booking = Booking.objects.get(pk=sent["booking_id"])
    assert booking.attendees.get(person=guest).escort == escort()
    change = officer.get(made.headers["Location"]).context["change"]
    assert f"escort_{guest.pk}={escort().pk}" in change
    # Nobody else is asked, and what he writes into the address counts for nothing.
    page = lead.get("/portal/slots/", query | chosen)
    assert f"escort_{guest.pk}" not in page.content.decode()
    assert not page.context["earliest"]


def test_screens_say_who_escorts_him(world: World, guest: Person) -> None:
    booking = booking_request(**terms(world, guest))
    inbox = signed_in("h.marsh").get(f"/admin/approvals/{booking.pk}/").content.decode()
    assert "escorted by Emrys Hughes" in inbox
    # The list of requests is no greener than the page: a room that is not sanitised is said.
    assert "Sanitised" in inbox
    (line,) = [
        each
        for each in signed_in("h.marsh").get("/admin/approvals/").context["lines"]
        if each["booking"].pk == booking.pk
    ]
    assert line["shape"] == "warn"
    assert line["words"] != "Every check met"
    booking_approve(booking_id=booking.pk, actor=actor_named("h.marsh"))
    guard, officer = signed_in("e.hughes"), signed_in("p.ngata")
    arrivals = guard.get(reverse("desk:arrivals", args=["ml"])).content.decode()
    assert "escorted by Emrys Hughes" in arrivals
    visit = booking.visits.get(person=guest)
    desk = guard.get(reverse("desk:visit", args=["ml", visit.pk])).content.decode()
    assert "escorted by Emrys Hughes" in desk
    page = f"/admin/access/booking/{booking.pk}/change/"
    address = f"/admin/act/booking-escort/{booking.pk}/"
    shown = officer.get(page).content.decode()
    assert address in shown
    assert "Emrys Hughes" in shown
    sent = {"person": guest.pk, "escort": person_named("s.bianchi").pk, "reason": "Taken ill"}
    assert "Péter Varga, escorted by Emrys Hughes" in officer.get(address).content.decode()
    assert officer.post(address, sent).headers["Location"] == page
    assert booking.attendees.get(person=guest).escort == person_named("s.bianchi")
    assert signed_in("e.hughes").get(address).status_code in {302, 403, 404}
    assert signed_in("m.okafor").get(address).status_code in {302, 403, 404}


def test_he_is_told_himself_and_his_team_is_not(world: World, guest: Person) -> None:
    booking = booked(world, guest)
    account = User.objects.create_user(username="p.varga", password="a long password", person=guest)
    own, mate = Client(), signed_in("a.nwosu")
    own.force_login(account)
    page = reverse("portal:visit", args=[booking.pk])
    assert "You are escorted by Emrys Hughes" in own.get(page).content.decode()
    assert "Hughes" not in mate.get(page).content.decode()
    assert "escort" not in api_of("a.nwosu").get(f"/api/v1/bookings/{booking.pk}/").content.decode()


def api_of(login: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(username=login))
    return client


def test_the_guard_sees_both_inside(world: World, guest: Person) -> None:
    booking = booked(world, guest)
    visit = booking.visits.get(person=guest)
    zone = Zone.objects.get(area=world.area)
    with at_the_time(booking):
        Visit.objects.filter(pk=visit.pk).update(state="inside")
        for person, basis in ((guest, "visit"), (escort(), "escort")):
            world.heard(
                "presence.entered",
                person_id=str(person.pk),
                zone=zone.code,
                portal=zone.portals.get().code,
                read_id=f"R-{basis}",
                basis=basis,
                basis_id=str(visit.pk) if basis == "visit" else "",
                zone_version=1,
            )
        shown = signed_in("s.bianchi").get(reverse("desk:zone", args=["ml", zone.code]))
        assert "escorted by Emrys Hughes" in shown.content.decode()
        assert "escorts Péter Varga" in shown.content.decode()


def test_the_interface_takes_escorts_from_officers(world: World, guest: Person) -> None:
    given = terms(world, guest)
    said = {
        "engagement": str(given["engagement_id"]),
        "area": str(given["area_id"]),
        "starts_at": given["starts_at"].isoformat(),
        "ends_at": given["ends_at"].isoformat(),
        "attendees": [str(pk) for pk in given["attendee_ids"]],
        "purpose": "A look at the room",
        "escorts": {str(guest.pk): str(escort().pk)},
    }
    address = "/api/v1/bookings/"
    assert api_of("a.nwosu").post(address, said, format="json").status_code == 403
    odd = api_of("p.ngata").post(address, {**said, "escorts": {"x": "y"}}, format="json")
    assert odd.status_code == 400
    made = api_of("p.ngata").post(address, said, format="json")
    assert made.status_code == 201
    assert BookingAttendee.objects.get(booking=made.json()["id"], person=guest).escort == escort()

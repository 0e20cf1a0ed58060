"""An officer grants rights at the screen; need to know is the discloser's alone."""

from datetime import timedelta

import pytest
from django.test import Client

from access.models import Duty, Eligibility, Indoctrination, Nda, NeedToKnow, RosterEntry
from hardware.models import Rewiring
from scif.facilities.models import Area, Compartment, Level
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.people.models import Citizenship, FacilityRole, Person, User
from tests.factories import Place, make_place
from tests.flows.plant_world import second_officer

pytestmark = pytest.mark.django_db
INVALID, CONFLICT = 422, 409


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def newcomer(place: Place) -> Person:
    return Person.objects.create(name="Ada New", organisation=place.world.lead.organisation)


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def answers(place: Place, act: str) -> dict[str, object]:
    """What the form of an act is filled in with."""
    other = place.users["compliance"].person
    assert other is not None
    today = now().date()
    given: dict[str, dict[str, object]] = {
        "citizenship-add": {"country": "pt", "reason": "Passport seen"},
        "clearance-grant": {
            "level_id": Level.objects.earliest("rank").pk,
            "status": "final",
            "source": "Register 7",
            "granted_on": today,
            "reason": "Letter 4",
        },
        "read-in-record": {
            "compartment_id": Compartment.objects.earliest("pk").pk,
            "briefed_by_id": other.pk,
            "briefed_on": today,
            "reason": "Letter 4",
        },
        "agreement-record": {"document": "F-1", "signed_on": today, "witness_id": other.pk},
        "roster-add": {
            "area_id": place.world.area.pk,
            "sponsor_id": other.pk,
            "valid_from": "2026-07-01T08:00",
            "review_due": "2036-07-01T08:00",
            "reason": "Letter 4",
        },
        "duty-assign": {
            "facility_id": place.world.facility.pk,
            "role": "guard",
            "starts_at": "2036-07-01T06:00",
            "ends_at": "2036-07-01T14:00",
            "reason": "Letter 4",
        },
    }
    return given[act]


def second_client(place: Place) -> Client:
    second_officer(place)
    return signed_in(User.objects.get(username="second.officer"))


@pytest.mark.parametrize(
    ("act", "model"),
    [
        ("citizenship-add", Citizenship),
        ("clearance-grant", Eligibility),
        ("read-in-record", Indoctrination),
        ("agreement-record", Nda),
        ("roster-add", RosterEntry),
        ("duty-assign", Duty),
    ],
)
def test_an_officer_grants_at_the_person_s_page(
    place: Place, newcomer: Person, act: str, model: type[Eligibility]
) -> None:
    officer = signed_in(place.users["officer"])
    page = f"/admin/people/person/{newcomer.pk}/change/"
    address = f"/admin/act/{act}/{newcomer.pk}/"
    assert address in officer.get(page).content.decode()
    assert officer.post(address, {}).status_code == INVALID
    assert not model.objects.filter(person=newcomer).exists()
    given = answers(place, act)
    answer = officer.post(address, given)
    if act != "agreement-record":
        assert not model.objects.filter(person=newcomer).exists()
        order = Rewiring.objects.get(kind="grant")
        assert answer.headers["Location"].endswith(f"/rewiring/{order.pk}/change/")
        assert newcomer.name in officer.get(answer.headers["Location"]).content.decode()
        confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
        assert officer.post(confirm, {"read": "on"}).status_code == CONFLICT
        assert second_client(place).post(confirm, {"read": "on"}).status_code == 302
    else:
        assert answer.headers["Location"] == page
    record = model.objects.get(person=newcomer)
    assert any(str(record.pk) in entry.header for entry in Outbox.objects.all())
    again = officer.post(address, given)
    assert again.status_code in {302, INVALID, CONFLICT}
    assert "is violated" not in again.content.decode()
    shown = officer.get(page).content.decode()
    assert f"/admin/{model._meta.label_lower.replace('.', '/')}/{record.pk}/change/" in shown
    for role in ("compliance", "guard"):
        other = signed_in(place.users[role])
        assert other.get(address).status_code in {302, 404}, role


def test_times_are_those_of_the_place(place: Place, newcomer: Person) -> None:
    place.world.facility.time_zone = "America/New_York"
    place.world.facility.save()
    officer = signed_in(place.users["officer"])
    newcomer.user = User.objects.create_user("new", password="a long password", person=newcomer)
    FacilityRole.objects.create(
        user=newcomer.user, facility=place.world.facility, role="guard", valid_from=now()
    )
    officer.post(f"/admin/act/duty-assign/{newcomer.pk}/", answers(place, "duty-assign"))
    assert Duty.objects.get(person=newcomer).starts_at.isoformat() == "2036-07-01T10:00:00+00:00"


def test_a_citizenship_is_removed_by_two_and_never_the_last_one(
    place: Place, newcomer: Person
) -> None:
    officer = signed_in(place.users["officer"])
    wrong = Citizenship.objects.create(person=newcomer, country="US")
    address = f"/admin/act/citizenship-remove/{wrong.pk}/"
    last = officer.post(address, {"reason": "Never had it"})
    assert last.status_code == CONFLICT
    assert "It is the only citizenship on record." in last.content.decode()
    Citizenship.objects.create(person=newcomer, country="PT")
    officer.post(address, {"reason": "Never had it"})
    order = Rewiring.objects.get(kind="grant")
    shown = officer.get(f"/admin/hardware/rewiring/{order.pk}/change/").content.decode()
    assert newcomer.name in shown
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    assert officer.post(confirm, {"read": "on"}).status_code == CONFLICT
    assert newcomer.citizenships.count() == 2
    assert second_client(place).post(confirm, {"read": "on"}).status_code == 302
    assert [each.country for each in newcomer.citizenships.all()] == ["PT"]


def test_nobody_changes_his_own_citizenships(place: Place) -> None:
    user = place.users["officer"]
    page = signed_in(user).post(
        f"/admin/act/citizenship-add/{user.person_id}/", answers(place, "citizenship-add")
    )
    assert page.status_code == CONFLICT
    assert "Nobody changes his own citizenships." in page.content.decode()


def test_nobody_records_his_own_clearance(place: Place) -> None:
    user = place.users["officer"]
    page = signed_in(user).post(
        f"/admin/act/clearance-grant/{user.person_id}/", answers(place, "clearance-grant")
    )
    assert page.status_code == CONFLICT
    assert "Nobody records his own clearance." in page.content.decode()


def test_need_to_know_is_granted_and_ended_by_the_discloser_alone(place: Place) -> None:
    world = place.world
    NeedToKnow.objects.filter(person=world.lead).delete()
    address = f"/portal/engagements/{world.engagement.pk}/need-to-know/"
    today = now().date()
    grant = {
        "grant": "1",
        "person": world.lead.pk,
        "first_day": today,
        "last_day": today + timedelta(days=9),
    }
    for user in (place.users["officer"], world.lead.user):
        assert signed_in(user).post(address, grant).status_code == 404
    discloser = signed_in(world.discloser.user)
    engagement = discloser.get(f"/portal/engagements/{world.engagement.pk}/")
    assert address in engagement.content.decode()
    backwards = {**grant, "last_day": today - timedelta(days=1)}
    assert discloser.post(address, backwards).status_code == INVALID
    assert discloser.post(address, grant).status_code == 302
    record = NeedToKnow.objects.get(person=world.lead)
    assert record.grantor == world.discloser
    assert record.valid_until - record.valid_from == timedelta(days=10)
    assert discloser.post(address, {"end": "1", "record": record.pk}).status_code == INVALID
    ended = {"end": "1", "record": record.pk, "reason": "The audit is over."}
    assert discloser.post(address, ended).status_code == 302
    record.refresh_from_db()
    assert record.valid_until <= now()


def test_a_room_is_made_with_its_week_and_a_level_of_its_scheme(place: Place) -> None:
    officer = signed_in(place.users["officer"])
    page = officer.get("/admin/facilities/area/add/").content.decode()
    scheme = Level.objects.earliest("rank").scheme
    assert f'<optgroup label="{scheme.name}">' in page
    assert page.count('type="time"') == 14
    room = {
        "facility": place.world.facility.pk,
        "code": "new",
        "name": "New room",
        "kind": "reading_room",
        "capacity": "2",
        "offline_rule": "deny",
        "hours_mon_from": "18:00",
        "hours_mon_to": "08:00",
    }
    refused = officer.post("/admin/facilities/area/add/", room)
    assert "Look at Monday." in refused.content.decode()
    assert officer.post("/admin/facilities/area/add/", room | {"hours_mon_to": "22:00"})
    assert Area.objects.get(code="new").hours == {"mon": ["18:00", "22:00"]}

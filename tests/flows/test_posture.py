"""The state of the place: threat level, closed days, hours of one's own."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from access.models import RosterEntry
from access.rules.facts import RosterBasis
from access.rules.snapshot.entry import entry_from
from access.selectors.facts import area_facts
from access.selectors.visit import visit_decision
from access.services.closed_day import closed_day_apply
from access.services.projection import facility_project
from access.services.rewiring import rewiring_confirm
from access.services.roster import roster_add, roster_hours_set
from access.services.threat import threat_level_set
from access.services.visit import visit_arrive
from hardware.models import Device, Gateway, Rewiring, SnapshotDelta
from scif.alarms.models import Alarm
from scif.facilities.models import Area, ClosedDay, Facility, IdsState
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named

SEED = Actor.system("seed")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    made = make_world()
    facility_project(facility=made.facility)
    return made


def told(world: World, kind: str, key: object) -> dict[str, Any]:
    """What the doors were told last."""
    gateway = Gateway.objects.get(facility=world.facility)
    rows = SnapshotDelta.objects.filter(gateway=gateway.code, kind=kind, key=str(key))
    return dict(rows.order_by("-version")[0].payload or {})


def officer() -> Client:
    client = Client()
    client.force_login(User.objects.get(username="p.ngata"))
    return client


def codes(world: World) -> list[str]:
    return [each.code for each in visit_decision(world.visit).objections]


def threat(world: World, level: str, reason: str = "A call of the response force") -> None:
    threat_level_set(facility_id=world.facility.pk, level=level, reason=reason, actor=world.officer)


def test_the_ordinary_level_is_the_policys_first(world: World) -> None:
    assert area_facts(world.area).threat == "normal"


def test_a_threat_level_reaches_the_doors_and_the_desk(world: World) -> None:
    threat(world, "high")
    assert told(world, "area", world.area.pk)["threat"] == "high"
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    assert "threat_no_visitors" in codes(world)
    assert "Threat level: High" in officer().get("/desk/ml/inside/").content.decode()
    form = officer().get(f"/admin/act/threat-level/{world.facility.pk}/").content.decode()
    assert "High, in force now" in form
    assert "Normal, in force now" not in form
    threat(world, "normal")
    assert "threat_no_visitors" not in codes(world)


def test_a_raised_threat_level_is_named_wherever_somebody_plans_by_it(world: World) -> None:
    threat(world, "high")
    reference = world.visit.booking.reference
    stopped = Alarm.objects.filter(kind="bookings_under_threat", closed_at=None)
    assert reference in stopped.get().message
    admin = officer()
    board = admin.get("/admin/").content.decode()
    assert "threat level High" in board
    assert reference in board.split("It stops today:")[1][:400]
    place = admin.get(f"/admin/facilities/facility/{world.facility.pk}/change/").content.decode()
    assert "The threat level High is in force here" in place
    guard = Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    for page in ("arrivals/", f"visits/{world.visit.pk}/"):
        shown = guard.get(f"/desk/ml/{page}").content.decode()
        assert "Not admitted: threat level High" in shown, page
    visitor = Client()
    visitor.force_login(User.objects.get(person=world.visit.person))
    own = visitor.get(f"/portal/visits/{world.visit.booking_id}/").content.decode()
    assert "At present you would not be let in" in own
    assert "Nothing stands open" not in own
    threat(world, "normal")
    assert not stopped.exists()
    assert "threat level" not in admin.get("/admin/").content.decode().lower().split("<main")[-1]
    own = visitor.get(f"/portal/visits/{world.visit.booking_id}/").content.decode()
    assert "Nothing stands open" in own


@pytest.mark.parametrize(
    ("level", "reason", "code"),
    [
        ("violet", "why", "level_unknown"),
        ("normal", "why", "wrong_state"),
        ("high", " ", "reason_missing"),
    ],
)
def test_what_is_no_change_is_refused(world: World, level: str, reason: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        threat(world, level, reason)
    assert refused.value.code == code


def test_a_guard_sets_no_threat_level(world: World) -> None:
    with pytest.raises(Facility.DoesNotExist):
        threat_level_set(
            facility_id=world.facility.pk, level="high", reason="why", actor=world.guard
        )


def test_an_officer_sets_it_on_a_page(world: World) -> None:
    url = f"/admin/act/threat-level/{world.facility.pk}/"
    assert "Raised" in officer().get(url).content.decode()
    assert officer().post(url, {"level": "raised", "reason": "A call"}).status_code == 302
    assert area_facts(world.area).threat == "raised"


def closed(world: World, *, area: Area | None = None, days: int = 0) -> ClosedDay:
    """A day closed from today on."""
    today = now().date()
    return ClosedDay.objects.create(
        facility=world.facility,
        area=area,
        name="Stocktaking",
        first_day=today,
        last_day=today + timedelta(days=days),
    )


def test_a_closed_day_closes_the_booked_room_and_says_whose_bookings_lie_on_it(
    world: World,
) -> None:
    day = closed(world, days=1)
    assert closed_day_apply(closed_day=day, actor=world.officer) == [world.visit.booking]
    assert told(world, "area", world.area.pk)["closed"][0]["name"] == "Stocktaking"
    assert world.visit.booking.reference in Alarm.objects.get(kind="bookings_on_closed_day").message
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    assert "closed_day" in codes(world)
    day.withdrawn = True
    day.save()
    assert closed_day_apply(closed_day=day, actor=world.officer) == []
    assert told(world, "area", world.area.pk)["closed"] == []
    assert "closed_day" not in codes(world)


def test_a_closed_area_leaves_the_others_open(world: World) -> None:
    other = world.facility.areas.exclude(pk=world.area.pk).first()
    assert other is not None
    day = closed(world, area=other)
    assert closed_day_apply(closed_day=day, actor=world.officer) == []
    assert area_facts(other).closed
    assert not area_facts(world.area).closed


def test_a_closed_day_is_one_of_its_own_facility(world: World) -> None:
    elsewhere = Area.objects.exclude(facility=world.facility).first()
    day = ClosedDay(
        facility=world.facility,
        area=elsewhere,
        name="x",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 1, 1),
    )
    with pytest.raises(ValidationError):
        day.full_clean()


def test_an_officer_closes_a_day_in_the_admin(world: World) -> None:
    today = now().date().isoformat()
    form = {
        "facility": str(world.facility.pk),
        "area": "",
        "name": "Stocktaking",
        "first_day": today,
        "last_day": today,
    }
    assert officer().post("/admin/facilities/closedday/add/", form).status_code == 302
    assert told(world, "area", world.area.pk)["closed"][0]["first"] == today


def entry(world: World) -> RosterEntry:
    return roster_add(
        person_id=person_named("a.nwosu").pk,
        area_id=world.area.pk,
        sponsor_id=person_named("h.marsh").pk,
        valid_from=now(),
        review_due=now() + timedelta(days=30),
        actor=SEED,
    )


def test_staff_have_hours_of_their_own(world: World) -> None:
    made = entry(world)
    hours = {"mon": ["06:00", "09:30"]}
    roster_hours_set(entry_id=made.pk, hours=hours, reason="Cleans", actor=SEED)
    basis = entry_from(str(made.pk), told(world, "entry", made.pk))
    assert isinstance(basis, RosterBasis)
    assert basis.hours == {0: (time(6), time(9, 30))}
    url = f"/admin/act/roster-hours/{made.pk}/"
    assert officer().post(url, {"tue": "7 to 9", "reason": "x"}).status_code == 422
    assert officer().post(url, {"tue": "07:00 - 09:00", "reason": "x"}).status_code == 302
    assert told(world, "entry", made.pk)["hours"] == {"mon": ["06:00", "09:30"]}
    order = Rewiring.objects.get()
    rewiring_confirm(rewiring_id=order.pk, actor=actor_named("t.wierzba"))
    assert told(world, "entry", made.pk)["hours"] == {"tue": ["07:00", "09:00"]}
    roster_hours_set(entry_id=made.pk, hours={}, reason="As others", actor=SEED)
    assert told(world, "entry", made.pk)["hours"] is None


@pytest.mark.parametrize("hours", [{"mon": ["09:00", "08:00"]}, {"day": ["08:00", "09:00"]}])
def test_hours_that_are_none_are_refused(world: World, hours: dict[str, list[str]]) -> None:
    with pytest.raises(Refused) as refused:
        roster_hours_set(entry_id=entry(world).pk, hours=hours, reason="x", actor=SEED)
    assert refused.value.code == "hours_malformed"


def panel(world: World, mode: str, *, alarm: bool | None = False, trouble: bool = False) -> None:
    world.heard(
        "panel.changed",
        panel="ml-p1",
        area=world.area.code,
        mode=mode,
        alarm=alarm,
        trouble=trouble,
    )


def test_the_centre_keeps_what_a_panel_says_and_raises_each_alarm_once(world: World) -> None:
    panel(world, "access")
    state = IdsState.objects.get(area=world.area)
    assert (state.mode, state.in_alarm) == ("access", False)
    assert not Alarm.objects.filter(kind__startswith="ids_").exists()
    panel(world, "secure", alarm=True)
    panel(world, "secure", alarm=True, trouble=True)
    alarms = Alarm.objects.filter(kind__startswith="ids_").order_by("kind")
    assert [(each.kind, each.gravity, each.count) for each in alarms] == [
        ("ids_in_alarm", "respond", 1),
        ("ids_trouble", "act", 1),
    ]
    assert "In alarm" in officer().get("/desk/ml/inside/").content.decode()
    panel(world, "unknown", alarm=None)
    state.refresh_from_db()
    assert (state.mode, state.in_alarm) == ("unknown", None)
    panel(world, "unknown", alarm=None)
    unknown = Alarm.objects.get(kind="ids_unknown")
    assert (unknown.gravity, unknown.count) == ("act", 1)


def test_a_device_with_a_panel_makes_the_area_have_one(world: World) -> None:
    assert not area_facts(world.area).has_panel
    device = Device.objects.filter(portal__zone__area=world.area).first()
    assert device is not None
    device.options["panel"] = {"area": world.area.code, "inputs": {}}
    device.save()
    assert area_facts(world.area).has_panel

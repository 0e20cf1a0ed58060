"""Who is escorted by whom, and whether the area is sanitised: asked for, agreed, told to doors."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from access.models import Duty, DutyRole, Eligibility, Sanitisation
from access.selectors.facts import area_facts
from access.selectors.why import Assumed, why
from access.services import roster, sanitisation
from access.services.projection import facility_project
from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring, SnapshotDelta
from scif.alarms.models import Alarm
from scif.console.selectors.why_words import explain
from scif.facilities.models import Area, Portal, Zone
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import Person, User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.two_officers import asked, granted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
BEAT = Actor.system("beat")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    made = make_world()
    facility_project(facility=made.facility)
    return made


@pytest.fixture
def repairer() -> Person:
    return Person.objects.get(name="Tove Lind")


def terms(world: World, person: Person, **changes: Any) -> dict[str, Any]:
    return {
        "person_id": person.pk,
        "facility_id": world.facility.pk,
        "role": DutyRole.MAINTENANCE,
        "starts_at": now() - HOUR,
        "ends_at": now() + 4 * HOUR,
        "escort_id": person_named("e.hughes").pk,
        "actor": world.officer,
    } | changes


def planned(world: World, person: Person, **changes: Any) -> Duty:
    granted(roster.duty_assign, **terms(world, person, **changes), other=actor_named("h.marsh"))
    return Duty.objects.filter(person=person).latest("starts_at")


def told(kind: str, /, **wanted: Any) -> list[dict[str, Any]]:
    """What the reading room's gateway knows of a kind now, as far as it has these values."""
    newest: dict[str, dict[str, Any] | None] = {}
    for delta in SnapshotDelta.objects.filter(gateway="ml", kind=kind).order_by("version"):
        newest[delta.key] = delta.payload
    return [
        payload
        for payload in newest.values()
        if payload and all(payload.get(name) == value for name, value in wanted.items())
    ]


def journaled(kind: str) -> list[dict[str, Any]]:
    """The bodies of a kind of entry."""
    rows = Outbox.objects.order_by("id")
    return [row.data for row in rows if row.fields["kind"] == kind]


def escorting(person: Person, whom: Person) -> list[dict[str, Any]]:
    return told("entry", kind="escort", person=str(person.pk), escorts=str(whom.pk))


def test_maintenance_is_escorted_by_another_person(world: World, repairer: Person) -> None:
    for escort, code in ((None, "escort_missing"), (repairer.pk, "escort_same")):
        with pytest.raises(Refused) as refused:
            asked(roster.duty_assign, **terms(world, repairer, escort_id=escort))
        assert refused.value.code == code
    own = world.officer.person_id
    with pytest.raises(Refused, match="Nobody appoints himself"):
        asked(roster.duty_assign, **terms(world, repairer, escort_id=own))
    duty = planned(world, repairer)
    for broken in ({"escort": None}, {"escort": repairer}):
        with pytest.raises(ValidationError):
            Duty(
                **{
                    "person": repairer,
                    "facility": world.facility,
                    "role": "maintenance",
                    "starts_at": duty.starts_at,
                    "ends_at": duty.ends_at,
                    **broken,
                }
            ).full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.filter(pk=duty.pk).update(**broken)


def test_an_escort_without_a_role_is_let_in_by_two(world: World) -> None:
    sweeper, outsider = person_named("s.bianchi"), Person.objects.get(name="Wendy Tremblay")
    alone = asked(roster.duty_assign, **terms(world, sweeper))
    assert isinstance(alone, Duty)
    waits = asked(roster.duty_assign, **terms(world, sweeper, escort_id=outsider.pk))
    assert isinstance(waits, Rewiring)
    assert not escorting(outsider, sweeper)


def test_doors_learn_of_both_and_of_who_takes_over(world: World, repairer: Person) -> None:
    first, second = person_named("e.hughes"), person_named("s.bianchi")
    duty = planned(world, repairer)
    (entry,) = told("entry", person=str(repairer.pk))
    assert (entry["post"], entry["escort"]) == ("maintenance", str(first.pk))
    (order,) = escorting(first, repairer)
    assert order["window"] == entry["window"]
    assert order["areas"] == entry["areas"]
    changed: dict[str, Any] = {"duty_id": duty.pk, "escort_id": second.pk, "reason": "Taken ill"}
    with pytest.raises(Duty.DoesNotExist):
        roster.duty_escort_change(**changed, actor=world.guard)
    done = asked(roster.duty_escort_change, **changed, actor=world.officer)
    assert isinstance(done, Duty)  # she holds a role here
    assert not escorting(first, repairer)
    assert escorting(second, repairer)
    assert told("entry", person=str(repairer.pk))[0]["escort"] == str(second.pk)
    (body,) = journaled("duty.escort_changed")
    assert (body["before"], body["escort"]) == (str(first.pk), str(second.pk))
    with pytest.raises(Refused, match="Another person takes over"):
        asked(roster.duty_escort_change, **changed, actor=world.officer)
    roster.duty_end(duty_id=duty.pk, reason="Mended", actor=world.officer)
    assert not escorting(second, repairer)
    assert not told("entry", person=str(repairer.pk))


def test_an_area_is_sanitised_by_two_until_its_time_is_over(world: World) -> None:
    area = Area.objects.get(code="ml-e")
    given = {"area_id": area.pk, "note": "Racks covered", "ends_at": now() + 2 * HOUR}
    second = actor_named("h.marsh")
    for ends_at, code in ((now(), "window_empty"), (now() + 13 * HOUR, "too_long")):
        with pytest.raises(Refused) as refused:
            asked(sanitisation.area_sanitise, **{**given, "ends_at": ends_at}, actor=world.officer)
        assert refused.value.code == code
    with pytest.raises(Area.DoesNotExist):
        asked(sanitisation.area_sanitise, **given, actor=world.stranger)
    order = asked(sanitisation.area_sanitise, **given, actor=world.officer)
    assert isinstance(order, Rewiring)
    assert area_facts(area).sanitised_until is None
    order.delete()
    granted(sanitisation.area_sanitise, **given, actor=world.officer, other=second)
    assert told("area", code="ml-e")[0]["sanitised_until"] is not None
    with pytest.raises(ValidationError, match="sanitised already"):
        asked(sanitisation.area_sanitise, **given, actor=world.officer)
    later = now() + 3 * HOUR
    sanitisation.sanitisations_end_due(actor=BEAT)
    assert Sanitisation.objects.get(area=area).ended_at is None
    with clock_set(lambda: later):
        assert not area_facts(area).sanitised(now())
        sanitisation.sanitisations_end_due(actor=BEAT)
        sanitisation.sanitisations_end_due(actor=BEAT)
    ended = Sanitisation.objects.get(area=area)
    assert ended.ended_at == ended.ends_at
    assert [each["area"] for each in journaled("sanitisation.ended")].count("ml-e") == 1
    assert told("area", code="ml-e")[0]["sanitised_until"] is None


def test_one_officer_ends_it_at_once(world: World) -> None:
    area = Area.objects.get(code="ml-e")
    with pytest.raises(Refused, match="not recorded as sanitised"):
        sanitisation.sanitisation_end(area_id=area.pk, reason="Racks open", actor=world.officer)
    sanitisation.area_sanitise(
        area_id=area.pk, note="Racks covered", ends_at=now() + HOUR, actor=BEAT
    )
    sanitisation.sanitisation_end(area_id=area.pk, reason="Racks open", actor=world.officer)
    assert told("area", code="ml-e")[0]["sanitised_until"] is None


def test_officers_do_it_at_the_screen_and_guards_see_it(world: World, repairer: Person) -> None:
    duty = planned(world, repairer)
    officer, guard = Client(), Client()
    officer.force_login(User.objects.get(pk=world.officer.reference))
    guard.force_login(User.objects.get(pk=world.guard.reference))
    area = Area.objects.get(code="ml-e")
    page = f"/admin/facilities/area/{area.pk}/change/"
    address = f"/admin/act/area-sanitise/{area.pk}/"
    assert address in officer.get(page).content.decode()
    sent = {"note": "Racks covered", "ends_at": f"{now() + HOUR:%Y-%m-%dT%H:%M}", "reason": "Fan"}
    asked_for = officer.post(address, sent)
    assert "/rewiring/" in asked_for.headers["Location"]
    assert "Racks covered" in officer.get(asked_for.headers["Location"]).content.decode()
    order = Rewiring.objects.get(place_model="area_sanitise")
    rewiring_confirm(rewiring_id=order.pk, actor=actor_named("h.marsh"))
    (held,) = area.sanitisations.all()
    for each in ("", f"{held.pk}/change/"):
        page = officer.get(f"/admin/access/sanitisation/{each}").content.decode()
        first, second = (str(person_named(login)) for login in ("p.ngata", "h.marsh"))
        assert re.search(f"{first}.*{second}", page, re.DOTALL), "who asked, then who confirmed"
    shift = f"/admin/access/duty/{duty.pk}/change/"
    assert f"/admin/act/duty-escort/{duty.pk}/" in officer.get(shift).content.decode()
    # Offered is who is cleared to escort, with where: the sweeper is not one of them.
    Eligibility.objects.filter(person=person_named("s.bianchi")).delete()
    Eligibility.objects.filter(person=person_named("i.carvalho")).update(status="suspended")
    offered = officer.get(f"/admin/act/duty-escort/{duty.pk}/").context["form"].fields["escort"]
    assert not offered.queryset.filter(user__username__in=["s.bianchi", "i.carvalho"]).exists()
    assert offered.queryset.exists()
    assert all("(" in label for value, label in offered.choices if value)
    newly = f"/admin/act/duty-assign/{person_named('s.bianchi').pk}/"
    fields = officer.get(newly).context["form"].fields
    assert fields["escort_id"].queryset.filter(user__username="e.hughes").exists()
    assert not fields["escort_id"].queryset.filter(user__username="i.carvalho").exists()
    assert "Emrys Hughes" in officer.get("/admin/access/duty/").content.decode()
    assert (
        "escorted by Emrys Hughes"
        in guard.get(reverse("desk:arrivals", args=["ml"])).content.decode()
    )


def test_where_nobody_escorted_ever_gets_in_it_is_said(world: World, repairer: Person) -> None:
    """Two cleared people first, and two places: said at the area, the shift and in the answer."""
    planned(world, repairer)
    enclave = Area.objects.get(code="ml-e")
    assert (enclave.capacity, enclave.two_person) == (2, True)
    officer = Client()
    officer.force_login(User.objects.get(pk=world.officer.reference))
    words = f"Nobody under escort ever enters {enclave.name}: it has 2 places"
    duty = Duty.objects.get(person=repairer)
    for page in (f"facilities/area/{enclave.pk}", f"access/duty/{duty.pk}"):
        assert words in officer.get(f"/admin/{page}/change/").content.decode(), page
    portal = Portal.objects.filter(zone__area=enclave)[0]
    answer = why(repairer, portal, at=now(), assumed=Assumed.ORDER)
    assert any(words in each for each in explain(answer).assumptions)
    enclave.capacity = 3
    enclave.save(update_fields=["capacity"])
    page = officer.get(f"/admin/facilities/area/{enclave.pk}/change/").content.decode()
    assert "Nobody under escort" not in page


def test_the_escort_gone_calls_the_guard(world: World, repairer: Person) -> None:
    planned(world, repairer)
    zone = Zone.objects.get(area=world.area)
    people = [str(repairer.pk)]
    world.heard(
        "presence.entered",
        person_id=people[0],
        zone=zone.code,
        portal=zone.portals.earliest("code").code,
        read_id="R-1",
        basis="duty",
        basis_id="",
        zone_version=1,
    )
    guard = Client()
    guard.force_login(User.objects.get(pk=world.guard.reference))
    shown = guard.get(reverse("desk:zone", args=["ml", zone.code])).content.decode()
    assert "escorted by Emrys Hughes, who is not inside" in shown
    muster = guard.get(reverse("desk:muster", args=["ml"])).content.decode()
    assert "escorted by Emrys Hughes, who is not inside" in muster.split("<main")[1]
    plan = guard.get(reverse("desk:inside", args=["ml"])).content.decode()
    assert "Lind, under escort" in plan
    world.heard("zone.concern", zone=zone.code, concern="escort_lost", people=people)
    alarm = Alarm.objects.get(kind="escort_lost")
    assert repairer.name in alarm.message
    # The escort is back, or they are out: the zone tells, and nobody has to look any more.
    world.heard("zone.mended", zone=zone.code, concern="escort_lost", people=people)
    alarm.refresh_from_db()
    assert alarm.closed_at is not None
    assert journaled("alarm.cleared")

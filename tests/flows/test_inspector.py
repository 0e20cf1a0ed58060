"""An inspector: appointed by an authority, agreed by two, told to doors, admitted (R40)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from access.models import Duty, DutyRole, Eligibility, Indoctrination, Nda
from access.selectors.why import Assumed, why
from access.services import roster, sanitisation
from access.services.projection import facility_project
from hardware.models import Rewiring
from scif.console.selectors.why_words import explain
from scif.facilities.models import Portal, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Organisation, Person, User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.flows.test_escort import escorting, journaled, told
from tests.flows.told_rig import badged, hears, told_rig
from tests.two_officers import asked, granted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
HOUR = timedelta(hours=1)
AUTHORITY = "Cognizant security authority, letter 12"


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
def inspector() -> Person:
    organisation = Organisation.objects.get(name="Federal Evaluation Office")
    return Person.objects.create(name="Ines Duarte", organisation=organisation)


def cleared(person: Person) -> Person:
    """He holds what the guard holds, who is cleared for every room."""
    for model in (Eligibility, Indoctrination, Nda):
        for held in model.objects.filter(person=person_named("e.hughes")):
            held.pk, held.person, held._state.adding = uuid4(), person, True
            held.save()
    return person


def terms(world: World, person: Person, **changes: Any) -> dict[str, Any]:
    return {
        "person_id": person.pk,
        "facility_id": world.facility.pk,
        "role": DutyRole.INSPECTOR,
        "authority": AUTHORITY,
        "starts_at": now() - HOUR,
        "ends_at": now() + 4 * HOUR,
        "actor": world.officer,
    } | changes


def appointed(world: World, person: Person, **changes: Any) -> Duty:
    granted(roster.duty_assign, **terms(world, person, **changes), other=actor_named("h.marsh"))
    return Duty.objects.filter(person=person).latest("starts_at")


def test_an_inspector_has_an_authority_and_nobody_else(world: World, inspector: Person) -> None:
    for changes, code in (
        ({"authority": " "}, "authority_missing"),
        ({"role": DutyRole.GUARD}, "authority_unfit"),
        ({"authority": "A" * 121}, "authority_unfit"),
    ):
        with pytest.raises(Refused) as refused:
            asked(roster.duty_assign, **terms(world, inspector, **changes))
        assert refused.value.code == code
    duty = appointed(world, inspector)
    assert journaled("duty.assigned")[-1]["authority"] == AUTHORITY
    for broken in ({"authority": ""}, {"role": "guard"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.filter(pk=duty.pk).update(**broken)
        changed = Duty.objects.get(pk=duty.pk)
        for name, value in broken.items():
            setattr(changed, name, value)
        with pytest.raises(ValidationError, match="names the authority"):
            changed.full_clean()


def test_two_officers_appoint_whoever_it_is(world: World) -> None:
    works_here = person_named("s.bianchi")
    waits = asked(roster.duty_assign, **terms(world, works_here))
    assert isinstance(waits, Rewiring)
    assert not told("entry", kind="inspection", person=str(works_here.pk))
    own = world.officer.person_id
    with pytest.raises(Refused, match="Nobody plans his own shift"):
        asked(roster.duty_assign, **terms(world, works_here, person_id=own))


def test_who_is_cleared_enters_without_a_booking(
    world: World, inspector: Person, tmp_path: Path
) -> None:
    duty = appointed(world, cleared(inspector))
    (entry,) = told("entry", kind="inspection", person=str(inspector.pk))
    assert (entry["authority"], entry["escort"]) == (AUTHORITY, None)
    rig = told_rig(tmp_path, world.area)
    card = badged(rig, inspector)
    rig.enter(card)
    read = rig.last("door.read")
    assert (read["outcome"], read["basis"]) == ("granted", "inspection")
    assert set(rig.zone.inside) == {str(inspector.pk)}
    rig.leave(card)
    roster.duty_end(duty_id=duty.pk, reason="Report handed over", actor=world.officer)
    hears(rig)
    assert not told("entry", kind="inspection", person=str(inspector.pk))
    assert rig.show(card) == "refused"


def test_who_is_not_cleared_needs_an_escort_and_a_sanitised_room(
    world: World, inspector: Person, tmp_path: Path
) -> None:
    duty = appointed(world, inspector)
    sanitisation.sanitisation_end(area_id=world.area.pk, reason="Papers out", actor=world.officer)
    rig = told_rig(tmp_path, world.area)
    card, guard = badged(rig, inspector), badged(rig, person_named("s.bianchi"))
    assert rig.show(card) == "refused"
    assert "eligibility_missing" in rig.codes()
    escort = {"escort_id": person_named("s.bianchi").pk, "reason": "Not cleared"}
    asked(roster.duty_escort_change, duty_id=duty.pk, **escort, actor=world.officer)
    assert escorting(person_named("s.bianchi"), inspector)
    hears(rig)
    assert rig.show(card) == "refused"
    assert set(rig.codes()) == {"area_not_sanitised", "escort_not_inside"}
    rig.enter(guard)
    assert rig.show(card) == "refused"
    assert rig.codes() == ["area_not_sanitised"]
    sanitisation.area_sanitise(
        area_id=world.area.pk, note="Racks covered", ends_at=now() + HOUR, actor=Actor.system("x")
    )
    hears(rig)
    rig.enter(card)
    assert rig.zone.inside[str(inspector.pk)].escort == str(person_named("s.bianchi").pk)
    assert rig.show(guard, out=True) == "granted"
    rig.pass_through()
    assert rig.last("zone.concern")["people"] == [str(inspector.pk)]


def test_screens_say_that_it_is_an_inspection(world: World, inspector: Person) -> None:
    officer, guard = Client(), Client()
    officer.force_login(User.objects.get(pk=world.officer.reference))
    guard.force_login(User.objects.get(pk=world.guard.reference))
    address = f"/admin/act/duty-assign/{inspector.pk}/"
    sent = {
        "facility_id": world.facility.pk,
        "role": "inspector",
        "starts_at": f"{now():%Y-%m-%dT%H:%M}",
        "ends_at": f"{now() + 4 * HOUR:%Y-%m-%dT%H:%M}",
        "reason": "Letter 12",
    }
    refused = officer.post(address, sent)
    assert refused.status_code == 409
    assert refused.context["form"].errors["authority"]
    waits = officer.post(address, {**sent, "authority": AUTHORITY}).headers["Location"]
    assert "/rewiring/" in waits
    assert AUTHORITY in officer.get(waits).content.decode()
    appointed(world, cleared(inspector), starts_at=now() - 2 * HOUR)
    assert AUTHORITY in officer.get("/admin/access/duty/").content.decode()
    page = officer.get(f"/admin/people/person/{inspector.pk}/change/").content.decode()
    assert f"inspector, {AUTHORITY}" in page
    door = Portal.objects.get(zone__area=world.area)
    answer = explain(why(inspector, door, at=now(), assumed=Assumed.ORDER))
    assert AUTHORITY in str(answer)
    zone = Zone.objects.get(area=world.area)
    world.heard(
        "presence.entered",
        person_id=str(inspector.pk),
        zone=zone.code,
        portal=zone.portals.get().code,
        read_id="R-1",
        basis="inspection",
        basis_id="",
        zone_version=1,
    )
    shown = guard.get(reverse("desk:zone", args=["ml", zone.code])).content.decode()
    assert "Ines Duarte" in shown
    assert "<td>inspection</td>" in shown
    # On the plan he is nobody of the house.
    plan = guard.get(reverse("desk:inside", args=["ml"])).context["state"]["people"]
    assert [each["kind"] for each in plan if each["name"] == "Duarte"] == ["inspector"]

"""Texts through services and screens: kept to the sign, or refused by the field; never markup."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from access.models import CustodyItem, VisitStep
from access.services.custody import locker_assign
from access.services.deposit import custody_item_add
from access.services.staff_badge import staff_pin_record
from access.services.visit import visit_suspend
from scif.facilities.models import Locker
from scif.facilities.services.reference import reference_save
from scif.kernel.errors import Refused
from scif.people.models import Person
from tests.flows.desk_world import World, make_world, midday, person_named
from tests.flows.test_visit_desk import identify
from tests.unit.test_hostile_text import BAD, GOOD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
HUGE = "x" * 10_000


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def test_an_item_is_listed_as_it_was_said(world: World) -> None:
    identify(world)
    locker_assign(visit_id=world.visit.pk, actor=world.guard)

    def add(kind: str, mark: str) -> CustodyItem:
        item = custody_item_add(
            visit_id=world.visit.pk,
            kind=kind,
            mark=mark,
            stays_with_visitor=False,
            approval="",
            actor=world.guard,
        )
        return CustodyItem.objects.get(pk=item.pk)

    for text in GOOD:
        item = add(text, text)
        assert (item.kind, item.mark) == (text, text)
    for text in (*BAD, HUGE, "y" * 61):
        with pytest.raises(Refused, match="Item: ") as refused:
            add(text, "")
        assert refused.value.code == "item_unfit"
    for text in (*BAD, HUGE, "y" * 81):
        with pytest.raises(Refused, match="Mark: "):
            add("Phone", text)


def test_a_reason_is_read_back_as_it_was_given(world: World) -> None:
    identify(world)
    for text in (*BAD, HUGE):
        with pytest.raises(Refused, match="Reason: "):
            visit_suspend(visit_id=world.visit.pk, reason=text, actor=world.officer)
    text = "\n".join(GOOD)
    visit_suspend(visit_id=world.visit.pk, reason=text, actor=world.officer)
    assert VisitStep.objects.get(visit=world.visit, kind="suspend").details["reason"] == text


def test_names_and_numbers_of_records(world: World) -> None:
    person, locker = world.visit.person, Locker.objects.first()
    assert locker
    for text in GOOD:
        person.name = text
        reference_save(record=person, changed=["name"], actor=world.officer)
        assert Person.objects.get(pk=person.pk).name == text
    for record, field in ((person, "name"), (locker, "number")):
        for text in (*BAD, HUGE):
            setattr(record, field, text)
            with pytest.raises(ValidationError) as refused:
                reference_save(record=record, changed=[field], actor=world.officer)
            assert field in refused.value.message_dict


def test_the_admin_refuses_beside_the_field_and_escapes_what_it_shows(world: World) -> None:
    client = Client()
    client.force_login(person_named("p.ngata").user)
    person = world.visit.person
    url = reverse("admin:people_person_change", args=[person.pk])
    form = {"title": "", "organisation": person.organisation_id, "email": ""}
    for text in (*BAD[1:2], *BAD[3:], HUGE):
        page = client.post(url, {**form, "name": text})
        assert page.status_code == 200, "the form is shown again"
        assert "name" in page.context["adminform"].form.errors
    page = client.get(url)
    for text in GOOD:
        seen = page.context["adminform"].form.initial["edition"]
        assert client.post(url, {**form, "name": text, "edition": seen}).status_code == 302
        assert Person.objects.get(pk=person.pk).name == text
        page = client.get(url)
        assert "<b>bold" not in page.content.decode()


@pytest.mark.parametrize("pin", ["", "1", "x" * 6, "١٢٣٤٥٦", "12345\0", "9" * 10_000, "12 456"])
def test_a_pin_that_no_keypad_gives_is_refused(world: World, pin: str) -> None:
    with pytest.raises(Refused, match="PIN"):
        staff_pin_record(
            facility=world.facility, person=world.visit.person, pin=pin, actor=world.officer
        )

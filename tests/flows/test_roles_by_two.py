"""A role at a facility is given by two officers, and by nobody to himself."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from access.services.edit import record_edit
from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring
from scif.facilities.models import Record
from scif.facilities.services.reference import reference_save
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import FacilityRole, Person, User
from tests.factories import Place, make_place
from tests.flows.plant_world import officer_of, second_officer

pytestmark = pytest.mark.django_db
ADD = "/admin/people/facilityrole/add/"


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def friend(place: Place) -> User:
    """Somebody of the facility who has an account and may do nothing with it."""
    person = Person.objects.create(name="A friend", organisation=place.world.lead.organisation)
    return User.objects.create_user("friend", password="a long password", person=person)


def role(place: Place, user: User, name: str = "officer") -> FacilityRole:
    return FacilityRole(
        user=user, facility=place.world.facility, role=name, valid_from=now() - timedelta(days=1)
    )


def ask(record: FacilityRole, place: Place, changed: tuple[str, ...] = ()) -> Record | Rewiring:
    return record_edit(
        record=record, changed=changed, related={}, reason="New here", actor=officer_of(place)
    )


def refusal(code: str, act: object) -> None:
    assert callable(act)
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == code


def test_one_officer_makes_no_second_one(place: Place, friend: User) -> None:
    refusal(
        "two_needed", lambda: reference_save(record=role(place, friend), actor=officer_of(place))
    )
    order = ask(role(place, friend), place)
    assert isinstance(order, Rewiring)
    assert not FacilityRole.objects.filter(user=friend).exists()
    refusal(
        "own_request",
        lambda: rewiring_confirm(rewiring_id=order.pk, actor=officer_of(place)),
    )
    rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    given = FacilityRole.objects.get(user=friend)
    assert (given.role, given.pk) == ("officer", order.place_id)


def test_nobody_gives_himself_a_role_nor_confirms_his_own(place: Place) -> None:
    second = second_officer(place)
    own = place.users["officer"]
    refusal("own_role", lambda: ask(role(place, own, "guard"), place))
    theirs = ask(role(place, User.objects.get(username="second.officer"), "guard"), place)
    refusal("own_role", lambda: rewiring_confirm(rewiring_id=theirs.pk, actor=second))
    assert not FacilityRole.objects.filter(user=second.user_id, role="guard").exists()


def test_a_role_is_taken_away_by_one_and_lengthened_by_two(place: Place, friend: User) -> None:
    held = role(place, friend, "guard")
    held.save()
    held.valid_until = now() + timedelta(days=1)
    assert isinstance(ask(held, place, ("valid_until",)), FacilityRole)
    held.valid_until = now() + timedelta(days=2)
    assert isinstance(ask(held, place, ("valid_until",)), Rewiring)


def test_it_is_asked_for_at_the_screen(place: Place, friend: User, client: Client) -> None:
    client.force_login(place.users["officer"])
    form = {
        "user": str(friend.pk),
        "facility": str(place.world.facility.pk),
        "role": "guard",
        "valid_from_0": "2026-06-01",
        "valid_from_1": "08:00:00",
        "valid_until_0": "",
        "valid_until_1": "",
    }
    assert 'name="reason"' in client.get(ADD).content.decode()
    refused = client.post(ADD, form).context["adminform"].form.errors
    assert refused == {"reason": ["Say why; another officer will read it."]}
    answer = client.post(ADD, {**form, "reason": "New here"}, follow=True)
    page = answer.content.decode()
    order = Rewiring.objects.get(kind="edit", place_model="people.facilityrole")
    assert answer.redirect_chain[-1][0].endswith(f"/rewiring/{order.pk}/change/")
    assert "Waits for another officer" in page
    assert str(friend) in page
    assert "Nobody decides" not in page
    assert not Person.objects.filter(user__facility_roles__role="guard", user=friend).exists()
    # Whoever opens the person meanwhile sees that it waits, and does not ask again.
    about = client.get(f"/admin/people/person/{friend.person_id}/change/").content.decode()
    assert f"/rewiring/{order.pk}/change/" in about


def test_a_role_is_shortened_at_the_screen_by_one(
    place: Place, friend: User, client: Client
) -> None:
    """Though the page shows its beginning, which nobody touched, without the microseconds."""
    held = role(place, friend, "guard")
    held.valid_from = held.valid_from.replace(microsecond=54_313)
    held.save()
    client.force_login(place.users["officer"])
    url = f"/admin/people/facilityrole/{held.pk}/change/"
    page = client.get(url).content.decode()
    shown = {
        name: re.findall(f'name="{name}" value="([^"]*)"', page)[0]
        for name in ("edition", "valid_from_0", "valid_from_1")
    }
    form = {
        "user": str(friend.pk),
        "facility": str(place.world.facility.pk),
        "role": "guard",
        "valid_until_0": f"{now() + timedelta(days=1):%Y-%m-%d}",
        "valid_until_1": "12:00:00",
        **shown,
    }
    assert client.post(url, form).status_code == 302
    assert not Rewiring.objects.filter(place_model="people.facilityrole").exists()
    before, held = held.valid_from, FacilityRole.objects.get(pk=held.pk)
    assert held.valid_until is not None
    assert held.valid_from == before


def test_the_word_of_who_is_no_officer_any_more_is_none(place: Place, friend: User) -> None:
    second = second_officer(place)
    order = ask(role(place, friend), place)
    assert isinstance(order, Rewiring)
    place.users["officer"].facility_roles.update(valid_until=now())
    refusal("asker_gone", lambda: rewiring_confirm(rewiring_id=order.pk, actor=second))
    assert not FacilityRole.objects.filter(user=friend).exists()


def test_the_same_is_asked_for_once(place: Place, friend: User) -> None:
    wanted = role(place, friend)
    ask(wanted, place)
    again = FacilityRole(
        user=friend,
        facility=wanted.facility,
        role=wanted.role,
        valid_from=wanted.valid_from,
    )
    refusal("request_waiting", lambda: ask(again, place))

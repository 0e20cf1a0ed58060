"""What an officer sees of requests of two: whose officers are asked, and where it is confirmed."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from access.models import EligibilityStatus
from access.services.clearance import eligibility_grant
from access.services.grant import grant_ask
from hardware.models import Gateway, Rewiring
from scif.console.selectors.device_options import option_rows
from scif.facilities.models import Level
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import FacilityRole, Person, User
from tests.factories import Place, make_place
from tests.flows.plant_world import officer_of, reader, second_officer
from tests.logins import signed_in

pytestmark = pytest.mark.django_db
INVALID, CONFLICT = 422, 409


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def newcomer(place: Place) -> Person:
    return Person.objects.create(name="Ada New", organisation=place.world.lead.organisation)


@pytest.fixture
def other(place: Place) -> Place:
    """A second facility, of which the officer is one too."""
    found = make_place("twin")
    FacilityRole.objects.create(
        user=place.users["officer"],
        facility=found.world.facility,
        role="officer",
        valid_from=now() - timedelta(days=1),
    )
    return found


def clearance(**more: object) -> dict[str, object]:
    return {
        "level_id": Level.objects.earliest("rank").pk,
        "status": "final",
        "source": "Register 7",
        "granted_on": now().date(),
        "reason": "Letter 4",
        **more,
    }


def asks(place: Place, person: Person, **more: object) -> tuple[Client, str, str]:
    """The officer asks for a clearance: his client, where he was led, and the page there."""
    client = signed_in(place.users["officer"])
    address = f"/admin/act/clearance-grant/{person.pk}/"
    answer = client.post(address, clearance(**more), follow=True)
    ((led, _status),) = answer.redirect_chain or (("", 0),)
    return client, led, unescape(answer.content.decode())


def test_who_asked_sees_that_it_waits_for_another(place: Place, newcomer: Person) -> None:
    client, led, page = asks(place, newcomer)
    order = Rewiring.objects.get(kind="grant")
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    assert confirm not in page
    assert "Waits for another officer</span>" in page
    assert f"/admin/act/rewiring-withdraw/{order.pk}/" in page
    assert "another officer confirms it" in client.get(confirm).content.decode()
    assert client.post(confirm, {"read": "on"}).status_code == CONFLICT
    second_officer(place)
    seen = signed_in(User.objects.get(username="second.officer")).get(led).content.decode()
    assert confirm in seen


def test_the_message_leads_to_the_list_where_it_is_confirmed(
    place: Place, newcomer: Person
) -> None:
    client, _led, page = asks(place, newcomer)
    address = "/admin/hardware/rewiring/?state__exact=requested"
    assert f'<a href="{address}">changes by two officers</a>' in page
    assert "Ada New" in client.get(address).content.decode()


def test_a_name_in_the_message_stays_text(place: Place) -> None:
    person = Person.objects.create(
        name="<b>Ada</b> changes", organisation=place.world.lead.organisation
    )
    client = signed_in(place.users["officer"])
    answer = client.post(f"/admin/act/clearance-grant/{person.pk}/", clearance(), follow=True)
    assert "<b>Ada</b>" not in answer.content.decode()


def test_an_officer_of_one_facility_reads_whose_officers_are_asked(
    place: Place, newcomer: Person
) -> None:
    client = signed_in(place.users["officer"])
    page = client.get(f"/admin/act/clearance-grant/{newcomer.pk}/").content.decode()
    assert "Ask the officers of" in page
    assert place.world.facility.name in page
    asks(place, newcomer)
    assert Rewiring.objects.get(kind="grant").facility == place.world.facility


def test_for_somebody_of_no_facility_he_chooses_whose_officers_are_asked(
    place: Place, other: Place, newcomer: Person
) -> None:
    facility = other.world.facility
    asks(place, newcomer, at=facility.pk)
    order = Rewiring.objects.get(kind="grant")
    assert order.facility == facility
    assert facility.name in order.waits
    second_officer(other)
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    client = signed_in(User.objects.get(username="second.officer"))
    assert client.post(confirm, {"read": "on"}).status_code == 302
    assert newcomer.eligibilities.count() == 1


def test_a_person_of_one_facility_is_decided_on_by_its_officers(place: Place, other: Place) -> None:
    person = place.users["guard"].person
    assert person is not None
    asks(place, person, at=other.world.facility.pk)
    assert Rewiring.objects.get(kind="grant").facility == place.world.facility
    with pytest.raises(Refused) as refused:
        grant_ask(
            service=eligibility_grant,
            given={
                "person_id": person.pk,
                "level_id": Level.objects.latest("rank").pk,
                "status": EligibilityStatus.FINAL,
                "source": "Register 7",
                "granted_on": now().date(),
            },
            reason="Letter 5",
            at=other.world.facility,
            actor=officer_of(place),
        )
    assert refused.value.code == "not_his_officers"


def test_a_zone_goes_to_a_gateway_from_a_list(place: Place) -> None:
    zone = place.records["facilities.zone"]
    address = f"/admin/act/zone-hand-over/{zone.pk}/"
    client = signed_in(place.users["officer"])
    assert "No other gateway is installed" in client.get(address).content.decode()
    Gateway.objects.create(facility=place.world.facility, code="spare", name="Spare")
    page = client.get(address).content.decode()
    assert "No other gateway is installed" not in page
    assert '<option value="spare">spare, Spare (not heard now)</option>' in page
    assert '<option value="own-g">' not in page
    assert client.post(address, {"gateway": "own-g", "reason": "x"}).status_code == INVALID
    assert client.post(address, {"gateway": "spare", "reason": "Moved"}).status_code == 302


def test_a_device_s_page_says_what_is_set_at_it_in_words(place: Place) -> None:
    device = reader(place)
    device.options = {"output": 0, "normally_closed": [2, 3]}
    device.save()
    client = signed_in(place.users["officer"])
    page = client.get(f"/admin/hardware/device/{device.pk}/change/").content.decode()
    assert "<dt>Output of the strike</dt><dd>0</dd>" in page
    assert "<dt>Inputs that rest closed</dt><dd>2, 3</dd>" in page
    assert "normally_closed" not in page


def test_every_option_is_said() -> None:
    rows = option_rows(
        {
            "portals": {"D3": {"output": 0, "contact_input": 1}},
            "panel": {
                "area": "b7-a",
                "inputs": {
                    "10": {"fact": "alarm", "active": True},
                    "3": {"fact": "access", "active": False},
                },
            },
            "outputs": 8,
        }
    )
    assert rows == [
        ("D3: Output of the strike", "0"),
        ("D3: Input of the door contact", "1"),
        ("Alarm panel of the area", "b7-a"),
        ("Input 3 tells of the panel", "the mode ACCESS, while it is not active"),
        ("Input 10 tells of the panel", "an alarm, while it is active"),
        ("Relays it has", "8"),
    ]

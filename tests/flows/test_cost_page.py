"""The cost page by its answers: tried, saved, refused, filled with what was measured."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client

from access.models import CostScenario
from access.rules.cost import InputKey
from access.services.cost import cost_scenario_retire
from scif.facilities.models import Facility
from scif.people.models import FacilityRole
from scif.reporting.models import Report, ReportKind
from tests.factories import Place, make_place
from tests.flows.booking_world import actor

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/London")
NOON = datetime(2026, 11, 9, 12, tzinfo=ZONE)


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def own_room(place: Place) -> CostScenario:
    return CostScenario.objects.get(pk=place.records["access.costscenario"].pk)


def signed_in(place: Place, role: str = "officer") -> Client:
    client = Client()
    client.force_login(place.users[role])
    return client


def address(scenario: CostScenario) -> str:
    return f"/admin/cost/{scenario.pk}/"


def posted(
    client: Client, scenario: CostScenario, *, headers: dict[str, str] | None = None, **changes: Any
) -> HttpResponse:
    form: dict[str, Any] = {"version": scenario.version, "name": scenario.name, "step": "save"}
    for key in InputKey:
        stored = scenario.inputs[key.value]
        form |= {f"{name}_{key}": stored[name] for name in ("value", "source", "dated")}
    return client.post(address(scenario), form | changes, headers=headers)  # type: ignore[return-value]  # of the test client


def text(response: Any) -> str:
    page: str = response.content.decode()
    return page


def test_trying_shows_what_it_comes_to_and_saves_nothing(
    place: Place, own_room: CostScenario
) -> None:
    answer = posted(signed_in(place), own_room, step="try", value_utilisation="60")
    assert answer.status_code == 200
    assert "USD 201 per audit-hour, of which the facility USD 53. Not saved." in text(answer)
    own_room.refresh_from_db()
    assert own_room.version == 1


def test_a_page_that_asks_as_one_types_never_saves(place: Place, own_room: CostScenario) -> None:
    typing = {"HX-Request": "true"}
    client = signed_in(place)
    answer = posted(client, own_room, headers=typing, value_utilisation="60")
    assert answer.status_code == 200
    assert "Not saved." in text(answer)
    broken = posted(client, own_room, headers=typing, value_utilisation="0")
    assert broken.status_code == 200
    assert "Mend the form" in text(broken)
    own_room.refresh_from_db()
    assert own_room.version == 1


def test_saving_needs_an_officer_and_the_version_on_the_screen(
    place: Place, own_room: CostScenario
) -> None:
    assert posted(signed_in(place, "compliance"), own_room, value_seats="5").status_code == 404
    client = signed_in(place)
    assert posted(client, own_room, value_seats="0").status_code == 422
    assert posted(client, own_room, value_seats="5", source_seats="").status_code == 422
    assert posted(client, own_room, value_seats="5").status_code == 302
    late = posted(client, own_room, value_seats="6")
    assert late.status_code == 409
    assert "Somebody has changed this scenario meanwhile." in text(late)


def test_a_comparison_is_begun_once(place: Place) -> None:
    CostScenario.objects.all().delete()
    client, at = signed_in(place), f"/admin/cost/at/{place.world.facility.pk}/"
    assert "Begin the comparison" in text(client.get(at))
    assert "Begin the comparison" not in text(signed_in(place, "compliance").get(at))
    assert client.post(at).status_code == 302
    assert CostScenario.objects.filter(facility=place.world.facility).count() == 5
    assert client.post(at).status_code == 409
    asked = signed_in(place, "compliance").post(at, {"step": "report", "paper": "Letter"})
    assert asked.status_code == 302
    report = Report.objects.get(kind=ReportKind.COST)
    assert (report.facility, report.paper) == (place.world.facility, "Letter")


def test_amounts_bear_the_facility_s_currency(place: Place, own_room: CostScenario) -> None:
    Facility.objects.filter(pk=place.world.facility.pk).update(currency="CHF")
    shown = text(signed_in(place).get(address(own_room)))
    assert "CHF 238 per audit-hour, of which the facility CHF 90." in shown
    assert "CHF per sq ft" in shown
    assert "USD" not in shown


def test_a_set_that_lacks_a_figure_is_named_and_the_others_are_compared(
    place: Place, own_room: CostScenario
) -> None:
    del own_room.inputs["seats"]
    own_room.save()
    shown = text(signed_in(place).get(f"/admin/cost/at/{place.world.facility.pk}/"))
    assert "Left out: Own room: Seats, missing" in " ".join(shown.split())
    assert "Laptop only" in shown


def test_off_the_list_a_scenario_shows_as_it_was(place: Place, own_room: CostScenario) -> None:
    officer = place.world.officer
    cost_scenario_retire(scenario_id=own_room.pk, actor=actor(officer))
    client = signed_in(place)
    assert client.get(address(own_room)).status_code == 404
    shown = text(client.get(f"/admin/access/costscenario/{own_room.pk}/change/"))
    assert "Floor area: 600" in shown


def test_who_has_several_facilities_chooses(place: Place) -> None:
    far = make_place("far")
    user = place.users["officer"]
    mine = FacilityRole.objects.filter(user=user).get()
    FacilityRole.objects.create(
        user=user, facility=far.world.facility, role=mine.role, valid_from=mine.valid_from
    )
    shown = text(signed_in(place).get("/admin/cost/"))
    for each in (place, far):
        assert f"/admin/cost/at/{each.world.facility.pk}/" in shown

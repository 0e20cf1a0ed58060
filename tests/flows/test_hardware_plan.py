"""The plan of the hardware shows whether a gateway speaks, as well as its devices."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest

from access.services.rewiring import device_retire_ask
from hardware.models import Device
from scif.console.selectors.hardware_plan import hardware_geometry, hardware_plan_state
from tests.flows.desk_world import actor_named, make_world
from tests.two_officers import by_two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
Connect = Callable[[str], psycopg.Connection[Any]]
REPORT = """
    INSERT INTO hardware_gatewaystatus (gateway, version, heard_at, edge_seq, state)
    VALUES ('ml', 1, clock_timestamp() - %s * interval '1 second', 1, '{}')
    ON CONFLICT (gateway) DO UPDATE SET heard_at = excluded.heard_at"""


@pytest.mark.parametrize(("seconds_ago", "status"), [(0, "online"), (3600, "off")])
def test_a_gateway_is_drawn_as_it_was_last_heard(
    role_connection: Connect, seconds_ago: int, status: str
) -> None:
    facility = make_world().facility
    role_connection("scif_gateway_ml").execute(REPORT, [seconds_ago])
    drawn = hardware_plan_state(facility, [])["devices"]
    assert drawn == {"ml": {"status": status}}


def test_a_device_that_was_taken_out_is_not_drawn_any_more() -> None:
    world = make_world()
    facility, officer = world.facility, world.officer

    def drawn(part: str) -> set[str]:
        return {each["code"] for each in hardware_geometry(facility)[part]}

    reader = Device.objects.get(code="M1R")
    assert reader.code in drawn("devices")
    wires = drawn("wires")
    retire = partial(
        by_two, device_retire_ask, reason="moved", actor=officer, other=actor_named("h.marsh")
    )
    retire(device_id=reader.pk)
    assert reader.code not in drawn("devices")
    assert drawn("wires") == wires
    for other in Device.objects.filter(bus=reader.bus, retired_at=None):
        retire(device_id=other.pk)
    assert drawn("wires") == wires - {reader.bus.code}
    assert drawn("wires") != wires

"""The plan of the hardware shows whether a gateway speaks, as well as its devices."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from scif.console.selectors.hardware_plan import hardware_plan_state
from tests.flows.desk_world import make_world

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

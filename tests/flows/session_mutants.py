"""One rule of a session broken at a time: the oracle of ``session_orders.py`` must name the ground.

Nothing of the product is patched: a mutant is a record that lies, or a policy that asks nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

from django.db import connection

from scif.facilities.models import Facility
from scif.runtime.postgres import OWNER, Postgres
from tests.flows.session_orders import World, live
from tests.policies import policy_with

# Each with the events that show it, and the ground of which the oracle must say that it is missing.
MUTANTS: dict[str, tuple[tuple[str, ...], str]] = {
    "whoever leaves stays counted": (("leaves",), "presence"),
    "whoever leaves him stays counted": (("another leaves",), "second person"),
    "a debrief is not kept": (("debriefed",), "read-in"),
    "a quote holds for a year": (("time",) * 4 + ("heartbeat",), "attestation"),
    "an agent may be silent for a month": (("time",), "heartbeat"),
}
_FORGETS: dict[str, LiteralString] = {
    "whoever leaves stays counted": "DELETE ON access_presence",
    "whoever leaves him stays counted": "DELETE ON access_presence",
    "a debrief is not kept": "UPDATE ON access_indoctrination",
}
_FUNCTION = """
CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN RETURN OLD; END IF;
    RETURN NULL;
END $$"""
_ASKS_NOTHING: dict[str, dict[str, Any]] = {
    "a quote holds for a year": {"terminal_attested_minutes": 525_600},
    "an agent may be silent for a month": {"terminal_silent_seconds": 2_592_000},
}


@contextmanager
def mutant(world: World, postgres: Postgres, name: str) -> Iterator[None]:
    """While the block lasts, one of these."""
    if name in _ASKS_NOTHING:
        place = Facility.objects.select_related("policy").get(pk=world.room.store.world.facility.pk)
        before = place.policy
        policy_with(place, **_ASKS_NOTHING[name])
        yield
        Facility.objects.filter(pk=place.pk).update(policy=before)
        return
    when = _FORGETS[name]
    with postgres.connect(OWNER, str(connection.settings_dict["NAME"])) as owner:
        owner.execute(_FUNCTION)
        owner.execute(
            "CREATE TRIGGER a_mutant BEFORE " + when + " FOR EACH ROW EXECUTE FUNCTION forgets()"
        )
        yield
        owner.execute("DROP FUNCTION forgets() CASCADE")


def caught(world: World, postgres: Postgres, name: str) -> bool:
    """Whether the oracle objects to it, in events in which the true code grants nothing."""
    names, ground = MUTANTS[name]
    if live(world, names) is not None:
        return False
    with mutant(world, postgres, name):
        return ground in (live(world, names) or ())

"""One policy is published many times at once: one version follows, the others are told so."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import DatabaseError, connection

from access.services.policy import policy_publish
from scif.facilities.models import Facility, PolicyProfile
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from tests.flows.booking_world import World, make_world

AT_ONCE = 12


def publish(world: World, barrier: Barrier, minutes: int) -> str:
    """Publish from a connection of this thread's own; gives what came of it."""
    try:
        connection.ensure_connection()
        barrier.wait()
        policy_publish(
            profile_id=world.facility.policy_id,
            changes={"entry_early": minutes},
            reason="At once",
            actor=Actor.system("test"),
        )
    except Refused as refusal:
        return refusal.code
    except DatabaseError as error:
        return type(error).__name__ + str(error)
    finally:
        connection.close()
    return "published"


def test_one_of_many_publishes(committed_database: str) -> None:
    world, barrier = make_world(), Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = range(20, 20 + AT_ONCE)
        found = list(pool.map(lambda minutes: publish(world, barrier, minutes), asked))
    assert sorted(found) == ["published"] + ["published_meanwhile"] * (AT_ONCE - 1)
    assert sorted(PolicyProfile.objects.values_list("version", flat=True)) == [1, 2]
    place = Facility.objects.select_related("policy").get()
    assert place.policy.version == 2
    assert place.policy.values["entry_early"]["value"] == 20 + found.index("published")

"""What an engagement may ask reaches the adapter before its harness, and is known to have."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access.models import Engagement
from scif.alarms.models import Alarm
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from terminals.control.harness import HarnessTeller
from terminals.models import EngagementTerms, HarnessPolicy
from terminals.rules.harness_policy import LABS
from terminals.services.harness_policy import UNCONFIRMED
from terminals.services.terms import terms_propose
from tests.flows.session_world import ADDRESS, Room
from tests.flows.terminal_world import ticking
from tests.harness.rig import Rig, stand_in_policy
from tests.roles import as_control

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]
KINDS = ("grey_box",)
QUESTION = {"prompt": "the cat", "max_tokens": 4}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def adapter(tmp_path: Path, room: Room) -> Iterator[Rig]:
    rig = Rig(tmp_path, engagements=(engagement(room).reference,))
    yield rig.start()
    rig.stop()


def engagement(room: Room) -> Engagement:
    return Engagement.objects.get(pk=room.store.world.visit.booking.engagement_id)


def labs_part(*kinds: str, **caps: int) -> dict[str, Any]:
    """What a lab proposes."""
    document = stand_in_policy(kinds or KINDS, caps=caps)
    return {name: document[name] for name in LABS}


def agree(room: Room, **otherwise: Any) -> EngagementTerms:
    """Other terms are in force."""
    EngagementTerms.objects.filter(ended_at=None).update(ended_at=now())
    return room.agreed(**{"harness_policy": labs_part(), **otherwise})


def look(rig: Rig, *, reached: bool = True) -> None:
    """The control process's thread takes a turn, as its role."""
    adapters = {ADDRESS: str(rig.link.path)} if reached else {}
    teller = HarnessTeller(adapters, rig.key, every=1, refresh=0, patience=30, works=lambda: True)
    with as_control():
        teller.look()


def asked(rig: Rig, room: Room, operation: str = "complete") -> str:
    """What becomes of a question: "answered", or the word of the refusal."""
    _, said = rig.ask(operation, QUESTION, engagement(room).reference)
    return str(said["refused"]["code"]) if "refused" in said else "answered"


def test_terms_reach_the_adapter_and_are_confirmed(room: Room, adapter: Rig) -> None:
    assert asked(adapter, room) == "policy_missing"
    terms = agree(room)
    assert "harness_not_told" in room.against()
    look(adapter)
    policy = HarnessPolicy.objects.get()
    assert (policy.terms, policy.version) == (terms, 1)
    assert policy.confirmed_at is not None
    assert asked(adapter, room) == "answered"
    assert asked(adapter, room, "activations") == "operation_unknown"
    look(adapter)  # the same again is no change, but for what was spent
    told = HarnessPolicy.objects.get()
    assert told.spent["queries"] == 1
    assert room.ask().session is not None


def test_without_a_policy_in_the_terms_nobody_is_told(room: Room, adapter: Rig) -> None:
    look(adapter)
    assert not HarnessPolicy.objects.exists()
    assert room.ask().session is not None


def test_a_change_of_terms_changes_the_policy_at_once(room: Room, adapter: Rig) -> None:
    agree(room)
    look(adapter)
    assert asked(adapter, room) == "answered"
    agree(room, harness_policy=labs_part("black_box", queries=1))
    assert "harness_not_told" in room.against()
    look(adapter)
    assert asked(adapter, room) == "cap_queries"  # spent before counts
    assert asked(adapter, room, "logprobs") == "operation_unknown"
    assert HarnessPolicy.objects.filter(replaced_at=None).get().version == 2


def test_an_adapter_that_lost_its_ledger_goes_on_from_what_is_known(
    room: Room, adapter: Rig
) -> None:
    agree(room, harness_policy=labs_part(queries=2))
    look(adapter)
    assert asked(adapter, room) == "answered"
    look(adapter)
    adapter.kill()
    for file in adapter.folder.glob("ledger.sqlite*"):
        file.unlink()
    adapter.start()
    assert asked(adapter, room) == "policy_missing"
    look(adapter)
    assert asked(adapter, room) == "answered"
    assert asked(adapter, room) == "cap_queries"


def test_records_that_lost_a_version_go_on_above_the_adapter_s(room: Room, adapter: Rig) -> None:
    reference = engagement(room).reference
    ahead = stand_in_policy(KINDS, engagement=reference, version=7, caps={"queries": 0})
    adapter.push(ahead)
    agree(room)
    look(adapter)
    assert HarnessPolicy.objects.get(replaced_at=None).version == 8
    assert asked(adapter, room) == "answered"


def test_a_mandate_that_does_not_hold_stops_the_adapter(room: Room, adapter: Rig) -> None:
    agree(room)
    look(adapter)
    Engagement.objects.filter(pk=engagement(room).pk).update(state="suspended")
    look(adapter)
    assert asked(adapter, room) == "operation_unknown"
    look(adapter)
    assert HarnessPolicy.objects.count() == 2
    Engagement.objects.filter(pk=engagement(room).pk).update(state="active")
    look(adapter)
    assert asked(adapter, room) == "answered"


def test_the_adapter_that_terms_name_no_more_is_told_to_stop(room: Room, adapter: Rig) -> None:
    agree(room)
    look(adapter)
    agree(room, harness_host="10.0.0.8")
    look(adapter)
    assert asked(adapter, room) == "operation_unknown"
    moved = HarnessPolicy.objects.get(host="10.0.0.8")
    assert (moved.version, moved.confirmed_at) == (2, None)  # nobody is there


def test_what_no_adapter_confirms_is_an_alarm_and_begins_no_session(
    room: Room, adapter: Rig
) -> None:
    agree(room)
    look(adapter, reached=False)
    assert not Alarm.objects.filter(kind=UNCONFIRMED).exists()
    later = now() + timedelta(seconds=31)
    with clock_set(lambda: later):
        for _ in range(2):
            look(adapter, reached=False)
    assert Alarm.objects.get(kind=UNCONFIRMED, closed_at=None).count == 1
    assert "harness_not_told" in room.against()
    look(adapter)
    assert not Alarm.objects.filter(kind=UNCONFIRMED, closed_at=None).exists()
    assert room.ask().session is not None


def test_an_adapter_takes_no_policy_of_another_key(room: Room, adapter: Rig) -> None:
    agree(room)
    other = Rig(adapter.folder)
    look(other)
    look(other)
    policy = HarnessPolicy.objects.get()
    assert policy.confirmed_at is None
    assert asked(adapter, room) == "policy_missing"


UNFIT: list[object] = [
    [],
    {},
    {**labs_part(), "kinds": ["white_box"]},
    {**labs_part(), "engagement": "E-1"},
    {name: each for name, each in labs_part().items() if name != "caps"},
    {**labs_part(), "caps": {"queries": 1}},
    labs_part("white_box"),
]


def test_terms_with_a_policy_that_no_adapter_takes_are_refused(room: Room) -> None:
    for part in UNFIT:
        with pytest.raises(Refused) as refused:
            terms_propose(
                engagement_id=engagement(room).pk, harness_host=ADDRESS, harness_port=9101,
                egress_bytes=None, rate_bytes=1, burst_bytes=1, channels=1, two_persons=False,
                moderated=False, harness_policy=part, actor=room.store.first,
            )  # fmt: skip
        assert refused.value.code == "policy_unfit", part


def test_only_the_control_process_writes_what_an_adapter_is_told(room: Room, adapter: Rig) -> None:
    agree(room)
    look(adapter)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        HarnessPolicy.objects.update(confirmed_at=None)
    with pytest.raises(DatabaseError, match="refuses UPDATE"), as_control():
        HarnessPolicy.objects.update(document={})
    with pytest.raises(DatabaseError, match="refuses UPDATE"), transaction.atomic():
        EngagementTerms.objects.filter(ended_at=None).update(harness_policy=None)

"""A new version of the policy: who may, what is refused, who is told, and what decides by it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access.selectors.visit import visit_decision
from access.services.policy import PolicyValueRefused, policy_publish
from access.services.policy_ask import policy_publish_ask
from access.services.projection import facility_project
from access.services.rewiring import rewiring_confirm
from access.services.threat import threat_level_set
from hardware.gateway.policy import GatewayPolicy
from hardware.models import Gateway, Rewiring, SnapshotDelta
from scif.facilities.models import Facility, PolicyProfile
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted, Refused
from tests.flows.desk_world import World, actor_named, make_world, midday
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
WHY = "Order 7 of the security officer"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    made = make_world()
    facility_project(facility=made.facility)
    return made


def publish(
    world: World,
    profile: PolicyProfile | None = None,
    *,
    reason: str = WHY,
    actor: Actor | None = None,
    **changes: Any,
) -> PolicyProfile:
    """One officer asks for it, and the other confirms; no person but the given ``actor`` if any."""
    profile = profile or world.facility.policy
    said: dict[str, Any] = {"profile_id": profile.pk, "changes": changes, "reason": reason}
    if actor is not None:
        return policy_publish(**said, actor=actor)
    order = policy_publish_ask(**said, actor=world.officer)
    assert isinstance(order, Rewiring)
    rewiring_confirm(rewiring_id=order.pk, actor=actor_named("h.marsh"))
    return in_force(world)


def in_force(world: World) -> PolicyProfile:
    return Facility.objects.select_related("policy").get(pk=world.facility.pk).policy


def told(world: World, kind: str, key: object) -> dict[str, Any]:
    """What the doors were told last."""
    gateway = Gateway.objects.get(facility=world.facility)
    rows = SnapshotDelta.objects.filter(gateway=gateway.code, kind=kind, key=str(key))
    return dict(rows.order_by("-version")[0].payload or {})


def journaled(kind: str) -> list[dict[str, Any]]:
    """The bodies of the entries of a kind."""
    rows = [row for row in Outbox.objects.order_by("id") if row.fields["kind"] == kind]
    return [json.loads(bytes(row.content)) for row in rows]


def test_the_next_version_is_in_force_and_the_old_one_stays(world: World) -> None:
    old = world.facility.policy
    new = publish(world, entry_early=25, uid_only_cards=True, laa_rank={"us": 1})
    assert in_force(world) == new
    assert (new.code, new.version, new.title) == (old.code, old.version + 1, old.title)
    changed = {"entry_early", "uid_only_cards", "laa_rank"}
    assert {k: v for k, v in new.values.items() if k not in changed} == {
        k: v for k, v in old.values.items() if k not in changed
    }
    assert new.values["entry_early"] == old.values["entry_early"] | {"value": 25}
    assert PolicyProfile.objects.get(pk=old.pk).values == old.values
    other = Facility.objects.exclude(pk=world.facility.pk).get()
    assert other.policy.version == 1


def test_a_decision_goes_by_the_new_number_and_names_its_version(world: World) -> None:
    world.move(timedelta(minutes=80))
    before = visit_decision(world.visit)
    assert "before_window" not in {each.code for each in before.objections}
    new = publish(world, arrival_early=30)
    after = visit_decision(world.again())
    assert "before_window" in {each.code for each in after.objections}
    assert after.policy_version == new.label != before.policy_version


def test_the_gateways_are_told_in_the_same_transaction(world: World) -> None:
    new = publish(world, pin_max_failures=4)
    record = told(world, "policy", "current")
    assert record["version"] == new.label
    assert GatewayPolicy.of(record).pin_max_failures == 4
    with transaction.atomic():
        publish(world, new, pin_max_failures=3)
        transaction.set_rollback(True)
    assert GatewayPolicy.of(told(world, "policy", "current")).pin_max_failures == 4
    assert in_force(world) == new


def test_the_journal_keeps_each_value_and_the_reason(world: World) -> None:
    old = world.facility.policy
    new = publish(world, entry_early=25, escort_ratio=3)
    (body,) = journaled("policy.published")
    assert body["changes"] == {
        "entry_early": {"old": old.values["entry_early"]["value"], "new": 25},
        "escort_ratio": {"old": 4, "new": 3},
    }
    assert body["reason"] == WHY
    assert (body["before"], body["after"]) == (old.label, new.label)
    assert len(journaled("facility.policy_changed")) == 1


def test_a_key_that_an_update_brought_is_added_with_its_unit(world: World) -> None:
    lacking = policy_with(world.facility, without=["wall_silence"])
    new = publish(world, lacking, wall_silence=7)
    assert new.values["wall_silence"]["value"] == 7
    assert new.values["wall_silence"]["unit"] == "seconds"
    assert journaled("policy.published")[0]["changes"]["wall_silence"]["old"] is None


def test_what_is_no_longer_read_is_carried_on_and_not_set(world: World) -> None:
    had = policy_with(world.facility, retired_key=5)
    with pytest.raises(PolicyValueRefused) as refused:
        publish(world, had, retired_key=6)
    assert (refused.value.code, refused.value.key) == ("key_unknown", "retired_key")
    assert publish(world, had, entry_early=25).values["retired_key"] == {"value": 5}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"entry_early": -1}, "out_of_bounds"),
        ({"entry_early": True}, "not_a_number"),
        ({"entry_early": "5"}, "not_a_number"),
        ({"uid_only_cards": 0}, "not_a_flag"),
        ({"anti_passback": "harsh"}, "word_unknown"),
        ({"pair_bases": ["guest"]}, "word_unknown"),
        ({"laa_rank": {"us": "2"}}, "ranks_malformed"),
        ({"threat_levels": []}, "levels_malformed"),
        ({"pin_digits": 13}, "out_of_order"),
        ({"nothing": 1}, "key_unknown"),
    ],
)
def test_a_value_that_its_key_does_not_take_is_refused(
    world: World, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PolicyValueRefused) as refused:
        publish(world, **({"escort_ratio": 3} | changes))
    assert refused.value.code == code
    assert refused.value.key == next(iter(changes))
    assert in_force(world) == world.facility.policy


def test_a_level_in_force_does_not_go(world: World) -> None:
    threat_level_set(facility_id=world.facility.pk, level="high", reason="A", actor=world.officer)
    rows = world.facility.policy.values["threat_levels"]["value"]
    with pytest.raises(PolicyValueRefused) as refused:
        publish(world, threat_levels=rows[:2])
    assert refused.value.code == "level_in_force"
    threat_level_set(facility_id=world.facility.pk, level="normal", reason="B", actor=world.officer)
    assert publish(world, threat_levels=rows[:2]).version == 2


def test_the_ordinary_level_goes_by_the_new_list(world: World) -> None:
    assert told(world, "area", world.area.pk)["threat"] == "normal"
    publish(world, threat_levels=[{"code": "calm", "name": "Calm", "demands": []}])
    assert told(world, "area", world.area.pk)["threat"] == "calm"


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"entry_early": 25}, " ", "reason_missing"),
        ({"entry_early": 25}, "x" * 301, "reason_unfit"),
        ({}, WHY, "nothing_changed"),
        ({"escort_ratio": 4}, WHY, "nothing_changed"),
    ],
)
def test_what_is_no_publication_is_refused(
    world: World, changes: dict[str, Any], reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        publish(world, reason=reason, **changes)
    assert refused.value.code == code
    assert in_force(world) == world.facility.policy


def test_for_a_guard_there_is_no_such_profile_to_publish(world: World) -> None:
    with pytest.raises(PolicyProfile.DoesNotExist):
        publish(world, actor=world.guard, entry_early=25)


def test_a_profile_that_governs_a_place_beyond_ones_rights_is_refused(world: World) -> None:
    other = Facility.objects.exclude(pk=world.facility.pk).get()
    with pytest.raises(NotPermitted) as refused:
        publish(world, other.policy, entry_early=25)
    assert other.name not in refused.value.message + refused.value.remedy
    other.policy = world.facility.policy
    other.save(update_fields=["policy"])
    with pytest.raises(NotPermitted):
        publish(world, entry_early=25)
    assert in_force(world).version == 1


def test_all_places_of_a_profile_move_together(world: World) -> None:
    other = Facility.objects.exclude(pk=world.facility.pk).get()
    other.policy = world.facility.policy
    other.save(update_fields=["policy"])
    new = publish(world, actor=Actor.system("test"), entry_early=25)
    assert set(Facility.objects.values_list("policy", flat=True)) == {new.pk}
    assert len(journaled("facility.policy_changed")) == 2


def test_an_older_version_is_not_published_from(world: World) -> None:
    old = world.facility.policy
    publish(world, old, entry_early=25)
    with pytest.raises(Refused) as refused:
        publish(world, old, entry_early=30)
    assert refused.value.code == "published_meanwhile"
    assert in_force(world).values["entry_early"]["value"] == 25


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_published_version_refuses_every_change(world: World, act: str) -> None:
    rows = PolicyProfile.objects.filter(pk=publish(world, entry_early=25).pk)
    with pytest.raises(DatabaseError, match="is published and refuses"), transaction.atomic():
        rows.update(title="Another") if act == "update" else rows._raw_delete(rows.db)


def test_no_single_person_moves_a_number_that_governs_a_place(world: World) -> None:
    said: dict[str, Any] = {
        "profile_id": world.facility.policy_id,
        "reason": WHY,
        "actor": world.officer,
    }
    with pytest.raises(Refused) as refused:
        policy_publish(changes={"entry_early": 25}, **said)
    assert refused.value.code == "two_needed"
    order = policy_publish_ask(changes={"entry_early": 25}, **said)
    assert isinstance(order, Rewiring)
    assert in_force(world).version == 1
    with pytest.raises(Refused) as refused:
        rewiring_confirm(rewiring_id=order.pk, actor=world.officer)
    assert refused.value.code == "own_request"
    order.refresh_from_db()
    with pytest.raises(Refused) as refused:
        policy_publish(changes={"entry_early": 25}, agreed=order, **said)
    assert refused.value.code == "two_needed"
    rewiring_confirm(rewiring_id=order.pk, actor=actor_named("h.marsh"))
    order.refresh_from_db()
    assert in_force(world).values["entry_early"]["value"] == 25
    # What they agreed on is done once, and is no leave for anything else.
    for changes in ({"entry_early": 25}, {"entry_early": 26}):
        with pytest.raises(Refused):
            policy_publish(changes=changes, agreed=order, **said)
    assert in_force(world).version == 2


def test_a_request_for_what_was_published_meanwhile_comes_to_nothing(world: World) -> None:
    said: dict[str, Any] = {
        "profile_id": world.facility.policy_id,
        "reason": WHY,
        "actor": world.officer,
    }
    order = policy_publish_ask(changes={"entry_early": 25}, **said)
    assert isinstance(order, Rewiring)
    publish(world, actor=Actor.system("test"), entry_early=9)
    with pytest.raises(Refused) as refused:
        rewiring_confirm(rewiring_id=order.pk, actor=actor_named("h.marsh"))
    assert refused.value.code == "published_meanwhile"
    assert in_force(world).values["entry_early"]["value"] == 9


def test_a_policy_that_says_no_time_for_it_can_still_be_mended(world: World) -> None:
    lacking = policy_with(world.facility, without=["rewiring_confirm_minutes"])
    mended = publish(world, lacking, rewiring_confirm_minutes=60)
    assert mended.values["rewiring_confirm_minutes"]["value"] == 60

"""Whoever tries out PINs, or copies a badge by its chip's number, is told of at the desk."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from access.models import Badge
from access.rules.case import local_words_from
from access.services.badge_watch import lock_outs_end
from scif.alarms.models import Alarm
from scif.alarms.selectors.silent import shown_at_desk
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from tests.flows.desk_world import World, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
BEAT = Actor.system("beat")


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def badge(world: World) -> Badge:
    return Badge.objects.filter(facility=world.facility).exclude(uid="").earliest("code")


def door(world: World) -> str:
    return str(world.area.zones.get().portals.get().code)


def wrong_pin(world: World, badge: Badge, count: int, *, locks: bool) -> None:
    at = now()
    world.heard(
        "pin.failed",
        credential=badge.number_sha256,
        portal=door(world),
        count=count,
        last_at=at.isoformat(),
        until=(at + timedelta(seconds=300)).isoformat() if locks else None,
    )


def refused(world: World, credential: str, *codes: str) -> None:
    body: dict[str, Any] = {
        "read_id": f"R-{credential[:8]}-{'-'.join(codes)}",
        "portal": door(world),
        "direction": "in",
        "credential": credential,
        "person_id": None,
        "outcome": "refused",
        "objections": [{"code": code} for code in codes],
        "obligations": [],
        "policy_version": "p/1",
        "snapshot_version": 1,
    }
    world.heard("door.read", **body)


def at_the_desk() -> list[tuple[str, str, str]]:
    alarms = shown_at_desk(Alarm.objects.filter(closed_at=None))
    return list(alarms.values_list("kind", "subject", "gravity"))


def test_a_lock_out_is_an_alarm_until_it_is_over(world: World, badge: Badge) -> None:
    wrong_pin(world, badge, 4, locks=False)
    assert at_the_desk() == []
    wrong_pin(world, badge, 5, locks=True)
    assert at_the_desk() == [("badge_locked_out", badge.code, "check")]
    words = Alarm.objects.get().message
    assert badge.code in words
    assert door(world) in words
    began = now()
    # To the minute, as the door says it: never before the lock-out is over.
    assert local_words_from(began + timedelta(seconds=300), "Europe/London") in words
    with clock_set(lambda: began + timedelta(seconds=299)):
        lock_outs_end(actor=BEAT)
        assert at_the_desk() != []
    with clock_set(lambda: began + timedelta(seconds=301)):
        lock_outs_end(actor=BEAT)
        lock_outs_end(actor=BEAT)
    assert at_the_desk() == []


def test_a_copy_of_a_badge_by_its_chips_number_is_an_alarm(world: World, badge: Badge) -> None:
    copied = hashlib.sha256(bytes.fromhex(badge.uid)).hexdigest()
    refused(world, hashlib.sha256(b"a bank card").hexdigest(), "unknown_badge", "uid_only")
    assert at_the_desk() == []
    refused(world, copied, "unknown_badge", "uid_only")
    assert at_the_desk() == [("badge_copied", badge.code, "check")]
    assert badge.code in Alarm.objects.get().message
    # Where the policy takes cards that prove nothing, it is merely none that the door knows.
    refused(world, copied, "unknown_badge")
    assert Alarm.objects.get().count == 2
    Badge.objects.filter(pk=badge.pk).update(uid="none")
    refused(world, copied, "uid_only")
    assert Alarm.objects.get().count == 2
    Badge.objects.filter(pk=badge.pk).update(number_sha256=copied)
    refused(world, copied, "not_inside_already", "uid_only")
    assert Alarm.objects.get().count == 3

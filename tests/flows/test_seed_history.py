"""The demonstration's past week, as it was lived by the services and a gateway."""

import os
from pathlib import Path

import pytest
from django.core.management import call_command

from access.models import (
    AccessDecision,
    Badge,
    BadgeAssignment,
    LockerAssignment,
    Presence,
    Visit,
)
from hardware.models import Command, InboxEvent
from hardware.simulators.cards import CardStore
from inspections.models import Sweep
from scif.alarms.models import Alarm
from scif.console.demo.history import history_seed
from tests.roles import as_ingester

pytestmark = pytest.mark.django_db


def test_history_is_true_and_leaves_nothing_open() -> None:
    # Made anew: the cards of a world lie in one place, and other tests write on those of theirs.
    call_command("seed_demo", history=False)
    with as_ingester():  # as the demonstration runs its seed
        history_seed(CardStore(Path(os.environ["SCIF_SIM_DIR"]) / "cards"), working_days=2)
    assert Visit.objects.count() == 5
    assert {visit.state for visit in Visit.objects.all()} == {"complete"}
    decisions = AccessDecision.objects.all()
    assert {each.outcome for each in decisions} == {"granted", "pending", "refused"}
    codes = {item["code"] for each in decisions for item in each.objections}
    assert codes >= {"before_window", "unknown_badge", "not_read_in"}
    assert {event.quarantine for event in InboxEvent.objects.all()} == {""}
    assert not InboxEvent.objects.filter(applied_at=None).exists()
    assert {command.state for command in Command.objects.all()} == {"confirmed"}
    assert {sweep.state for sweep in Sweep.objects.all()} == {"passed"}
    assert not Presence.objects.exists()
    assert not LockerAssignment.objects.filter(released_at=None).exists()
    assert not Badge.objects.filter(kind="visitor").exclude(state__in=["blank", "encoded"]).exists()
    assert not BadgeAssignment.objects.filter(badge__kind="visitor", returned_at=None).exists()
    assert {alarm.kind for alarm in Alarm.objects.all()} == {"door_held"}
    assert not Alarm.objects.filter(closed_at=None).exists()

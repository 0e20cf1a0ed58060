"""Which alarms come first where there is no room for all."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from scif.alarms.models import Alarm, Gravity
from scif.alarms.selectors.gravest import gravest_first
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from tests.factories import make_place

pytestmark = pytest.mark.django_db


def test_the_gravest_come_first_and_of_these_the_newest() -> None:
    facility, at = make_place("own").world.facility, now()
    # The gravest are the oldest.
    for age, gravity in enumerate([*reversed(Gravity.values), Gravity.RESPOND]):
        Alarm.objects.create(
            facility=facility, gravity=gravity, kind="of_this_test", subject=f"{age}", message="x",
            raised_at=at - timedelta(days=age), raised_last_at=at - timedelta(hours=age),
        )  # fmt: skip
    found = list(
        gravest_first(Alarm.objects.filter(kind="of_this_test")).values_list("gravity", "subject")
    )
    assert found == [
        ("respond", "3"), ("respond", "4"), ("act", "2"), ("check", "1"), ("note", "0"),
    ]  # fmt: skip


def test_an_alarm_that_repeats_keeps_its_first_time_and_comes_up_again() -> None:
    place, first = make_place("own"), now().replace(hour=13, minute=5, second=0)
    facility, actor = place.world.facility, Actor.system("ingester")
    with clock_set(lambda: first):
        raised = [
            alarm_raise(
                facility=facility, gravity=Gravity.ACT, kind="of_this_test", subject=subject,
                message=f"Door {subject} held", actor=actor,
            )
            for subject in ("A", "B")
        ]  # fmt: skip
    again = first + timedelta(minutes=7)
    with clock_set(lambda: again):
        for _time in range(2):
            alarm_raise(
                facility=facility, gravity=Gravity.ACT, kind="of_this_test", subject="A",
                message="Door A held", actor=actor,
            )  # fmt: skip
    alarm = Alarm.objects.get(pk=raised[0].pk)
    assert (alarm.raised_at, alarm.raised_last_at, alarm.count) == (first, again, 3)
    found = gravest_first(Alarm.objects.filter(kind="of_this_test"))
    assert [each.subject for each in found] == ["A", "B"]
    client = Client()
    client.force_login(place.users["guard"])
    at = again.astimezone(ZoneInfo(facility.time_zone))
    page = f"/desk/{facility.code}/alarms/"
    queue = client.get(page).content.decode()
    assert queue.index("Door A held") < queue.index("Door B held")
    assert f"Again {at:%H:%M}, 3 times" in queue
    assert f", again {at:%H:%M}, 3 times" in client.get(f"{page}{alarm.pk}/").content.decode()

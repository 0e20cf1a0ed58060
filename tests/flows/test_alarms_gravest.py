"""Which alarms come first where there is no room for all."""

from datetime import timedelta

import pytest

from scif.alarms.models import Alarm, Gravity
from scif.alarms.selectors.gravest import gravest_first
from scif.kernel.clock import now
from tests.factories import make_place

pytestmark = pytest.mark.django_db


def test_the_gravest_come_first_and_of_these_the_newest() -> None:
    facility, at = make_place("own").world.facility, now()
    # The gravest are the oldest.
    for age, gravity in enumerate([*reversed(Gravity.values), Gravity.RESPOND]):
        Alarm.objects.create(
            facility=facility, gravity=gravity, kind="of_this_test", subject=f"{age}", message="x",
            raised_at=at - timedelta(hours=age),
        )  # fmt: skip
    found = list(
        gravest_first(Alarm.objects.filter(kind="of_this_test")).values_list("gravity", "subject")
    )
    assert found == [
        ("respond", "3"), ("respond", "4"), ("act", "2"), ("check", "1"), ("note", "0"),
    ]  # fmt: skip

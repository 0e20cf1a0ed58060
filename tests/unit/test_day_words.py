"""Days and hours in words: when the desk receives a visitor, since when a guard is on duty."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from access.models import Booking, Duty
from access.views.portal.visit_words import on_the_day
from scif.console.views.desk_frame import duty_words
from scif.facilities.models import Area, Facility

LONDON = ZoneInfo("Europe/London")


def desk_from(hour: int) -> str:
    """What the portal says of the desk for a visit on 27 November at this hour."""
    start = datetime(2026, 11, 27, hour, tzinfo=LONDON)
    area = Area(name="Room", facility=Facility(name="Mill Lane", time_zone="Europe/London"))
    booking = Booking(area=area, starts_at=start, ends_at=start + timedelta(hours=1))
    return on_the_day(booking, start - timedelta(minutes=90))[0]["when"]


def test_the_desk_opens_to_a_visitor_on_the_same_day() -> None:
    assert desk_from(10) == "from 08:30"


def test_the_day_is_told_where_it_is_another_one() -> None:
    assert desk_from(1) == "from Thu 26 November, 23:30"


def test_a_shift_is_told_by_its_hours_and_a_longer_duty_by_its_days() -> None:
    start = datetime(2026, 11, 16, 22, 34, tzinfo=UTC)
    with timezone.override(LONDON):
        shift = duty_words(Duty(role="guard", starts_at=start, ends_at=start + timedelta(hours=8)))
        long = duty_words(Duty(role="guard", starts_at=start, ends_at=start + timedelta(days=40)))
    assert shift == {"since": "on duty since 22:34", "note": "Duty as guard until 06:34"}
    assert long == {"since": "on duty", "note": "Planned as guard from 16 Nov to 26 Dec"}

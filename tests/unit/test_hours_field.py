"""The week of opening hours as an officer enters it."""

from typing import Any

import pytest
from django import forms

from scif.console.forms.hours import DAYS, HoursField

WORKING = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


class Week(forms.Form):
    """A form with nothing but a week."""

    hours = HoursField(required=False)


def typed(**rows: tuple[str, str]) -> dict[str, Any]:
    """What a browser sends: the rows given, the other days ticked as closed."""
    data: dict[str, Any] = {}
    for day in DAYS:
        opens, closes = rows.get(day, ("", ""))
        data |= {f"hours_{day}_from": opens, f"hours_{day}_to": closes}
        if day not in rows:
            data[f"hours_{day}_closed"] = "on"
    return data


def test_a_week_is_kept_as_areas_keep_it() -> None:
    form = Week(typed(mon=("08:00", "18:00"), sat=("00:00", "00:00"), sun=("22:00", "00:00")))
    assert form.is_valid()
    assert form.cleaned_data["hours"] == {
        "mon": ["08:00", "18:00"],
        "sat": ["00:00", "00:00"],
        "sun": ["22:00", "00:00"],
    }


def test_a_week_that_is_shown_and_sent_back_has_not_changed() -> None:
    rows = dict.fromkeys(WORKING, ("08:00", "18:00"))
    assert not Week(typed(**rows), initial={"hours": WORKING}).has_changed()
    assert Week(typed(mon=("08:00", "18:00")), initial={"hours": WORKING}).has_changed()
    shown = str(Week(initial={"hours": WORKING}))
    assert shown.count('value="08:00"') == len(WORKING)
    assert shown.count(" checked") == len(DAYS) - len(WORKING)


def test_a_ticked_day_is_closed_whatever_times_stand_in_its_row() -> None:
    data = typed(mon=("08:00", "18:00")) | {"hours_mon_closed": "on"}
    form = Week(data)
    assert form.is_valid()
    assert form.cleaned_data["hours"] == {}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("08:00", ""), "Give both times"),
        (("18:00", "08:00"), "It closes after it opens"),
        (("8 am", "18:00"), "Write times like 08:00"),
    ],
)
def test_what_is_wrong_is_said_in_its_row(row: tuple[str, str], words: str) -> None:
    form = Week(typed(tue=row, wed=("09:00", "12:00")))
    assert not form.is_valid()
    assert form.errors["hours"] == ["Look at Tuesday."]
    (bad,) = (line for line in str(form).split("<tr") if 'class="bad"' in line)
    assert words in bad
    assert "Tuesday" in bad
    assert 'value="09:00"' in str(form)

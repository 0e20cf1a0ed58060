"""A moment is typed in the time zone of its page, and the page says which that is."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.utils import timezone

from scif.console.forms.moments import MomentField


class Form(forms.Form):
    until = MomentField()


@pytest.mark.parametrize(("zone", "hour"), [("America/New_York", 15), ("UTC", 10)])
def test_a_moment_is_read_in_the_zone_that_stands_beside_it(zone: str, hour: int) -> None:
    with timezone.override(zone):
        form = Form({"until": "2026-11-27T10:00"})
        assert form.is_valid()
        assert form.cleaned_data["until"] == datetime(2026, 11, 27, hour, tzinfo=UTC)
        assert f"Time of this page: {zone}." in form.as_div()

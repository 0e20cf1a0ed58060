"""A moment in a form: typed in the time zone of the page, which is said beside it."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext


def _zone() -> str:
    return gettext("Time of this page: %(zone)s.") % {"zone": get_current_timezone_name()}


class MomentField(forms.DateTimeField):
    """Day and time, in the zone that is in force as the form is shown and as it is sent."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": lazy(_zone, str)(), **options})

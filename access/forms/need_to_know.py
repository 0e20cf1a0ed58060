"""Forms of the discloser: whom an engagement lets know, from when to when."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.models import NeedToKnow as NeedToKnowRecord
from access.selectors.engagement import team_choices
from scif.people.models import Person

_DAY = forms.DateInput(attrs={"type": "date"})


class NeedToKnowForm(forms.Form):
    """Need to know for one member, by whole days of the engagement's place."""

    person = forms.ModelChoiceField(label=_("Member"), queryset=Person.objects.none())
    first_day = forms.DateField(label=_("From"), widget=_DAY)
    last_day = forms.DateField(
        label=_("Until"), widget=_DAY, help_text=_("The last day on which it holds.")
    )

    def __init__(self, data: Any = None, *, engagement: Engagement) -> None:
        super().__init__(data)
        self.zone = zone_of(engagement)
        self.fields["person"].queryset = team_choices(engagement)  # type: ignore[attr-defined]  # a Field to the stubs

    def clean(self) -> dict[str, Any] | None:
        """It ends no sooner than it begins."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes after the first."))
        return data

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first moment and the end."""
        day = timedelta(days=1)
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        return self._midnight(first), self._midnight(last + day)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)


class NeedToKnowEndForm(forms.Form):
    """Which need to know ends now, and why."""

    record = forms.ModelChoiceField(label=_("Whose"), queryset=NeedToKnowRecord.objects.none())
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, data: Any = None, *, records: Any) -> None:
        super().__init__(data)
        field = self.fields["record"]
        field.queryset = records  # type: ignore[attr-defined]  # a Field to the stubs
        field.label_from_instance = _person_of  # type: ignore[attr-defined]  # a Field to the stubs


def zone_of(engagement: Engagement) -> ZoneInfo:
    """The time zone of the engagement's rooms; UTC where it names none."""
    area = engagement.areas.select_related("facility").order_by("name").first()
    return ZoneInfo(area.facility.time_zone if area else "UTC")


def _person_of(record: NeedToKnowRecord) -> str:
    return record.person.name

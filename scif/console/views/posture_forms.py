"""Forms of the acts on the state of the place."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scif.console.views.officer_forms import ReasonForm
from scif.people.models import Person

MOMENT = {"type": "datetime-local"}


class PeriodForm(forms.Form):
    """From when until when, in the time zone that the page shows."""

    valid_from = forms.DateTimeField(
        label=_("From, UTC"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")
    )
    valid_until = forms.DateTimeField(
        label=_("Until, UTC"), widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")
    )


class PassForm(PeriodForm, ReasonForm):
    """A right for a period, and who answers for it."""

    sponsor = forms.ModelChoiceField(Person.objects.order_by("name"), label=_("Who answers for it"))

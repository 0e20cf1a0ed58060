"""Forms of the officers' acts: what a service needs to be told, in the field's terms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inspections.rules.states import AccreditationState
from scif.console.forms.choices import LevelField, OfficersField


class NothingForm(forms.Form):
    """An act that needs no words."""


class RecordForm(forms.Form):
    """A form whose choices hang on the record that the act is about."""

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record


class ReasonForm(forms.Form):
    """Why; the journal keeps it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The journal keeps it with your name. Name the letter or call it rests on."),
    )


class AskForm(ReasonForm):
    """Why, for another officer, and who he may be."""

    at = OfficersField()


class DayForm(forms.Form):
    """A day on which something was done."""

    day = forms.DateField(
        label=_("Day of the debrief"), widget=forms.DateInput(attrs={"type": "date"})
    )


class LetterForm(forms.Form):
    """An accreditation letter as it lies before the officer."""

    state = forms.TypedChoiceField(
        label=_("The letter accredits"),
        choices=[
            (AccreditationState.ACCREDITED.value, _("finally")),
            (AccreditationState.INTERIM.value, _("for the interim")),
        ],
        coerce=AccreditationState,
        widget=forms.RadioSelect,
    )
    official = forms.CharField(label=_("Accrediting official"), max_length=120)
    letter = forms.CharField(label=_("Letter"), max_length=80, help_text=_("Number and date."))
    level = LevelField(label=_("Highest level"))
    issued_on = forms.DateField(
        label=_("Issued on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    conditions = forms.CharField(
        label=_("Conditions"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any] | None:
        """A letter ends after it begins."""
        data = super().clean() or {}
        issued, expires = data.get("issued_on"), data.get("expires_on")
        if issued and expires and expires <= issued:
            self.add_error("expires_on", _("It expires after it was issued."))
        return data


class HandOverForm(ReasonForm):
    """To which gateway, and why."""

    gateway = forms.ChoiceField(
        label=_("Gateway"),
        help_text=_("The one that the wires go to now."),
    )
    field_order = ("gateway", "reason")

"""A PIN of one's own: the desk checks who it is, then the person types unseen."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.services.pin_choice import pin_rules
from scif.console.forms.desk import DOCUMENTS
from scif.facilities.models import Facility
from scif.kernel.errors import Refused
from scif.people.models import Person


class _Digits(forms.CharField):
    unnamed = True  # in the summary of what is to be mended: by its name it tells of a second PIN


def _digits(label: Any, *, required: bool, hint: Any = "") -> forms.CharField:
    """A masked field that no browser fills in and no answer repeats."""
    attrs = {"autocomplete": "new-password", "inputmode": "numeric"}
    return _Digits(
        label=label,
        max_length=40,
        required=required,
        strip=False,
        help_text=hint,
        widget=forms.PasswordInput(attrs=attrs),
    )


class IdentityFields(forms.Form):
    """What identity was checked against."""

    document = forms.ChoiceField(
        label=_("Identity checked against"), choices=DOCUMENTS, widget=forms.RadioSelect
    )
    last_characters = forms.CharField(
        label=_("Last four characters of its number"),
        min_length=4,
        max_length=4,
        help_text=_("Letters A to Z and digits, as printed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class PinTypedForm(forms.Form):
    """The PINs, each twice, with the rules beforehand of the facilities that they may be for."""

    pin = _digits(_("PIN"), required=True, hint=_("You type from here on, and nobody looks on."))
    pin_again = _digits(_("PIN, once more"), required=True)
    second = _digits(
        _("Second PIN, if wanted"),
        required=False,
        hint=_("It opens like the first and calls for help where nobody at the door sees it."),
    )
    second_again = _digits(_("Second PIN, once more"), required=False)

    def rules_tell(self, facilities: Iterable[Facility]) -> None:
        """Say at the fields what the policy asks; what it does not state, the service refuses."""
        places = list(facilities)
        for place in places:
            try:
                told = _rules_told(place)
            except Refused:
                continue
            for name, words in told.items():
                field = self.fields[name]
                # A hint is shown as it stands, and a facility is called what an officer wrote.
                whose = f"{escape(place.name)}: " if len(places) > 1 else ""
                field.help_text = f"{field.help_text} {whose}{words}"


def _rules_told(facility: Facility) -> dict[str, str]:
    rules = pin_rules(facility)
    span = {"least": rules.least, "most": rules.most}
    words = gettext("%(least)d to %(most)d digits.") % span
    if rules.weak_refused:
        words += " " + gettext(
            "No few different digits (121212), no row (234567), no pattern (381381)."
        )
    apart = gettext("It differs from the first in %(apart)d places or more.")
    return {"pin": words, "second": apart % {"apart": rules.apart}}


class PinFields(PinTypedForm, IdentityFields):
    """Who it is by which document, then the PINs."""


class PinDeskForm(PinFields):
    """At the desk: for whom, too."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.none())
    field_order = ("person",)

    def __init__(
        self, *args: Any, people: QuerySet[Person], facility: Facility, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rules_tell([facility])
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a Field to the stubs

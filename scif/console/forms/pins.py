"""A PIN of one's own: the desk checks who it is, then the person types unseen."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from scif.console.forms.desk import DOCUMENTS
from scif.people.models import Person


def _digits(label: Any, *, required: bool, hint: Any = "") -> forms.CharField:
    """A masked field that no browser fills in and no answer repeats."""
    attrs = {"autocomplete": "new-password", "inputmode": "numeric"}
    return forms.CharField(
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
    """The PINs, each twice."""

    pin = _digits(_("PIN"), required=True, hint=_("You type from here on, and nobody looks on."))
    pin_again = _digits(_("PIN, once more"), required=True)
    second = _digits(
        _("Second PIN, if wanted"),
        required=False,
        hint=_("It opens like the first and calls for help where nobody at the door sees it."),
    )
    second_again = _digits(_("Second PIN, once more"), required=False)


class PinFields(PinTypedForm, IdentityFields):
    """Who it is by which document, then the PINs."""


class PinDeskForm(PinFields):
    """At the desk: for whom, too."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.none())
    field_order = ("person",)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a Field to the stubs

"""What the guard enters at the desk. No check is prefilled."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from scif.console.signatures import signature_of

DOCUMENTS = [
    ("passport", _("Passport")),
    ("identity_card", _("Identity card")),
    ("residence_permit", _("Residence permit")),
    ("service_card", _("Service card")),
]


def lines(text: str) -> list[str]:
    """One entry a line, empty ones left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class IdentifyForm(forms.Form):
    """The document shown, and whether its photo is that of the person before the guard."""

    document = forms.ChoiceField(label=_("Document"), choices=DOCUMENTS, widget=forms.RadioSelect)
    last_characters = forms.CharField(
        label=_("Last four characters of its number"),
        min_length=4,
        max_length=4,
        help_text=_("Letters A to Z and digits, as printed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    photo_matches = forms.ChoiceField(
        label=_("The document's photo and name, the person, the booking"),
        choices=[("yes", _("They match")), ("no", _("They do not match: turn away"))],
        widget=forms.RadioSelect,
    )


MEDICAL = _("Medical device")


class ItemForm(forms.Form):
    """A thing that the visitor carries; by the form's own identifier, sent twice it is one."""

    item_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    kind = forms.CharField(label=_("Item"), max_length=60)
    mark = forms.CharField(label=_("Mark or serial"), max_length=80, required=False)
    approval = forms.CharField(
        label=_("Approval, if it stays with the visitor"),
        help_text=_(
            "Its number, from the paper that you saw. Recorded, and compared with nothing."
        ),
        max_length=40,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A medical device never goes into a locker because a field was left empty (R44)."""
        data = super().clean() or {}
        medical = str(data.get("kind", "")).strip().casefold() == str(MEDICAL).casefold()
        if medical and not str(data.get("approval", "")).strip():
            self.add_error(
                "approval",
                _(
                    "A medical device stays with the visitor: give the number of its approval. "
                    "List one that goes into the locker as what it is, such as “inhaler”."
                ),
            )
        return data


# What most visitors bring: its word by one press, and the field that it needs next.
USUAL = [
    (_("Phone"), "mark"),
    (_("Keys"), "mark"),
    (_("Laptop"), "mark"),
    (_("Watch"), "mark"),
    (MEDICAL, "approval"),
]


class SearchForm(forms.Form):
    """The exit search."""

    result = forms.ChoiceField(
        label=_("Result"),
        choices=[("clear", _("Clear")), ("found", _("Something was found"))],
        widget=forms.RadioSelect,
    )
    items = forms.CharField(
        label=_("Found, one a line"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    remarks = forms.CharField(label=_("Remarks"), max_length=200, required=False)


class ReasonForm(forms.Form):
    """Why: for turning away, suspending, closing."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class NoteForm(forms.Form):
    """What was found, for closing an alarm."""

    note = forms.CharField(
        label=_("What was found"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class SweepStartForm(forms.Form):
    """Who sweeps along."""

    second = forms.ChoiceField(label=_("Second person"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second"] = forms.ChoiceField(
            label=_("Second person"), choices=[("", _("Choose who is with you")), *people]
        )


class SweepFinishForm(forms.Form):
    """The result of a sweep."""

    result = forms.ChoiceField(
        label=_("Result"),
        choices=[("pass", _("Passed: the room is free")), ("fail", _("Failed: sweep again"))],
        widget=forms.RadioSelect,
    )
    items = forms.CharField(
        label=_("Found, one a line"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    seals = forms.CharField(
        label=_("Seal numbers, one a line"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )


class UnlockForm(forms.Form):
    """Who enters. A door is never opened for nobody."""

    person = forms.ChoiceField(label=_("Who enters"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ChoiceField(
            label=_("Who enters"), choices=[("", _("Choose the person")), *people]
        )


class CorrectionForm(forms.Form):
    """Whom a zone counts wrongly, and what was seen."""

    person = forms.ChoiceField(label=_("Who is counted wrongly"))
    reason = forms.CharField(label=_("What was seen"), max_length=200)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ChoiceField(
            label=_("Who is counted wrongly"), choices=[("", _("Choose the person")), *people]
        )


class CountForm(forms.Form):
    """Who counted, where, and how."""

    counted = forms.CharField(label=_("How it was counted"), max_length=200)


class LockdownForm(forms.Form):
    """What is locked down, and why. ``sure`` comes with the second step only."""

    scope = forms.ChoiceField(label=_("Nobody enters"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("A few words are enough; the journal keeps them with your name."),
    )

    def __init__(self, *args: Any, scopes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"] = forms.ChoiceField(
            label=_("Nobody enters"), choices=scopes, widget=forms.RadioSelect
        )


class SignaturesForm(forms.Form):
    """What the pads wrote; a pad that was left empty is not signed."""

    visitor = forms.CharField(required=False)
    guard = forms.CharField(required=False)

    def clean_visitor(self) -> dict[str, Any] | None:
        return self._strokes("visitor")

    def clean_guard(self) -> dict[str, Any] | None:
        return self._strokes("guard")

    def _strokes(self, party: str) -> dict[str, Any] | None:
        text = self.cleaned_data[party]
        if not text:
            return None
        try:
            return signature_of(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is not a signature of the pad.")) from error

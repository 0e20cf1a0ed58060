"""Forms of the desk about laptops."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from scif.console.forms.desk import lines
from scif.console.signatures import signature_of
from terminals.rules.checklist import CHECKLIST
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState


class SealsReadForm(forms.Form):
    """The seal numbers as they are read off the laptop."""

    seals = forms.CharField(
        label=_("Seal numbers as you read them, one a line"),
        help_text=_("Read each one off the laptop; the record is not shown here."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_seals(self) -> list[str]:
        """One number a line."""
        return lines(self.cleaned_data["seals"])


class HandOverForm(SealsReadForm):
    """Seals, and the signature of whoever takes the laptop over."""

    signature = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_signature(self) -> dict[str, Any]:
        """The strokes; empty where nobody has signed, which the service refuses."""
        text = self.cleaned_data["signature"]
        if not text:
            return {}
        try:
            return signature_of(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is not a signature of the pad.")) from error


class IssueForm(HandOverForm):
    """To whom a laptop is issued."""

    visit = forms.ChoiceField(label=_("Visitor"))
    field_order = ["visit", "seals"]

    def __init__(self, *args: Any, visits: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit"] = forms.ChoiceField(
            label=_("Visitor"), choices=[("", _("Choose who takes it")), *visits]
        )
        self.order_fields(self.field_order)


class OutsideForm(HandOverForm):
    """Who takes a laptop to which registered place, and until when."""

    who = forms.ChoiceField(label=_("Who takes it, and where to"))
    due_at = forms.DateTimeField(
        label=_("To be back by"),
        help_text=_("In the facility's time."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    field_order = ["who", "due_at", "seals"]

    def __init__(
        self,
        *args: Any,
        able: Sequence[tuple[str, str]],
        others: Sequence[tuple[str, str]],
        longest: datetime,
        **kwargs: Any,
    ) -> None:
        """``able`` are offered; ``others`` are taken, for the service to say why not.

        ``longest``: when the policy wants a laptop back that goes out now.
        """
        super().__init__(*args, **kwargs)
        first = ("", _("Choose a person and a place"))
        who = forms.ChoiceField(
            label=_("Who takes it, and where to"),
            choices=[first, *able, *others],
            help_text=_("Members of engagements with an approved place, who can have one now."),
        )
        who.widget.choices = [first, *able]
        self.fields["who"] = who
        self.fields["due_at"].help_text = _(
            "In the facility's time; by %(latest)s at the latest, and before the place's term ends."
        ) % {"latest": f"{localtime(longest):%-d %b %Y, %H:%M}"}
        self.order_fields(self.field_order)

    def clean_who(self) -> tuple[UUID, UUID]:
        """The place and the person."""
        place, person = self.cleaned_data["who"].split()
        return UUID(place), UUID(person)


class InspectForm(SealsReadForm):
    """The checklist: a question each, answered yes or no."""

    remarks = forms.CharField(label=_("Remarks"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in CHECKLIST:
            self.fields[item.code] = forms.ChoiceField(
                label=_(item.question),
                choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect,
            )
        self.order_fields([*(item.code for item in CHECKLIST), "seals", "remarks"])

    def answers(self) -> dict[str, bool]:
        """The answers by code."""
        return {item.code: self.cleaned_data[item.code] == "yes" for item in CHECKLIST}


class StopForm(forms.Form):
    """What is to become of a laptop that must not be used on, and why."""

    what = forms.ChoiceField(label=_("What"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why, and what is known"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, state: TerminalState, **kwargs: Any) -> None:
        """Offers what stops a laptop in this state; takes the rest, for the service to refuse."""
        super().__init__(*args, **kwargs)
        what = forms.ChoiceField(
            label=_("What"), choices=list(_STOPS.values()), widget=forms.RadioSelect
        )
        what.widget.choices = stops_of(state)
        self.fields["what"] = what


_STOPS = {
    TerminalAction.LOCK: (
        "lock",
        _("Lock it from afar: its session is cut; another person lifts the lock"),
    ),
    TerminalAction.QUARANTINE: (
        "quarantine",
        _("Quarantine it: two people release it, after a look at it"),
    ),
    TerminalAction.LOSE: ("lost", _("It is gone: report it lost")),
}


def stops_of(state: TerminalState) -> list[tuple[str, Promise]]:
    """How a laptop in this state can be stopped, mildest first."""
    allowed = TERMINAL.allowed(state)
    return [said for action, said in _STOPS.items() if action in allowed]

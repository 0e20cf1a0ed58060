"""Forms of the airlock. They read what was said; services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from terminals.models import Ground, Part, Verdict
from terminals.services.airlock import LONGEST_CONTEXT
from terminals.services.appeal import LONGEST

_LINES = forms.Textarea(attrs={"rows": 4})


class DraftForm(forms.Form):
    """Under which engagement, and what it is called."""

    engagement = forms.ModelChoiceField(
        label=_("Engagement"), queryset=Engagement.objects.none(), empty_label=None
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("Checkers and the journal call it so; say nothing secret here."),
    )

    def __init__(self, data: Any = None, *, engagements: Any) -> None:
        super().__init__(data)
        self.fields["engagement"].queryset = engagements  # type: ignore[attr-defined]  # a Field to the stubs


class TakeOutForm(forms.Form):
    """Which of the files that the harness has put out."""

    name = forms.ChoiceField(label=_("File that the harness has put out"))

    def __init__(self, data: Any = None, *, names: list[str]) -> None:
        super().__init__(data)
        self.fields["name"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]  # a Field to the stubs


class BringForm(forms.Form):
    """The file that is to come in."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)


class SealForm(forms.Form):
    """What the checkers are told about it."""

    context = forms.CharField(
        label=_("Context"),
        max_length=LONGEST_CONTEXT,
        widget=_LINES,
        help_text=_("What it is, how it came about, what it is for. Checkers read it first."),
    )


class ApproveForm(forms.Form):
    """The inspection of what comes in; an export needs none."""

    inspection = forms.CharField(
        label=_("Inspection"),
        max_length=300,
        help_text=_("What it was searched for harm with, how old its lists are, what it found."),
    )

    def __init__(self, data: Any = None, *, inspected: bool) -> None:
        super().__init__(data)
        if not inspected:
            del self.fields["inspection"]


class RefuseForm(forms.Form):
    """Sent back or rejected: on a ground of the closed list, with the place."""

    verdict = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=[
            (Verdict.CHANGES, _("Changes: it may come again without that")),
            (Verdict.REJECT, _("Rejected: its author may appeal")),
        ],
    )
    ground = forms.ChoiceField(label=_("Security ground"), choices=Ground.choices)
    reason = forms.CharField(
        label=_("Where it applies"),
        max_length=1_000,
        widget=_LINES,
        help_text=_(
            "The author reads this and keeps it: say where in the item, not what is there."
        ),
    )


class AppealForm(forms.Form):
    """Why the ground does not apply."""

    statement = forms.CharField(
        label=_("Why the ground does not apply"), max_length=LONGEST, widget=_LINES
    )


class VoteForm(forms.Form):
    """One vote of the appeal body."""

    upholds = forms.ChoiceField(
        label=_("Your vote"),
        choices=[("yes", _("Uphold: it may be released")), ("no", _("Dismiss: it stays rejected"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=_LINES)


class NameForm(forms.Form):
    """Whom to name, and for what."""

    part = forms.ChoiceField(label=_("Part"), choices=Part.choices)
    login = forms.CharField(
        label=_("Name by which he signs in"), max_length=150, help_text=_("Ask him for it.")
    )

    def __init__(self, data: Any = None, *, lab: bool) -> None:
        super().__init__(data)
        if not lab:
            self.fields["part"].choices = [(Part.APPEAL.value, Part.APPEAL.label)]  # type: ignore[attr-defined]  # a Field to the stubs

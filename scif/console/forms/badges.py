"""A badge that was lost and is handed in."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from access.models import Badge
from access.services.badge_found import LONGEST


class FoundForm(forms.Form):
    """Which one, by its printed number, and where it was."""

    badge = forms.ModelChoiceField(label=_("Printed number"), queryset=Badge.objects.none())
    where = forms.CharField(
        label=_("Where it was, and who handed it in"),
        max_length=LONGEST,
        help_text=_("A few words are enough; the journal keeps them with your name."),
    )

    def __init__(self, *args: Any, lost: QuerySet[Badge], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["badge"].queryset = lost  # type: ignore[attr-defined]  # a Field to the stubs

"""Forms of the sponsor's officer about registered places."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from terminals.models import RegisteredPlace


class PlaceRevokeForm(forms.Form):
    """Which place is to be used no more, and why."""

    place = forms.ModelChoiceField(label=_("Which place"), queryset=RegisteredPlace.objects.none())
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, data: Any = None, *, places: QuerySet[RegisteredPlace]) -> None:
        super().__init__(data)
        self.fields["place"].queryset = places  # type: ignore[attr-defined]  # a Field to the stubs

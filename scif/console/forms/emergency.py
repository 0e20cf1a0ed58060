"""What the guard enters to declare an emergency."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EmergencyForm(forms.Form):
    """The incident, and the alarm that it rests on, if one was taken."""

    incident = forms.CharField(
        label=_("Incident"), max_length=200, help_text=_("What happened, and where.")
    )
    alarm = forms.ChoiceField(label=_("Alarm that somebody else has taken"), required=False)

    def __init__(self, *args: Any, alarms: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["alarm"] = forms.ChoiceField(
            label=_("Alarm that somebody else has taken"),
            required=False,
            choices=[("", _("None: a second person confirms")), *alarms],
        )

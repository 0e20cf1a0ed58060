"""What is asked for when a door is to stand open, or its alarm is to be silent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hardware.models import StandingVerb


class StandingForm(forms.Form):
    """What, for how long, what for. Nothing is prefilled."""

    verb = forms.ChoiceField(label=_("What"), choices=StandingVerb, widget=forms.RadioSelect)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=1440)
    reason = forms.CharField(label=_("What for"), max_length=200)

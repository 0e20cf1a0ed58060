"""What is asked for when a door is to stand open, or its alarm is to be silent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.services.standing import standing_longest
from hardware.models import StandingVerb
from scif.facilities.models import Facility
from scif.kernel.errors import Refused


class StandingForm(forms.Form):
    """What, for how long, what for. Nothing is prefilled.

    The longest time is the policy's, for a hold another one than for a shunt: it is said beforehand
    and where it is exceeded. What the policy does not state, the service refuses.
    """

    verb = forms.ChoiceField(label=_("What"), choices=StandingVerb, widget=forms.RadioSelect)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1)
    reason = forms.CharField(label=_("What for"), max_length=200)

    def __init__(self, facility: Facility, data: Any = None) -> None:
        super().__init__(data)
        self._most: dict[str, int] = {}
        for verb in StandingVerb:
            try:
                self._most[verb] = standing_longest(facility, verb)
            except Refused:
                continue
        told = [
            _("%(what)s: at most %(most)d") % {"what": StandingVerb(verb).label, "most": most}
            for verb, most in self._most.items()
        ]
        self.fields["minutes"].help_text = "; ".join(told)

    def clean(self) -> dict[str, Any] | None:
        """No longer than the policy lets it last."""
        cleaned = super().clean() or {}
        most = self._most.get(str(cleaned.get("verb")))
        if most is not None and (cleaned.get("minutes") or 0) > most:
            words = _("The policy of this facility allows at most %(most)d minutes for this.")
            self.add_error("minutes", forms.ValidationError(words, params={"most": most}))
        return cleaned

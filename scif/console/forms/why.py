"""The question why: who, which door, when, with what in hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.selectors.why import VIEW, Assumed
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.people.access import visible


class WhyForm(forms.Form):
    """Asked by GET, so that a question can be kept as a link. It names doors of one's own only."""

    person = forms.CharField(
        label=_("Person"), max_length=160, help_text=_("Name, badge number or identifier.")
    )
    portal = forms.ModelChoiceField(label=_("Door"), queryset=Portal.objects.none())
    at = forms.CharField(
        label=_("When"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        help_text=_("Local to the facility; empty is now."),
    )
    assumed = forms.TypedChoiceField(
        label=_("Presented"),
        choices=[
            (Assumed.BADGE_AND_PIN.value, _("badge and the right PIN")),
            (Assumed.BADGE.value, _("badge, no PIN")),
            (Assumed.ORDER.value, _("nothing: a guard names the person")),
        ],
        coerce=Assumed,
        required=False,
        empty_value=Assumed.BADGE_AND_PIN,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doors = self.fields["portal"]
        if isinstance(doors, forms.ModelChoiceField):
            doors.queryset = visible(Portal.objects.order_by("code"), actor, VIEW)

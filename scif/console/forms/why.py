"""The question why: who, which door, when, with what in hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.selectors.why import VIEW, Assumed
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.people.access import visible
from terminals.models import RegisteredPlace
from terminals.selectors.place import places_for

Asked = Portal | RegisteredPlace


class WhereField(forms.ChoiceField):
    """A door or a registered place; cleans to the one that was chosen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._known: dict[str, Asked] = {}

    def offer(self, actor: Actor) -> None:
        """Those that the actor may ask about."""
        doors = list(visible(Portal.objects.select_related("zone__area__facility"), actor, VIEW)
                     .order_by("code"))  # fmt: skip
        places = list(places_for(actor, VIEW).order_by("engagement__reference", "name"))
        rows: list[Asked] = [*doors, *places]
        self._known = {str(each.pk): each for each in rows}
        named = [(str(each.pk), f"{each.engagement.reference}, {each}") for each in places]
        groups: list[Any] = [(_("Doors"), [(str(each.pk), str(each)) for each in doors])]
        if named:
            groups.append((_("Registered places"), named))
        self.choices = [("", "---------"), *groups]

    def clean(self, value: Any) -> Any:
        """The record."""
        return self._known[super().clean(value)]


class WhyForm(forms.Form):
    """Asked by GET, so that a question can be kept as a link. It names doors of one's own only."""

    person = forms.CharField(
        label=_("Person"), max_length=160, help_text=_("Name, badge number or identifier.")
    )
    portal = WhereField(
        label=_("Door or registered place"),
        help_text=_("At a door: may he enter? At a place outside: may he have a laptop there?"),
    )
    at = forms.CharField(
        label=_("When"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        help_text=_("Local to the facility; empty is now."),
    )
    assumed = forms.TypedChoiceField(
        label=_("Presented at a door"),
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
        where = self.fields["portal"]
        if isinstance(where, WhereField):
            where.offer(actor)

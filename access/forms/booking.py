"""Forms of the portal. They read what was asked; services decide."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from access.models import Booking, Engagement
from access.selectors.engagement import areas_of, team_choices
from access.selectors.escort import cleared_to_escort, escorts_offered, may_name_escort
from scif.facilities.models import Area
from scif.kernel.actor import Actor
from scif.people.models import Person

ESCORT = "escort_"
NOT_CLEARED = _("Has no final clearance and read-in for all that the room holds.")


class SlotForm(forms.Form):
    """What slot is looked for. What is missing or does not fit falls back to the first choice.

    An officer says beside each of the team who escorts him, if anybody; others are not asked.
    """

    engagement = forms.ChoiceField(label=_("Engagement"))
    area = forms.ChoiceField(label=_("Room"))
    people = forms.MultipleChoiceField(
        label=_("Team"), widget=forms.CheckboxSelectMultiple, required=False
    )
    length = forms.TypedChoiceField(label=_("Length"), coerce=int)
    instead = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        asked: dict[str, Any],
        *,
        engagement: Engagement,
        others: Any,
        longest: timedelta,
        actor: Actor,
        instead: Booking | None = None,
    ) -> None:
        self.mandate = engagement
        self.areas = {str(area.pk): area for area in areas_of(engagement)}
        self.people_by_id = {str(person.pk): person for person in team_choices(engagement)}
        lengths = _lengths(longest)
        room = _one(asked.get("area"), self.areas)
        given: dict[str, Any] = {
            "engagement": str(engagement.pk),
            "area": room,
            "people": [pk for pk in asked.get("people", []) if pk in self.people_by_id]
            or list(self.people_by_id),
            "length": _one(asked.get("length"), [str(value) for value, _label in lengths]),
            "instead": str(instead.pk) if instead else "",
        }
        offered = escorts_offered(actor, self.areas[room])
        self.nobody_to_escort = not offered and may_name_escort(actor, self.areas[room].facility)
        team = Person.objects.filter(pk__in=self.people_by_id)
        cleared = set(cleared_to_escort(team, self.areas[room]) if offered else ())
        self._names: dict[UUID | None, str] = {one.pk: one.name for one in offered}
        escorts = {
            f"{ESCORT}{pk}": [(str(one.pk), one.name) for one in offered if str(one.pk) != pk]
            for pk in (self.people_by_id if offered else ())
        }
        given |= {name: _given(asked.get(name), people) for name, people in escorts.items()}
        super().__init__(given, auto_id="ask_%s")
        for name, people in escorts.items():
            person = self.people_by_id[name.removeprefix(ESCORT)]
            self.fields[name] = forms.ChoiceField(
                label=person.name,
                choices=[("", _("No escort")), *people],
                required=False,
                help_text="" if person in cleared else NOT_CLEARED,
            )
        choices: dict[str, Any] = {
            "engagement": [
                (str(each.pk), f"{each.reference}, {each.sponsor}, {each.get_kind_display()}")
                for each in others
            ],
            "area": [(pk, area.name) for pk, area in self.areas.items()],
            "people": [(pk, person.name) for pk, person in self.people_by_id.items()],
            "length": lengths,
        }
        for name, values in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = values

    @property
    def room(self) -> Area:
        """The room asked for."""
        return self.areas[self.cleaned_data["area"]]

    @property
    def team(self) -> list[UUID]:
        """The people asked for."""
        return [UUID(pk) for pk in self.cleaned_data["people"]]

    @property
    def escorts(self) -> dict[UUID, UUID]:
        """Who escorts whom of the people asked for."""
        named = {pk: self.cleaned_data.get(f"{ESCORT}{pk}", "") for pk in self.team}
        return {pk: UUID(escort) for pk, escort in named.items() if escort}

    def escort_words(self, person_id: UUID) -> str:
        """The name of who escorts one of the people asked for; empty where nobody does."""
        return self._names.get(self.escorts.get(person_id), "")

    @property
    def escort_fields(self) -> list[forms.BoundField]:
        """The choices of an escort, a field for each of the team; none for whoever names none."""
        return [self[name] for name in self.fields if name.startswith(ESCORT)]

    @property
    def span(self) -> timedelta:
        """The length asked for."""
        return timedelta(minutes=self.cleaned_data["length"])


class RequestForm(forms.Form):
    """The last questions before a slot is asked for."""

    start = forms.ChoiceField(
        label=_("Begins at"), help_text=_("Local time of the room, in quarter hours.")
    )
    purpose = forms.CharField(
        label=_("What you will work on"),
        help_text=_("One line for the officer who decides. Nothing protected."),
        max_length=200,
        error_messages={"required": _("Say in one line what you will work on.")},
    )
    # Of the sender's choosing: a form that is sent twice asks for one slot.
    booking_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, starts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["start"]
        if isinstance(field, forms.ChoiceField):
            field.choices = starts
            field.error_messages["invalid_choice"] = _(
                "That time is not free any more. Choose one from the list."
            )


class CancelForm(forms.Form):
    """Why a booking is given up."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Optional. The officer and your team read it."),
        max_length=300,
        required=False,
    )


def _lengths(longest: timedelta) -> list[tuple[int, str]]:
    """From one hour to the longest, in hours; two hours and a half are asked for as three."""
    hours = max(1, int(longest / timedelta(hours=1)))
    return [
        (60 * number, ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number})
        for number in range(1, hours + 1)
    ]


def _given(value: Any, choices: list[tuple[str, str]]) -> str:
    """The value if it is one of the choices, else nothing."""
    return str(value) if value in dict(choices) else ""


def _one(value: Any, choices: Any) -> str:
    """The value if it is one of the choices, else a default: three hours, or the first."""
    known = list(choices)
    if value in known:
        return str(value)
    return "180" if "180" in known else (known[0] if known else "")

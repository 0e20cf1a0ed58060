"""Fields that choose a record: people by name, levels under the name of their scheme."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.forms import Form, ModelChoiceField
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from access.selectors.escort import cleared_at
from access.selectors.people import people_of
from scif.facilities.models import Area, Facility, Level
from scif.kernel.actor import Actor
from scif.people.access import facilities_of_act
from scif.people.models import Person


class _ByScheme(ModelChoiceIterator):  # type: ignore[type-arg]  # no item at run time
    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        levels = self.queryset.order_by("scheme__name", "rank")
        for scheme, group in groupby(levels, lambda level: level.scheme):
            yield scheme.name, [self.choice(level) for level in group]


class LevelField(ModelChoiceField):  # type: ignore[type-arg]  # Django's class has no item at run time
    """A level, offered scheme by scheme: SECRET of one scheme is not SECRET of another."""

    iterator = _ByScheme

    def __init__(self, queryset: Any = None, **options: Any) -> None:
        levels = Level.objects.all() if queryset is None else queryset
        super().__init__(levels.select_related("scheme"), **options)


class PersonField(ModelChoiceField):  # type: ignore[type-arg]  # no item at run time
    """A person; nobody is offered until :func:`people_offer` knows who asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Person.objects.none(), **options)


class EscortField(PersonField):
    """Who escorts somebody on duty: whoever may, with the areas where; the others are left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._where: dict[UUID, list[Area]] = {}

    def offer(self, facilities: Iterable[Facility]) -> None:
        """Offer, of those whom :func:`people_offer` lets choose, the ones cleared there."""
        people = self.queryset if self.queryset is not None else Person.objects.none()
        where: dict[UUID, list[Area]] = {}
        for facility in facilities:
            for pk, areas in cleared_at(people, facility).items():
                where.setdefault(pk, []).extend(areas)
        # Anew, never added to: the copies that forms make of a field share what it holds.
        self._where = where
        self.queryset = people.filter(pk__in=where)

    def may_at(self, person: Person, facility: Facility) -> bool:
        """Whether somebody who was chosen may escort anywhere at that facility."""
        return any(area.facility_id == facility.pk for area in self._where.get(person.pk, ()))

    def label_from_instance(self, obj: Person) -> str:
        """By name, and where he is cleared to escort."""
        areas = ", ".join(area.name for area in self._where.get(obj.pk, ()))
        return f"{obj} ({areas})" if areas else str(obj)


def people_offer(form: Form, actor: Actor, *, besides: Person | None = None) -> None:
    """Offer the people whom the actor may see, without the one whom the form is about."""
    for field in form.fields.values():
        if isinstance(field, PersonField):
            people = people_of(actor, "people.view_person")
            field.queryset = people.exclude(pk__in=[besides.pk] if besides else []).order_by("name")


class OfficersField(ModelChoiceField):  # type: ignore[type-arg]  # Django's class has no item at run time
    """Whose officers are asked; :func:`officers_offer` says which they can be."""

    def __init__(self) -> None:
        super().__init__(
            Facility.objects.none(),
            label=_("Ask the officers of"),
            help_text=_("Another officer of this facility confirms it."),
            empty_label=None,
        )


def officers_offer(form: Form, actor: Actor, permission: str, person_id: UUID) -> None:
    """Offer the facilities that the person is of, or all of the actor's for somebody of none.

    Where there is one only, it is shown and stays.
    """
    for field in form.fields.values():
        if isinstance(field, OfficersField):
            keys = facilities_of_act(actor, permission, person_id)
            field.queryset = Facility.objects.filter(pk__in=keys).order_by("code")
            field.initial = next(iter(keys), None)
            field.disabled = len(keys) < 2

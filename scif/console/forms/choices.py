"""Fields that choose a record: people by name, levels under the name of their scheme."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.forms import Form, ModelChoiceField
from django.forms.models import ModelChoiceIterator

from access.selectors.people import people_of
from scif.facilities.models import Level
from scif.kernel.actor import Actor
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


class PersonField(ModelChoiceField):  # type: ignore[type-arg]  # as LevelField
    """A person; nobody is offered until :func:`people_offer` knows who asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Person.objects.none(), **options)


def people_offer(form: Form, actor: Actor, *, besides: Person | None = None) -> None:
    """Offer the people whom the actor may see, without the one whom the form is about."""
    for field in form.fields.values():
        if isinstance(field, PersonField):
            people = people_of(actor, "people.view_person")
            field.queryset = people.exclude(pk__in=[besides.pk] if besides else []).order_by("name")

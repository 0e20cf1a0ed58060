"""Fields that choose a record: levels stand under the name of their scheme."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.forms import ModelChoiceField
from django.forms.models import ModelChoiceIterator

from scif.facilities.models import Level


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

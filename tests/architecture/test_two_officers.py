"""Whatever officers can edit of a place is judged: does it weaken the place or not?"""

import os
from pathlib import Path

import pytest
from django.contrib import admin

from access.services.edit import EDITABLE
from scif.console.admin.places import PlaceAdmin
from scif.facilities.models import Record
from scif.facilities.rules.weakening import WEAKENS, document
from scif.facilities.selectors.reference import record_said
from scif.people.admin.base import ReferenceAdmin
from scif.people.models import Organisation, Person

PAGE = Path(__file__).resolve().parents[2] / "docs" / "two-officers.md"
EDITED = {
    model: page for model, page in admin.site._registry.items() if isinstance(page, ReferenceAdmin)
}
# One officer names people and what they are; each of their rights rests on a record of its own.
OF_PEOPLE = {Organisation, Person}


def test_what_officers_edit_is_a_place_or_a_person() -> None:
    places = {model for model, page in EDITED.items() if isinstance(page, PlaceAdmin)}
    assert places == set(EDITABLE)
    assert set(EDITED) - places == OF_PEOPLE
    assert {str(model._meta.model_name) for model in places} == set(WEAKENS)


@pytest.mark.parametrize("model", EDITABLE, ids=lambda model: model.__name__)
def test_each_field_is_judged(model: type[Record]) -> None:
    meta = model._meta
    fields = [f.name for f in meta.concrete_fields if f.editable]
    many = [f.name for f in meta.many_to_many]
    assert set(WEAKENS[str(meta.model_name)]) == {*fields, *many}


def test_all_that_is_judged_is_compared() -> None:
    for model in EDITABLE:
        many: dict[str, list[Record]] = {field.name: [] for field in model._meta.many_to_many}
        assert set(record_said(model(), many)) == set(WEAKENS[str(model._meta.model_name)])


def test_the_page_of_two_officers_is_current() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "python -m scif.facilities.rules.weakening writes it"
    )

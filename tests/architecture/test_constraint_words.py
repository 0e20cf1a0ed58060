"""What a record's own constraints refuse reaches officers' forms: in words, never by a name."""

import importlib

from django.contrib import admin
from django.db.models import Model, UniqueConstraint

from scif.facilities.models import Record
from scif.people.admin.base import ReferenceAdmin
from tests.architecture.sources import files, name_of


def checked() -> set[type[Model]]:
    """The models whose constraints a form can run into, and some of those beside them.

    Their records are edited in the web admin, or a service checks them whole before it saves them.
    """
    found: set[type[Model]] = {
        model for model, page in admin.site._registry.items() if isinstance(page, ReferenceAdmin)
    }
    for path in files():
        if "services" in path.parts and "full_clean()" in path.read_text():
            module = importlib.import_module(name_of(path).removesuffix(".py").replace("/", "."))
            found |= {
                each
                for each in vars(module).values()
                if isinstance(each, type) and issubclass(each, Record) and each is not Record
            }
    return found


def worded_by_django(constraint: object) -> bool:
    """Django words the refusal of a second record of the same fields by itself."""
    return isinstance(constraint, UniqueConstraint) and not (
        constraint.condition or constraint.expressions
    )


def test_what_a_form_can_run_into_is_said_in_words() -> None:
    models = checked()
    assert len(models) > len(admin.site._registry) / 3
    silent = [
        constraint.name
        for model in models
        for constraint in model._meta.constraints
        if not worded_by_django(constraint)
        and constraint.violation_error_message == constraint.default_violation_error_message
    ]
    assert silent == []

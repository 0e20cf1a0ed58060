"""Every page that an officer edits saves, in transactions of its own as in production.

A test's own transaction would hide what needs one and has none.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.forms import Form, MultiWidget
from django.test import Client

from scif.people.models import Person
from tests.api.url_rows import ADMIN_LISTS, READ
from tests.factories import Place, make_place

EDITED = sorted(label for label, (kind, _own) in ADMIN_LISTS.items() if kind != READ)


@pytest.fixture
def place(committed_database: str) -> Place:
    return make_place("own")


def sent_by(form: Form) -> Iterator[tuple[str, Any]]:
    """What the form would send as it is shown, a day and a time of day as two fields."""
    for field in form:
        value, widget = field.value(), field.field.widget
        if isinstance(widget, MultiWidget):
            parts = widget.decompress(value) or ()
            yield from ((f"{field.name}_{n}", part) for n, part in enumerate(parts) if part)
        elif value is not None and value is not False:
            yield field.name, value


def test_every_record_is_saved_as_it_stands(place: Place) -> None:
    client = Client()
    client.force_login(place.users["officer"])
    refused = {}
    for label in EDITED:
        app, model = label.split(".")
        page = f"/admin/{app}/{model}/{place.records[label].pk}/change/"
        form = client.get(page).context["adminform"].form
        answer = client.post(page, dict(sent_by(form)))
        if answer.status_code != 302:
            refused[label] = (answer.status_code, answer.context["errors"])
    assert not refused
    assert len(EDITED) > 5


def test_what_is_mended_of_a_person_stands_there(place: Place) -> None:
    client = Client()
    client.force_login(place.users["officer"])
    person = place.world.lead
    page = f"/admin/people/person/{person.pk}/change/"
    form = client.get(page).context["adminform"].form
    sent = dict(sent_by(form))
    assert client.post(page, {**sent, "email": "new@northgate.example"}).status_code == 302
    assert Person.objects.get(pk=person.pk).email == "new@northgate.example"

"""Hostile text stays text in the database and in the journal (on pages: test_every_url)."""

import pytest
from django.db import transaction
from django.test import Client

from scif.journal.models import Outbox
from scif.journal.services import append
from scif.kernel.actor import Actor
from tests.factories import Place, make_place

pytestmark = pytest.mark.django_db
HOSTILE = (
    "Robert'); DROP TABLE access_visit;--",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    '=HYPERLINK("http://x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\u202emoc\u2066",
)


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_search_takes_it_as_text(client: Client, place: Place, text: str) -> None:
    client.force_login(place.users["officer"])
    found = client.get("/admin/people/person/", {"q": text})
    assert found.status_code in {200, 302}


@pytest.mark.parametrize("text", HOSTILE)
def test_the_journal_and_a_name_keep_it_as_it_is(place: Place, text: str) -> None:
    person = place.world.lead
    person.name = text
    person.save()
    person.refresh_from_db()
    assert person.name == text
    with transaction.atomic():
        append(
            kind="test.written",
            actor=Actor.system("test"),
            subject=("test", "1"),
            body={"text": text},
        )
    assert Outbox.objects.latest("pk").data == {"text": text}

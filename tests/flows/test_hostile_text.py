"""Hostile text: it stays text in the database, in the journal and on every page."""

import pytest
from django.db import transaction
from django.test import Client

from scif.journal.models import Outbox
from scif.journal.services import append
from scif.kernel.actor import Actor
from tests.api.test_every_url import addresses, ask, row_of
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
MARKUP = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>")


@pytest.fixture
def place() -> Place:
    """A facility in which everything that has a name has a hostile one."""
    made = make_place("own")
    world = made.world
    for thing in (world.lead, world.lead.organisation, world.area, world.engagement.asset):
        thing.name = "".join(HOSTILE[2:4])
        thing.save()
    for user in made.users.values():
        if user.person is not None:
            user.person.name = "".join(HOSTILE[2:4])
            user.person.save()
    return made


@pytest.mark.parametrize("role", ["officer", "guard"])
def test_no_page_carries_a_name_as_markup(client: Client, place: Place, role: str) -> None:
    client.force_login(place.users[role])
    seen, wrong = 0, []
    for address in addresses():
        row = row_of(address)
        assert row
        if address.key.endswith("logout") or row.method == "post":
            continue
        answer = ask(client, address, place, row)
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        seen += "&lt;script&gt;alert(1)" in page
        wrong += [address.key for each in MARKUP if each in page]
    assert not wrong
    assert seen, "the names were on no page at all"


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

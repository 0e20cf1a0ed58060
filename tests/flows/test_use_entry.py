"""The lab opens the entries of its own engagement, and nobody else's."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from access.models import Engagement
from scif.journal.models import Checkpoint, Entry
from scif.journal.services import settle
from scif.people.models import Organisation, Person, User
from scif.runtime.postgres import Postgres
from tests.flows.use_world import JUDGES, Used, used_apart
from tests.logins import signed_in


@pytest.fixture(scope="module")
def used(
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Used]:
    """In a database of the module's own, whose journal is numbered and signed."""
    with used_apart(postgres, django_db_blocker, tmp_path_factory.mktemp("entries")) as made:
        settle(timeout_seconds=30)
        yield made


def login_of(person: Person) -> str:
    return person.user.username


def lab_of(used: Used) -> str:
    return login_of(used.engagement.sponsor.officer)


def last_about(subject_type: str, key: object) -> Entry:
    return Entry.objects.filter(subject_type=subject_type, subject_id=str(key)).latest("position")


def page_of(used: Used, entry: Entry) -> str:
    return reverse("use:entry", args=[used.engagement.pk, entry.position])


def test_each_number_leads_the_lab_to_its_entry(used: Used) -> None:
    client = signed_in(lab_of(used))
    text = client.get(reverse("use:use", args=[used.engagement.pk])).content.decode()
    addresses = set(re.findall(r'<span class="entry"><a href="([^"]+)"', text))
    assert page_of(used, last_about("terminals.session", used.cut.pk)) in addresses
    assert page_of(used, last_about("terminals.airlockitem", used.released.pk)) in addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_an_entry_tells_what_when_its_hash_and_the_checkpoint(used: Used) -> None:
    entry = last_about("terminals.session", used.cut.pk)
    text = signed_in(lab_of(used)).get(page_of(used, entry)).content.decode()
    checkpoint = Checkpoint.objects.filter(size__gt=entry.position).earliest("size")
    assert "Session ended" in text
    assert str(used.cut.person) in text
    assert bytes(entry.leaf_hash).hex() in text
    assert bytes(checkpoint.root).hex() in text
    assert used.cut.grant_id not in text


def test_an_officer_is_led_to_the_whole_entry(used: Used) -> None:
    page = reverse("use:use", args=[used.engagement.pk])
    text = signed_in("p.ngata").get(page).content.decode()
    entry = last_about("terminals.session", used.cut.pk)
    assert reverse("admin:journal_entry_change", args=[entry.position]) in text


def test_whoever_does_not_read_the_page_knows_of_no_entry(used: Used) -> None:
    address = page_of(used, last_about("terminals.session", used.cut.pk))
    for login in (login_of(used.cut.person), "e.hughes", JUDGES[0]):
        assert signed_in(login).get(address).status_code == 404, login


def test_entries_about_anything_else_are_not_there(used: Used) -> None:
    client = signed_in(lab_of(used))
    of_others = (
        last_about("terminals.terminal", used.cut.terminal_id),
        Entry.objects.filter(kind="policy.published").last(),
        Entry.objects.filter(kind="alarm.raised").last(),
    )
    for entry in filter(None, of_others):
        assert client.get(page_of(used, entry)).status_code == 404, entry
    for position in (10**7, 10**40):
        address = reverse("use:entry", args=[used.engagement.pk, position])
        assert client.get(address).status_code == 404, position


def test_another_lab_has_neither_the_page_nor_the_entry_under_its_own(used: Used) -> None:
    rival = Organisation.objects.create(name="Rival AI", kind="lab", country="NO")
    other = Person.objects.create(name="Rik Bos", organisation=rival)
    User.objects.create_user("rik.bos", password="a long one", person=other)
    theirs = Engagement.objects.exclude(pk=used.engagement.pk).select_related("sponsor").first()
    assert theirs is not None
    theirs.sponsor.pk, theirs.sponsor.organisation, theirs.sponsor.officer = None, rival, other
    theirs.sponsor._state.adding = True
    theirs.sponsor.save()
    Engagement.objects.filter(pk=theirs.pk).update(sponsor=theirs.sponsor)
    client = signed_in("rik.bos")
    assert client.get(reverse("use:use", args=[theirs.pk])).status_code == 200
    entry = last_about("terminals.session", used.cut.pk)
    for engagement in (used.engagement, theirs):
        address = reverse("use:entry", args=[engagement.pk, entry.position])
        assert client.get(address).status_code == 404

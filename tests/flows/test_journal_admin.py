"""The journal in the admin: read, search, nothing else, and only one's own facilities."""

from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from scif.facilities.models import Facility, Level, PolicyProfile, SecurityScheme
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Organisation, Person, User
from scif.people.rules.roles import Role
from tests.flows.journal_lab import Lab

LIST = "/admin/journal/entry/"


def _facility(code: str) -> Facility:
    scheme, _ = SecurityScheme.objects.get_or_create(code="test", defaults={"name": "Test"})
    level, _ = Level.objects.get_or_create(
        scheme=scheme, code="low", defaults={"name": "Low", "rank": 1}
    )
    policy, _ = PolicyProfile.objects.get_or_create(
        code="test",
        version=1,
        defaults={"title": "Test", "values": {}, "published_at": now()},
    )
    return Facility.objects.create(code=code, name=code, policy=policy, marking=level)


def _journal(kind: str, facility: UUID | None, text: str) -> None:
    with transaction.atomic():
        append(
            kind=kind,
            actor=Actor.system("test"),
            subject=("test.subject", text),
            facility=facility,
            body={"name": text},
        )


@pytest.fixture
def officer(lab: Lab) -> Client:
    """Signed in as the officer of "here", after three entries: 0 here, 1 there, 2 of no place."""
    here, there = _facility("here"), _facility("there")
    user = User.objects.create(username="officer", is_staff=True)
    FacilityRole.objects.create(user=user, facility=here, role=Role.OFFICER, valid_from=now())
    _journal("here.written", here.pk, "<b>Ada</b>")
    _journal("there.written", there.pk, "Grace")
    _journal("nowhere.written", None, "Joan")
    lab.fill(3)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_officer_reads_his_own_facilities(officer: Client) -> None:
    page = officer.get(LIST).content.decode()
    assert "here.written" in page
    assert "there.written" not in page
    assert "nowhere.written" not in page
    detail = officer.get(f"{LIST}0/change/").content.decode()
    assert "&lt;b&gt;Ada&lt;/b&gt;" in detail
    for position in (1, 2, 99):
        assert officer.get(f"{LIST}{position}/change/").status_code == 302
    assert "here.written" in officer.get(LIST, {"q": "here."}).content.decode()
    assert "0 journal entries" in officer.get(LIST, {"q": "nothing"}).content.decode()
    assert "1 journal entry" in officer.get(LIST, {"kind": "here.written"}).content.decode()


def test_nobody_changes_an_entry_in_the_admin(officer: Client) -> None:
    assert officer.get(f"{LIST}add/").status_code == 403
    assert officer.post(f"{LIST}0/change/", {"kind": "x"}).status_code == 403
    assert officer.post(f"{LIST}0/delete/", {"post": "yes"}).status_code == 403


def test_without_a_role_there_is_no_journal(officer: Client) -> None:
    client = Client()
    for flags in ({"is_staff": True}, {"is_staff": True, "is_superuser": True}):
        user = User.objects.create(username=f"visitor{len(flags)}", **flags)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(LIST).status_code in {302, 403}
        assert client.get(f"{LIST}0/change/").status_code in {302, 403}


def test_names_stand_beside_the_pseudonyms_of_what_the_reader_may_see(
    officer: Client, lab: Lab
) -> None:
    user = User.objects.get(username="officer")
    user.person = Person.objects.create(
        name="Ada Officer", organisation=Organisation.objects.create(name="Here", kind="lab")
    )
    user.save()
    here, there = (Facility.objects.get(code=code) for code in ("here", "there"))
    with transaction.atomic():
        for place, name in ((here, "Mill Lane"), (there, "Building 7")):
            place.name = name
            place.save()
            append(
                kind="facility.changed",
                actor=Actor.user(user.pk, None),
                subject=place,
                facility=here.pk,
                body={},
            )
    lab.fill(2)
    page = officer.get(LIST).content.decode()
    for shown in ("Ada Officer", str(user.pk), "Mill Lane", str(here.pk), str(there.pk)):
        assert shown in page
    assert "Building 7" not in page
    # By what stands there in words: a name, what an entry is about, what its kind is called.
    for words in ("Ada Officer", "mill lane", "facility changed"):
        found = officer.get(LIST, {"q": words})
        listed = {entry.kind for entry in found.context["cl"].result_list}
        assert listed == {"facility.changed"}, words
    about_there = officer.get(LIST, {"q": "Building 7"}).context["cl"].result_count
    assert about_there == 0, "a record that the reader may not see is found by no name"


def test_what_another_facility_did_about_a_shared_person_stays_there(
    officer: Client, lab: Lab
) -> None:
    here, there = Facility.objects.get(code="here"), Facility.objects.get(code="there")
    operator = Organisation.objects.create(name="Operator", kind="operator", country="GB")
    person = Person.objects.create(name="Ada Shared", organisation=operator)
    for facility, kind in ((here, "pin.set"), (there, "why.asked"), (there, "person.changed")):
        with transaction.atomic():
            append(kind=kind, actor=Actor.system("test"), subject=person, facility=facility.pk)
    lab.fill(6)
    page = officer.get(f"/admin/history/people.person/{person.pk}/").content.decode()
    assert "pin.set" in page
    assert "why.asked" not in page
    assert "person.changed" in page, "his own data are the same for all who see him"

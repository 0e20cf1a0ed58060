"""People from a file: looked at first, entered all at once, or nobody."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scif.journal.models import Outbox
from scif.kernel.errors import NotPermitted, Refused
from scif.people.models import Citizenship, Organisation, Person
from scif.people.rules.people_file import COLUMNS, lines_of, text_of_file
from scif.people.services.person import people_import, person_add
from tests.factories import Place, make_place
from tests.flows.booking_world import actor

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/people/person/"
IMPORT = "/admin/people/import/"
INVALID, CONFLICT = 422, 409
HEAD = "name,title,organisation,email,citizenships\n"
SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "people.csv"


@pytest.fixture
def own() -> Place:
    place = make_place("own")
    Organisation.objects.create(name="Meridian", kind="auditor", country="PT")
    return place


@pytest.fixture
def officer(own: Place) -> Client:
    client = Client()
    client.force_login(own.users["officer"])
    return client


def upload(client: Client, content: bytes) -> Any:
    """The test client's response, with the context of its page."""
    file = SimpleUploadedFile("people.csv", content, content_type="text/csv")
    return client.post(IMPORT, {"file": file})


def people(count: int) -> str:
    rows = [f"Ada {n} Ω,Dr,meridian,ada{n}@meridian.example,PT BR\n" for n in range(count)]
    return HEAD + "".join(rows)


def counted() -> tuple[int, int, int]:
    return Person.objects.count(), Citizenship.objects.count(), Outbox.objects.count()


def test_the_list_of_people_leads_to_the_import(officer: Client, own: Place) -> None:
    assert IMPORT in officer.get(ADDRESS).content.decode()
    compliance = Client()
    compliance.force_login(own.users["compliance"])
    assert IMPORT not in compliance.get(ADDRESS).content.decode()


def test_people_are_looked_at_then_entered_in_one_act(officer: Client, own: Place) -> None:
    before = counted()
    shown = upload(officer, people(3).encode("utf-8-sig"))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "3 new, 0 already known, 0 faulty" in page
    assert "Import 3 people" in page
    assert counted() == before, "looking writes nothing"
    text = shown.context["confirm"].initial["text"]
    done = officer.post(IMPORT, {"text": text, "expected": 3})
    assert done.status_code == 302
    ada = Person.objects.get(email="ada1@meridian.example")
    assert (ada.name, ada.title, ada.organisation.name) == ("Ada 1 Ω", "Dr", "Meridian")
    assert sorted(ada.citizenships.values_list("country", flat=True)) == ["BR", "PT"]
    told = [e.fields for e in Outbox.objects.all() if e.fields["kind"] == "person.created"]
    assert len(told) == 3, "an entry for each"
    assert {each["facility"] for each in told} == {str(own.world.facility.pk)}
    # The same file again: everybody is known, and nothing can be pressed.
    again = upload(officer, people(3).encode())
    assert "0 new, 3 already known, 0 faulty" in again.content.decode()
    assert "Nobody in the file is new." in again.content.decode()


def test_whoever_is_known_stays_as_he_is(officer: Client, own: Place) -> None:
    known = own.world.lead
    known.email = "Ada0@Meridian.example"
    known.save()
    shown = upload(officer, people(2).encode())
    assert "1 new, 1 already known, 0 faulty" in shown.content.decode()
    text = shown.context["confirm"].initial["text"]
    assert officer.post(IMPORT, {"text": text, "expected": 1}).status_code == 302
    assert Person.objects.get(pk=known.pk).name == known.name


def test_somebody_of_another_facility_is_not_told_to_be_known(officer: Client) -> None:
    other = make_place("far").world.lead
    other.email = "ada0@meridian.example"
    other.save()
    page = upload(officer, people(1).encode()).content.decode()
    assert "1 new, 0 already known" in page
    assert other.name not in page


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Ada,,No such place,ada@m.example,PT", "No organisation of this name"),
        ("Ada,,Meridian,not an address,PT", "valid email"),
        ("Ada,,Meridian,ada@m.example,PT XX", "XX is the code of no country"),
        ("=1+1,,Meridian,ada@m.example,PT", "formula"),
        ("Ada\u202e,,Meridian,ada@m.example,PT", "reading direction"),
        ("Ada," + "x" * 41 + ",Meridian,ada@m.example,PT", "40"),
        ("Ada,,Meridian,ada0@meridian.example,PT", "Line 2 has the same"),
    ],
)
def test_one_faulty_line_stops_all(officer: Client, line: str, words: str) -> None:
    before = counted()
    content = people(1) + line + "\n"
    shown = upload(officer, content.encode())
    page = shown.content.decode()
    assert "1 new, 0 already known, 1 faulty" in page
    assert words in page
    assert "all are entered, or nobody" in page
    # Whoever presses all the same finds nothing done.
    forced = officer.post(IMPORT, {"text": content, "expected": 1})
    assert forced.status_code == CONFLICT
    assert "Line 3 is faulty." in forced.content.decode()
    assert counted() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "no CSV file"),
        ((HEAD + "José,,Meridian,j@m.example,PT\n").encode("latin-1"), "Line 2 is not in UTF-8"),
        (HEAD.encode() + b"A\0da,,Meridian,ada@m.example,PT\n", "Line 2 holds a NUL"),
        (b"Ada,,Meridian,ada@m.example,PT\n", "must name the columns"),
        (people(501).encode(), "more than 500 people"),
        (people(10_000).encode(), "are the most"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(officer: Client, content: bytes, words: str) -> None:
    before = counted()
    shown = upload(officer, content)
    assert shown.status_code == INVALID
    assert words in shown.content.decode()
    assert counted() == before


def test_what_changed_after_the_look_is_looked_at_again(officer: Client, own: Place) -> None:
    text = people(2)
    person_add(
        name="Ada",
        organisation=Organisation.objects.get(name="Meridian"),
        citizenships=["PT"],
        email="ada1@meridian.example",
        actor=actor(own.world.officer),
    )
    before = counted()
    page = officer.post(IMPORT, {"text": text, "expected": 2})
    assert page.status_code == CONFLICT
    assert "Import 1 person" in page.content.decode()
    assert counted() == before
    assert officer.post(IMPORT, {"text": text}).status_code == INVALID


def test_only_an_officer_enters_people(own: Place) -> None:
    with pytest.raises(NotPermitted):
        people_import(text=people(1), expected=1, actor=actor(own.world.lead))
    with pytest.raises(Refused) as refusal:
        people_import(text="", expected=1, actor=actor(own.world.officer))
    assert refusal.value.code == "people_file"


def test_one_person_is_added_with_the_citizenships_that_caveats_look_at(officer: Client) -> None:
    organisation = Organisation.objects.get(name="Meridian")
    form = {"name": "Ada New", "organisation": organisation.pk, "email": "ada@m.example"}
    for wrong in ("", "Portugal", "PT PT"):
        page = officer.post(f"{ADDRESS}add/", form | {"citizenships": wrong})
        assert page.status_code == 200, "the form is shown again"
        assert not Person.objects.filter(name="Ada New").exists()
    assert officer.post(f"{ADDRESS}add/", form | {"citizenships": "pt BR"}).status_code == 302
    person = Person.objects.get(name="Ada New")
    assert sorted(person.citizenships.values_list("country", flat=True)) == ["BR", "PT"]


def test_the_sample_of_the_documentation_is_a_file_that_is_taken() -> None:
    lines = lines_of(text_of_file(SAMPLE.read_bytes(), most_bytes=10_000), most_rows=50)
    assert lines
    assert not any(line.faults for line in lines)
    assert set(lines[0].cells) == set(COLUMNS)

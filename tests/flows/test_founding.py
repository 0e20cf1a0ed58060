"""A facility is founded from a file, with gateways and first officers: all of it or nothing."""

import io
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from access.rules.founding import FoundingFault, founding_of
from access.services.founding import facility_found
from hardware.models import Gateway
from scif.facilities.models import Facility, Level, PolicyProfile, SecurityScheme
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.models import FacilityRole, Organisation, Person, User
from tests.logins import signed_in

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "found.toml"
OPERATOR = Actor.system("operator")
CHOSEN = "sieben Winter am Kanal"
MADE = (Facility, Gateway, SecurityScheme, Level, PolicyProfile, Organisation, Person, User)

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    return tomllib.loads(SAMPLE.read_text(encoding="utf-8"))


def found(document: Document) -> Any:
    return facility_found(founding=founding_of(document), actor=OPERATOR)


def counted() -> list[int]:
    return [model._default_manager.count() for model in (*MADE, FacilityRole, Outbox)]


def second(document: Document) -> Document:
    """The same file for another facility."""
    other = deepcopy(document)
    other["facility"] |= {"code": "annex", "name": "Annex"}
    other["gateways"] = [{"code": "ANNEX", "name": "Gateway of the annex"}]
    return other


def test_the_sample_founds_a_facility_whose_officers_go_on_at_the_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("found", str(SAMPLE))
    lines = capsys.readouterr().out.splitlines()
    facility = Facility.objects.get(code="main")
    assert facility.marking.code == "T1"
    assert facility.policy.published_at
    assert facility.gateways.get().code == "MAIN"
    assert [line.split(":")[0] for line in lines[1:]] == ["a.first", "b.second"]
    path = lines[1].split()[1]
    client = Client()
    address = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": CHOSEN, "new_password2": CHOSEN})
    assert client.post("/login/", {"username": "a.first", "password": CHOSEN}).status_code == 302
    for page in ("/admin/", "/admin/hardware/state/", "/admin/facilities/area/add/", "/desk/main/"):
        assert client.get(page).status_code in {200, 302}, page
    assert "Example House" in client.get("/admin/facilities/facility/").content.decode()


def test_the_file_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SAMPLE.read_bytes())))
    call_command("found", "-")
    assert Facility.objects.filter(code="main").exists()


def test_it_is_all_in_the_journal_and_gives_the_role_to_both(document: Document) -> None:
    made = found(document)
    kinds = [row.fields["kind"] for row in Outbox.objects.all()]
    for kind in ("facility.created", "gateway.created", "gateway.published", "level.created"):
        assert kind in kinds
    for kind in ("account.created", "account.linked", "facilityrole.created"):
        assert kinds.count(kind) == 2
    officers = made.facility.roles.filter(role="officer", valid_until=None)
    assert sorted(each.user.username for each in officers) == ["a.first", "b.second"]
    bela = Person.objects.get(name="Bela Second")
    assert sorted(bela.citizenships.values_list("country", flat=True)) == ["GB", "HU"]


def test_a_facility_is_founded_once(document: Document) -> None:
    found(document)
    before = counted()
    with pytest.raises(Refused) as refused:
        found(document)
    assert refused.value.code == "founded_already"
    assert counted() == before


def test_a_second_one_takes_what_is_there_and_makes_no_link_for_a_known_account(
    document: Document,
) -> None:
    first = found(document)
    other = second(document)
    other["officers"][1] = {
        "username": "c.third",
        "name": "Cleo Third",
        "citizenships": ["GB"],
    }
    del other["scheme"]["levels"]
    made = found(other)
    assert list(made.links) == ["c.third"]
    assert made.facility.policy == first.facility.policy
    assert made.facility.marking == first.facility.marking
    assert Organisation.objects.filter(name="Example Reading Rooms").count() == 1
    ada = User.objects.get(username="a.first")
    assert {each.facility.code for each in ada.facility_roles.all()} == {"main", "annex"}
    assert signed_in(ada).get("/admin/").status_code == 200


WRONG: list[tuple[str, Any, str]] = [
    ("scheme", None, "scheme: A table [scheme] is needed."),
    ("scheme.code", "", "scheme.code: A text is needed."),
    ("scheme.levels.0.colour", "red", "scheme.levels[1].colour: A colour is written like"),
    ("scheme.levels.1.code", "T1", "scheme.levels[2]: "),
    ("policy.title", None, "policy.title: A text is needed."),
    ("policy.code", "no code", "policy.code: "),
    ("facility.code", "two words", "facility.code: "),
    ("facility.name", 7, "facility.name: A text is needed."),
    ("facility.time_zone", "Europe/Nowhere", "facility.time_zone: No such time zone"),
    ("facility.marking", "T9", "facility.marking: The scheme has no level of this code."),
    ("facility.colour", "red", "facility.colour: Nothing reads it"),
    ("gateways", [], "gateways: At least 1 are needed."),
    ("gateways.0.code", "no code", "gateways[1].code: "),
    ("organisation.kind", "club", "organisation.kind: "),
    ("organisation.country", "XX", "organisation.country: XX is the code of no country."),
    ("officers.1", None, "officers: At least 2 are needed."),
    ("officers.1.username", "a.first", "officers[2].username: a.first stands there twice."),
    ("officers.1.name", "Ada First", "officers[2].name: Ada First stands there twice."),
    ("officers.1.username", "not a name", "officers[2].username: "),
    ("officers.0.email", "nowhere", "officers[1].email: "),
    ("officers.0.citizenships", [], "officers[1].citizenships: All citizenships are needed"),
    ("officers.0.citizenships", ["GB", "GB"], "officers[1].citizenships: A country is named"),
    ("officers.0.role", "guard", "officers[1].role: Nothing reads it"),
    ("people", [], "the file.people: Nothing reads it"),
]


def altered(document: Document, key: str, value: Any) -> Document:
    """The file with another value at a key; None takes the key away."""
    *way, last = [int(part) if part.isdigit() else part for part in key.split(".")]
    at: Any = document
    for part in way:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return document


@pytest.mark.parametrize(("key", "value", "says"), WRONG, ids=[key for key, *_rest in WRONG])
def test_a_wrong_file_is_told_by_its_key_and_leaves_nothing(
    document: Document, key: str, value: Any, says: str
) -> None:
    before = counted()
    with pytest.raises((FoundingFault, Refused)) as refused:
        found(altered(document, key, value))
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)
    assert counted() == before


THERE: list[tuple[str, Any, str]] = [
    ("scheme.levels.4", None, "scheme.levels: What is there says otherwise: T1, T2, T3, T4, T5."),
    ("organisation.country", "NO", "organisation.country: What is there says otherwise: GB."),
    ("officers.0.citizenships", ["NO"], "officers[1].citizenships: What is there says otherwise"),
    ("officers.0.username", "ada", "officers[1].username: What is there says otherwise: a.first."),
    ("officers.0.name", "Another Ada", "officers[1].username: "),
    ("gateways.0.code", "MAIN", "gateways[1].code: "),
]


@pytest.mark.parametrize(("key", "value", "says"), THERE, ids=[key for key, *_rest in THERE])
def test_a_second_file_does_not_change_what_is_there(
    document: Document, key: str, value: Any, says: str
) -> None:
    found(document)
    before = counted()
    with pytest.raises(Refused) as refused:
        found(altered(second(document), key, value))
    assert str(refused.value).startswith(says)
    assert counted() == before


@pytest.mark.parametrize("content", [b"[scheme", b"\xff", b""])
def test_what_is_no_such_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "found.toml"
    file.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("found", str(file))
    assert "\n" not in str(refused.value)
    with pytest.raises(CommandError):
        call_command("found", str(tmp_path / "absent.toml"))
    assert not Facility.objects.exists()

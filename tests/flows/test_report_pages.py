"""The pages of reports: who sees what, asking, taking, checking a code."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from access.models import Booking
from scif.console.admin_nav import Link, navigation
from scif.facilities.models import Level, SecurityScheme
from scif.journal.models import Entry, Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Person
from scif.reporting.models import Report
from scif.reporting.services import report_produce
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import ZONE, World, actor, make_world
from tests.flows.report_world import empty_visit, sequencing

WORKER = Actor.system("worker")
LIST = reverse("reports:list")
VERIFY = reverse("reports:verify")
VISITS = reverse("reports:visits")


@pytest.fixture
def world(committed_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    with sequencing(postgres, committed_database, tmp_path / "journal"):
        yield make_world()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def role(world: World, person: Person, name: str) -> Client:
    FacilityRole.objects.create(
        user=person.user, facility=world.facility, role=name, valid_from=now()
    )
    return signed_in(person)


def made(world: World) -> Report:
    visit = empty_visit(world)
    client = signed_in(world.officer)
    answer = client.post(
        reverse("reports:make"), {"visit": visit.reference.lower(), "paper": "A4"}, follow=True
    )
    assert visit.reference in answer.content.decode()
    report = Report.objects.get(subject_id=visit.pk)
    return report_produce(report_id=report.pk, actor=WORKER)


def test_an_officer_asks_sees_and_takes_it(world: World) -> None:
    report = made(world)
    client = signed_in(world.officer)
    page = client.get(LIST).content.decode()
    assert report.reference in page
    assert report.code in page
    answer = client.get(reverse("reports:download", args=[report.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert len(PdfReader(io.BytesIO(answer.content)).pages) >= 1
    kinds = {row.fields["kind"] for row in Outbox.objects.all()}
    kinds |= set(Entry.objects.values_list("kind", flat=True))
    assert "report.downloaded" in kinds


def test_before_the_first_report_the_page_says_so(world: World) -> None:
    assert "No report was made yet." in signed_in(world.officer).get(LIST).content.decode()


def test_a_visit_is_chosen_from_a_list(world: World) -> None:
    client = signed_in(world.officer)
    assert "No visit is on record at your facilities." in client.get(VISITS).content.decode()
    visit = empty_visit(world)
    day = visit.booking.starts_at.astimezone(ZONE).date()
    for search in ("", visit.reference, "amara", visit.booking.reference, day.isoformat()):
        page = client.get(VISITS, {"q": search}).content.decode()
        assert visit.reference in page
        assert "Amara Nwosu ml" in page
    for search in ("nobody", (day + timedelta(days=1)).isoformat(), "9999-12-31", "0001-01-01"):
        page = client.get(VISITS, {"q": search}).content.decode()
        assert visit.reference not in page
        assert "No visit matches." in page
    other = signed_in(make_world("cam").officer)
    assert visit.reference not in other.get(VISITS).content.decode()
    assert signed_in(world.lead).get(VISITS).status_code == 403


def test_the_pages_are_marked_by_what_they_show(world: World) -> None:
    scheme = SecurityScheme.objects.create(code="gov", name="Government")
    secret = [
        Level.objects.create(scheme=scheme, rank=rank, code=code, name=name)
        for rank, (code, name) in enumerate((("U", "UNCLASSIFIED"), ("S", "SECRET")))
    ]
    client = signed_in(world.officer)
    other = make_world("cam").facility
    other.marking = secret[1]
    other.save()
    for page in (LIST, VISITS):
        answer = client.get(page).content.decode()
        assert "NOT MARKED" not in answer
        assert "TIER 0" in answer
    FacilityRole.objects.create(
        user=world.officer.user, facility=other, role="compliance", valid_from=now()
    )
    answer = client.get(LIST).content.decode()
    assert "TIER 0 / UNCLASSIFIED" in answer
    assert "SECRET" not in answer


def test_a_waiting_report_is_shown_with_its_step_and_asked_about_again(world: World) -> None:
    visit = empty_visit(world)
    client = signed_in(world.officer)
    client.post(reverse("reports:make"), {"visit": visit.reference, "paper": "Letter"})
    page = client.get(LIST).content.decode()
    assert "Waiting for the worker" in page
    assert 'hx-trigger="every 2s"' in page
    report = Report.objects.get(subject_id=visit.pk)
    assert client.get(reverse("reports:download", args=[report.pk])).status_code == 409


def test_search_and_filter(world: World) -> None:
    report = made(world)
    client = signed_in(world.officer)
    assert report.code in client.get(LIST, {"q": report.subject_reference}).content.decode()
    assert "No report matches." in client.get(LIST, {"q": "nothing"}).content.decode()
    assert "No report matches." in client.get(LIST, {"which": "failed"}).content.decode()
    assert report.code in client.get(LIST, {"which": "made"}).content.decode()


def test_an_unknown_visit_is_refused_beside_the_field(world: World) -> None:
    answer = signed_in(world.officer).post(
        reverse("reports:make"), {"visit": "V-000000", "paper": "A4"}
    )
    assert answer.status_code == 422
    assert "No visit of your facilities has this reference." in answer.content.decode()


def test_who_may_do_what(world: World) -> None:
    report = made(world)
    download = reverse("reports:download", args=[report.pk])
    compliance = role(world, world.stranger, "compliance")
    assert compliance.get(LIST).status_code == 200
    assert compliance.get(download).status_code == 200
    for client in (role(world, world.member, "guard"), signed_in(world.lead)):
        assert client.get(LIST).status_code == 403
        assert client.get(download).status_code == 404
    other = signed_in(make_world("cam").officer)
    assert report.reference not in other.get(LIST).content.decode()
    assert other.get(download).status_code == 404
    assert other.post(reverse("reports:retry", args=[report.pk])).status_code == 404
    assert other.get(reverse("reports:download", args=[uuid4()])).status_code == 404
    for address in (LIST, download, VERIFY):
        assert Client().get(address).status_code == 302


def test_anybody_signed_in_checks_a_code(world: World) -> None:
    report = made(world)
    client = signed_in(world.lead)
    page = client.get(VERIFY, {"code": report.code}).content.decode()
    assert report.sha256[:8] in page
    assert LIST not in page
    assert "Checkpoint signed" in page
    assert "Journal agrees" in page
    assert report.subject_reference not in page
    assert (
        "No report of this installation bears this code."
        in client.get(VERIFY, {"code": "AAAA-BBBB-CCCC-DDDD"}).content.decode()
    )
    assert client.get(VERIFY).status_code == 200


def test_a_file_is_compared_byte_for_byte(world: World) -> None:
    report = made(world)
    client = signed_in(world.lead)
    content = bytes(report.file.content)
    for held, words in ((content, "Your file is the same"), (content[:-1], "Your file differs")):
        file = SimpleUploadedFile("report.pdf", held, content_type="application/pdf")
        page = client.post(VERIFY, {"code": report.code, "file": file}).content.decode()
        assert words in page
        assert ("Nothing is proven" in page) is (held != content)


def test_the_retry_of_a_made_report_is_refused_in_words(world: World) -> None:
    report = made(world)
    answer = signed_in(world.officer).post(reverse("reports:retry", args=[report.pk]))
    assert answer.status_code == 409
    assert actor(world.officer).user_id == report.requested_by_id


def test_reports_stand_near_the_top_for_whoever_comes_for_evidence() -> None:
    apps = [
        {
            "models": [
                {"admin_url": "/bookings/", "name": "bookings", "model": Booking},
                {"admin_url": "/entries/", "name": "entries", "model": Entry},
            ]
        }
    ]
    first, proofs = [Link("Dashboard", "/")], [Link("Reports", "/reports/")]
    for evidence_first, labels in (
        (True, ["", "Evidence", "Access"]),
        (False, ["", "Access", "Evidence"]),
    ):
        groups = navigation(apps, first, proofs, evidence_first=evidence_first)
        assert [str(group.label) for group in groups] == labels
        (evidence,) = [group for group in groups if group.label == "Evidence"]
        assert evidence.links[0].url == "/reports/"

"""The record of an engagement's use: whose it is to read, and what it tells."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from access.models import Engagement, Sponsor
from scif.facilities.models import Compartment
from scif.people.models import Organisation, Person, User
from scif.reporting.models import Report, ReportKind
from terminals.models import AirlockReviewer, Direction, Part
from terminals.services.airlock import airlock_draft
from tests.flows.terminal_world import ticking
from tests.flows.use_world import DOWN, JUDGES, REVIEWED, Used, make_used
from tests.logins import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
LIST = reverse("use:uses")


@pytest.fixture
def used(settings: Settings, tmp_path: Path) -> Iterator[Used]:
    settings.AIRLOCK_DIR = tmp_path
    with ticking():
        yield make_used()


def login_of(person: Person) -> str:
    return person.user.username


def shown(login: str, address: str) -> str:
    answer = signed_in(login).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(used: Used) -> str:
    return reverse("use:use", args=[used.engagement.pk])


def someone_of(organisation: Organisation, name: str) -> Person:
    person = Person.objects.create(name=name, organisation=organisation)
    User.objects.create_user(name.lower().replace(" ", "."), password="a long one", person=person)
    return person


def test_the_lab_reads_who_worked_and_what_left(used: Used) -> None:
    text = shown(login_of(used.engagement.sponsor.officer), page_of(used))
    assert str(used.cut.person) in text
    assert used.cut.terminal.asset_tag in text
    assert f"{DOWN:,}".replace(",", "\u202f") in text
    assert f"{used.spent:,}".replace(",", "\u202f") in text
    assert "locked down" in text  # why the first session was cut
    assert used.released.reference in text
    assert "how the model is built or trained" in text  # the ground of the refusal
    assert "Line 1 names a rate" in text
    assert "Appeal: upheld" in text
    assert "Much at once" in text
    assert escape(REVIEWED) in text
    assert used.cut.grant_id not in text


def test_a_draft_that_was_never_sealed_is_its_teams_alone(used: Used) -> None:
    draft = airlock_draft(
        engagement_id=used.engagement.pk,
        direction=Direction.EXPORT,
        title="Not yet",
        actor=used.author,
    )
    text = shown(login_of(used.engagement.sponsor.officer), page_of(used))
    assert draft.reference not in text


def test_team_guard_judge_and_another_lab_do_not_know_of_it(used: Used) -> None:
    rival = Organisation.objects.create(name="Rival AI", kind="lab", country="NO")
    other = someone_of(rival, "Rik Bos")
    Sponsor.objects.create(organisation=rival, officer=other)
    people = used.engagement.members.exclude(person__user=None)
    team = [login_of(each.person) for each in people]
    assert used.cut.person.user.username in team
    for login in (*team, "e.hughes", JUDGES[0], login_of(other)):
        client = signed_in(login)
        assert client.get(page_of(used)).status_code == 404, login
        assert used.engagement.reference not in client.get(LIST).content.decode()
        report = reverse("use:report", args=[used.engagement.pk])
        assert client.post(report, {"kind": "egress"}).status_code == 404, login
    for login in (*team, "e.hughes"):
        assert LIST not in signed_in(login).get(reverse("portal:visits")).content.decode()
    assert not Report.objects.exists()


def test_who_checks_for_the_lab_reads_it_while_he_is_named(used: Used) -> None:
    officer = used.engagement.sponsor.officer
    checker = someone_of(officer.organisation, "Ida Berg")
    named = AirlockReviewer.objects.create(
        engagement=used.engagement,
        person=checker,
        part=Part.LAB,
        named_by=officer,
        named_at=used.cut.granted_at,
    )
    assert used.engagement.reference in shown(login_of(checker), LIST)
    assert used.released.reference in shown(login_of(checker), page_of(used))
    named.delete()
    assert signed_in(login_of(checker)).get(page_of(used)).status_code == 404


def test_the_list_is_searched_and_says_when_it_is_empty(used: Used) -> None:
    login = login_of(used.engagement.sponsor.officer)
    text = shown(login, f"{LIST}?q={used.engagement.reference}")
    assert "2 sessions" in text
    assert "Nothing here matches" in shown(login, f"{LIST}?q=no+such+thing")
    Engagement.objects.filter(pk=used.engagement.pk).update(state="closed")
    assert used.engagement.reference not in shown(login, LIST)
    assert used.engagement.reference in shown(login, f"{LIST}?which=ended")


def test_the_lab_asks_for_its_reports_and_takes_them(used: Used) -> None:
    login = login_of(used.engagement.sponsor.officer)
    address = reverse("use:report", args=[used.engagement.pk])
    for kind in ("engagement", "egress"):
        answer = signed_in(login).post(address, {"kind": kind, "paper": "Letter"}, follow=True)
        assert "is being made" in answer.content.decode()
    assert {each.kind for each in Report.objects.all()} == {
        ReportKind.ENGAGEMENT,
        ReportKind.EGRESS,
    }
    report = Report.objects.filter(kind=ReportKind.EGRESS).get()
    assert report.paper == "Letter"
    download = reverse("reports:download", args=[report.pk])
    assert signed_in(login).get(download).status_code == 409  # it is there, and not made yet
    assert signed_in("p.ngata").get(download).status_code == 409
    for other in (*JUDGES, login_of(used.cut.person)):
        assert signed_in(other).get(download).status_code == 404, other


def test_the_pages_with_a_mandate_s_words_bear_its_label(used: Used) -> None:
    officer = login_of(used.engagement.sponsor.officer)
    used.engagement.compartments.add(
        Compartment.objects.get_or_create(
            code="H4W", scheme=used.engagement.level.scheme, defaults={"name": "H-4 weights"}
        )[0]
    )
    label = f"{used.engagement.level.name.upper()}//H4W"
    for name in (
        *("use:use", "portal:engagement", "portal:need-to-know", "laptops:engagement"),
        "airlock:reviewers",
    ):
        text = shown(officer, reverse(name, args=[used.engagement.pk]))
        assert escape(used.engagement.title) in text, name
        assert text.count(f"<span>{label}</span>") == 2, name
    # A list bears the highest of its rows.
    listed = Engagement.objects.filter(sponsor=used.engagement.sponsor)
    ranks = [each.level for each in listed.select_related("level")]
    highest = max(ranks, key=lambda level: level.rank).name.upper()
    for address in (f"{LIST}?which=all", reverse("portal:engagements")):
        assert f"<span>{highest}//H4W</span>" in shown(officer, address)
    # A page that shows nothing of it does not.
    assert label not in shown(officer, reverse("portal:visits"))

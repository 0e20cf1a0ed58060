"""A person's page shows what he holds, each record with its acts at the row."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from access.models import Eligibility, NeedToKnow
from scif.kernel.clock import now
from scif.people.models import FacilityRole
from tests.factories import Place, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> Place:
    return make_place("own")


def page_of(place: Place, role: str = "officer") -> str:
    client = Client()
    client.force_login(place.users[role])
    return client.get(f"/admin/people/person/{place.world.lead.pk}/change/").content.decode()


def row_of(page: str, address: str) -> str:
    """The row of the table in which a link stands, without tags."""
    rows = [row for row in re.findall(r"<tr>.*?</tr>", page, re.S) if address in row]
    assert len(rows) == 1, address
    return re.sub(r"<[^>]+>", " ", rows[0])


def test_a_clearance_shows_its_dates_and_is_revoked_at_its_row(own: Place) -> None:
    held = own.records["access.eligibility"]
    assert isinstance(held, Eligibility)
    page = page_of(own)
    row = row_of(page, f"/admin/access/eligibility/{held.pk}/change/")
    for words in ("TIER 2 (AI tiers)", "Final", "register", "1 Jan 2025", "1 Jan 2099"):
        assert words in row
    revoke = f"/admin/act/clearance-revoke/{held.pk}/"
    assert revoke in page
    client = Client()
    client.force_login(own.users["officer"])
    done = client.post(revoke, {"reason": "Letter 4"})
    assert done["Location"] == f"/admin/people/person/{own.world.lead.pk}/change/"
    page = page_of(own)
    assert "Revoked" in row_of(page, f"/admin/access/eligibility/{held.pk}/change/")
    assert revoke not in page


def test_each_kind_of_record_stands_there_with_its_acts(own: Place) -> None:
    page = page_of(own)
    records = own.records
    for label in ("eligibility", "indoctrination", "nda", "needtoknow"):
        assert f"/admin/access/{label}/{records[f'access.{label}'].pk}/change/" in page
    assert f"/admin/people/citizenship/{records['people.citizenship'].pk}/change/" in page
    assert f"/admin/access/badge/{records['access.badge'].pk}/change/" in page
    for act, label in (
        ("debrief", "access.indoctrination"),
        ("badge-revoke", "access.badge"),
        ("clearance-suspend", "access.eligibility"),
    ):
        assert f"/admin/act/{act}/{records[label].pk}/" in page
    assert f"/admin/act/citizenship-remove/{records['people.citizenship'].pk}/" in page
    grants = (
        "citizenship-add",
        "clearance-grant",
        "read-in-record",
        "agreement-record",
        "roster-add",
        "duty-assign",
    )
    for act in grants:
        assert page.count(f"/admin/act/{act}/{own.world.lead.pk}/") == 1


def test_who_only_reads_is_offered_nothing(own: Place) -> None:
    page = page_of(own, "compliance")
    assert "/admin/act/" not in page
    assert "/add/?person=" not in page
    assert "TIER 2 (AI tiers)" in page


def test_another_facility_s_part_of_a_shared_person_is_not_there(own: Place) -> None:
    far = make_place("far")
    lead = own.world.lead
    need = NeedToKnow.objects.create(
        person=lead,
        engagement=far.world.engagement,
        grantor=far.world.discloser,
        valid_from=now(),
        valid_until=now() + timedelta(days=1),
    )
    role = FacilityRole.objects.create(
        user=lead.user, facility=far.world.facility, role="guard", valid_from=now()
    )
    page = page_of(own)
    assert str(need.pk) not in page
    assert str(role.pk) not in page
    assert far.world.facility.name not in page


def test_what_has_ended_is_said_to_have_ended(own: Place) -> None:
    need = own.records["access.needtoknow"]
    assert isinstance(need, NeedToKnow)
    need.valid_until = now() - timedelta(days=1)
    need.save()
    read_in = own.records["access.indoctrination"]
    read_in.debriefed_on = date(2026, 2, 1)  # type: ignore[attr-defined]  # a read-in
    read_in.save()
    page = page_of(own)
    assert "Ended" in row_of(page, f"/admin/access/needtoknow/{need.pk}/change/")
    row = row_of(page, f"/admin/access/indoctrination/{read_in.pk}/change/")
    assert "Debriefed" in row
    assert "1 Feb 2026" in row

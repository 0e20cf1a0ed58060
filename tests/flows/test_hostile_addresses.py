"""Addresses that no page of ours makes: answered in words, never with an error of ours."""

import pytest
from django.test import Client

from scif.people.models import User
from tests.flows.desk_world import make_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]

SLOTS = (
    "/portal/slots/?week=0001-01-01",
    "/portal/slots/?week=9999-12-31",
    "/portal/slots/?week=2026-13-45",
    "/portal/slots/?start=0001-01-01T00:00:00%2B14:00",
    "/portal/slots/?start=9999-12-31T23:59:59-12:00",
    "/portal/slots/?start=yesterday",
    "/portal/slots/request/?start=9999-12-31T23:59:59-12:00",
)


def reader(username: str) -> Client:
    make_world()
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.mark.parametrize("address", SLOTS)
def test_a_day_that_no_calendar_has_is_taken_for_none(address: str) -> None:
    assert reader("i.carvalho").get(address).status_code in {200, 302}


@pytest.mark.parametrize(
    ("username", "address"),
    [
        ("i.carvalho", "/portal/?q=%00"),
        ("i.carvalho", "/portal/slots/?people=%00"),
        ("c.pinto", "/reports/?q=a%00b"),
        ("h.marsh", "/admin/access/booking/?q=%00"),
    ],
)
def test_a_nul_in_an_address_is_a_bad_request(username: str, address: str) -> None:
    assert reader(username).get(address).status_code == 400


@pytest.mark.parametrize(
    ("username", "address"),
    [("i.carvalho", "/portal/"), ("c.pinto", "/reports/"), ("e.hughes", "/desk/ml/inside/")],
)
def test_what_a_signed_in_person_reads_is_in_no_cache(username: str, address: str) -> None:
    answer = reader(username).get(address)
    assert answer.status_code == 200
    assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))

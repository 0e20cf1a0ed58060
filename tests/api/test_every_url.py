"""Every address by every role in own and other facility: who sees what, and what is not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from access.models import ModelAsset
from scif.facilities.models import Area, Portal
from scif.journal.models import Outbox
from scif.people.models import Organisation, Person
from tests.api.url_rows import (
    ADMIN_LISTS,
    ANONYMOUS,
    EDIT,
    EVERYBODY,
    OFFICE,
    OFFICERS,
    READ,
    ROWS,
    Row,
    pk,
)
from tests.factories import Place, make_place

pytestmark = pytest.mark.django_db
NOT_FOUND, FORBIDDEN = 404, 403
MARKUP = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>")


@dataclass(frozen=True)
class Address:
    """An address of the resolver: its name with namespace, and its route."""

    name: str
    route: str

    @property
    def key(self) -> str:
        """How the table calls it."""
        return self.name or f"route:{self.route}"


def addresses() -> list[Address]:
    return sorted(set(_walk(get_resolver().url_patterns, "", "")), key=lambda each: each.key)


def _walk(patterns: list[URLPattern | URLResolver], route: str, space: str) -> Iterator[Address]:
    for each in patterns:
        here = route + str(each.pattern).removeprefix("^")
        if isinstance(each, URLPattern):
            yield Address(f"{space}{each.name}" if each.name else "", here)
        else:
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each.url_patterns, here, inner)


def row_of(address: Address) -> Row | None:
    """The table's row, or the one that follows from the table of the admin's lists."""
    if address.key in ROWS:
        return ROWS[address.key]
    for label, (change, scoped) in ADMIN_LISTS.items():
        model = label.replace(".", "_")
        known = pk(label, "object_id")
        if address.name == f"admin:{model}_changelist":
            return Row()
        if address.name == f"admin:{model}_add":
            return Row(OFFICERS if change == EDIT else frozenset(), denied=FORBIDDEN)
        if address.name == f"admin:{model}_change":
            return Row(arguments=known, scoped=scoped)
        if address.name == f"admin:{model}_history":
            # Accounts keep Django's page, which is empty; the journal tells of all others.
            answer = 200 if label == "people.user" else 302
            return Row(answer=answer, arguments=known, scoped=scoped)
        if address.name == f"admin:{model}_delete":
            return Row(frozenset(), denied=FORBIDDEN, arguments=known, scoped=scoped)
        if address.route == f"admin/{label.replace('.', '/')}/<path:object_id>/":
            return Row(answer=302, arguments=known)
    return None


@pytest.fixture
def places() -> tuple[Place, Place]:
    """One's own facility and another one."""
    return make_place("own"), make_place("far")


def url_of(address: Address, place: Place | None, row: Row) -> str:
    arguments = dict(row.arguments(place)) if row.arguments and place else {}
    if row.arguments and place is None:
        # The address of a record that does not exist.
        arguments = dict(row.arguments(_ANY))
    if address.name:
        return reverse(address.name, kwargs={key.rstrip("_"): v for key, v in arguments.items()})
    found = address.route
    for key, value in arguments.items():
        found = found.replace(f"<path:{key}>", str(value)).replace(f"(?P<{key}>.*)$", str(value))
    return f"/{found}"


class _Nowhere:
    """Stands for a facility whose records do not exist."""

    @property
    def records(self) -> "_Nowhere":
        return self

    def __getitem__(self, label: str) -> "_Nowhere":
        return self

    @property
    def world(self) -> "_Nowhere":
        return self

    @property
    def facility(self) -> "_Nowhere":
        return self

    pk = uuid4()
    code = "nowhere"


_ANY: Place = _Nowhere()  # type: ignore[assignment]  # it answers all that the rows ask of a place


def ask(client: Client, address: Address, place: Place | None, row: Row) -> HttpResponse:
    asked = client.post if row.method == "post" else client.get
    found: HttpResponse = asked(url_of(address, place, row))  # type: ignore[assignment]  # of the test client
    return found


def name_in_markup(place: Place) -> None:
    """Give everything that has a name a hostile one."""
    world = place.world
    name = '">'.join(MARKUP)
    Person.objects.filter(user__in=place.users.values()).update(name=name)
    Organisation.objects.filter(pk=world.lead.organisation_id).update(name=name)
    Area.objects.filter(pk=world.area.pk).update(name=name)
    ModelAsset.objects.filter(pk=world.engagement.asset_id).update(name=name)


def page_of(response: HttpResponse) -> str:
    """The page, if the answer is one."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return ""
    return response.content.decode()


def said(response: HttpResponse) -> str:
    """A page without what differs on every page: the masked token and the time it was made."""
    text = response.content.decode()
    return re.sub(r'"X-CSRFToken": "[^"]*"|data-now="[^"]*"', "", text)


def test_every_address_has_a_row() -> None:
    missing = [address.key for address in addresses() if row_of(address) is None]
    assert not missing, f"say in tests/api/url_rows.py who may open: {missing}"


def test_no_row_is_left_over() -> None:
    known = {address.key for address in addresses()}
    assert not [key for key in ROWS if key not in known]


def test_strangers_are_sent_to_sign_in(client: Client, places: tuple[Place, Place]) -> None:
    wrong = []
    for address in addresses():
        row = row_of(address)
        assert row
        response = ask(client, address, places[0], row)
        to_login = response.status_code != 302 or response["Location"].startswith(
            ("/login/", "/admin/")
        )
        if response.status_code != row.anonymous or not to_login:
            wrong.append((address.key, response.status_code, row.anonymous))
    assert not wrong


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_opens_what_its_row_says_and_no_name_is_markup(
    client: Client, places: tuple[Place, Place], role: str
) -> None:
    own, _far = places
    name_in_markup(own)
    client.force_login(own.users[role])
    wrong, markup, named = [], [], 0
    for address in addresses():
        row = row_of(address)
        assert row
        if address.key.endswith("logout"):
            continue
        answer = ask(client, address, own, row)
        if answer.status_code != expected(row, address, role):
            wrong.append((address.key, answer.status_code, expected(row, address, role)))
        page = page_of(answer)
        named += "&lt;script&gt;alert(1)" in page
        markup += [address.key for each in MARKUP if each in page]
    assert not wrong
    assert not markup
    assert named, "the names were on no page at all"


def expected(row: Row, address: Address, role: str) -> int:
    """What a role gets for the record of its own facility."""
    if role in row.roles:
        return row.answer
    inside = address.name.startswith("admin:") or address.route.startswith("admin/")
    if inside and role not in OFFICE:
        return 302
    if inside and row.roles == OFFICERS and row.arguments:
        # A colleague of compliance may look at the record, and finds no such act on it.
        return NOT_FOUND
    return row.denied


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_another_facility_is_not_there(
    client: Client, places: tuple[Place, Place], role: str
) -> None:
    own, far = places
    client.force_login(own.users[role])
    wrong = []
    for address in addresses():
        row = row_of(address)
        assert row
        if not row.scoped:
            continue
        there, nowhere = (ask(client, address, place, row) for place in (far, None))
        alike = there.status_code == nowhere.status_code
        if role in OFFICE or not address.name.startswith("admin:"):
            alike = there.status_code == nowhere.status_code == NOT_FOUND
            alike = alike and said(there) == said(nowhere)
        if not alike:
            wrong.append((address.key, there.status_code, nowhere.status_code))
    assert not wrong


@pytest.mark.parametrize("role", sorted(OFFICE))
def test_lists_hold_nothing_of_another_facility(
    client: Client, places: tuple[Place, Place], role: str
) -> None:
    own, far = places
    client.force_login(own.users[role])
    leaks = []
    for label, (_change, scoped) in ADMIN_LISTS.items():
        if not scoped:
            continue
        page = client.get(reverse(f"admin:{label.replace('.', '_')}_changelist")).content.decode()
        if str(own.records[label].pk) not in page:
            leaks.append(f"{label}: its own record is missing")
        if str(far.records[label].pk) in page or far.world.facility.name in page:
            leaks.append(f"{label}: another facility's record")
    assert not leaks


def test_compliance_changes_nothing(client: Client, places: tuple[Place, Place]) -> None:
    own, _far = places
    client.force_login(own.users["compliance"])
    changed = []
    for label in ADMIN_LISTS:
        url = reverse(f"admin:{label.replace('.', '_')}_change", args=[own.records[label].pk])
        if client.post(url, {"name": "Changed"}).status_code != FORBIDDEN:
            changed.append(label)
    assert not changed


def test_the_table_names_every_way_to_change() -> None:
    assert {change for change, _scoped in ADMIN_LISTS.values()} >= {READ, EDIT}
    assert ANONYMOUS not in EVERYBODY


def test_an_officer_ties_a_record_to_his_own_facilities_only(
    client: Client, places: tuple[Place, Place]
) -> None:
    own, far = places
    client.force_login(own.users["officer"])
    portal = Portal.objects.get(pk=own.records["facilities.portal"].pk)
    url = reverse("admin:facilities_portal_change", args=[portal.pk])
    form = {
        "zone": far.records["facilities.zone"].pk,
        "code": portal.code,
        "name": "Renamed",
        "pulse_tenths": portal.pulse_tenths,
        "held_seconds": portal.held_seconds,
        "has_contact": "on",
        "pin_required": "on",
        "edition": client.get(url).context["adminform"].form.initial["edition"],
    }
    assert client.post(url, form).status_code == 200, "the form is shown again"
    portal.refresh_from_db()
    assert portal.name == "Door"
    assert client.post(url, form | {"zone": portal.zone_id}).status_code == 302
    portal.refresh_from_db()
    assert portal.name == "Renamed"
    told = [entry.fields["kind"] for entry in Outbox.objects.all()]
    assert "portal.changed" in told
    assert "gateway.published" in told


def test_nobody_gives_himself_a_role(client: Client, places: tuple[Place, Place]) -> None:
    own, _far = places
    officer = own.users["officer"]
    client.force_login(officer)
    form = {
        "user": officer.pk,
        "facility": own.world.facility.pk,
        "role": "sweeper",
        "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00",
    }
    url = reverse("admin:people_facilityrole_add")
    assert client.post(url, form).status_code == 200, "the form is shown again"
    assert not officer.facility_roles.filter(role="sweeper").exists()

"""The desk's pages of laptops: each act in its form, refusals beside it."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from scif.kernel.clock import clock_set, now
from scif.people.models import User
from terminals.models import Heartbeat, Terminal, TerminalCustody, TerminalInspection, TerminalLock
from terminals.rules.checklist import CHECKLIST
from tests.flows.control_acts import lock_confirmed, lock_delivered
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import Store, ticking
from tests.flows.test_visit_desk import STROKES, check_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
SIGNED = json.dumps(STROKES)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def desk(login: str = "e.hughes") -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def url(terminal: Terminal, more: str = "") -> str:
    return f"/desk/ml/laptops/{terminal.pk}/{more}"


def test_the_station_is_there_once_the_facility_has_laptops(store: Store) -> None:
    client = desk()
    assert "/desk/ml/laptops/" not in client.get("/desk/ml/arrivals/").content.decode()
    store.stored()
    assert "/desk/ml/laptops/" in client.get("/desk/ml/arrivals/").content.decode()
    assert "LT-01" in client.get("/desk/ml/laptops/").content.decode()


def test_over_the_counter_and_back_by_the_forms(store: Store) -> None:
    terminal, client = store.stored(), desk()
    check_in(store.world)
    assert "Has not proved what it runs" in client.get(url(terminal)).content.decode()
    assert client.post(url(terminal), {"act": "ask"}).status_code == 302
    assert "no answer yet" in client.get(url(terminal)).content.decode()
    store.attested(terminal)
    read = "\n".join(store.seals(terminal))
    issue = {
        "act": "issue",
        "visit": str(store.world.visit.pk),
        "seals": read,
        "signature": SIGNED,
    }
    page = client.get(url(terminal)).content.decode()
    assert str(store.world.visit.person) in page
    assert not any(number in page for number in store.seals(terminal)), "they are read off it"
    refused = client.post(url(terminal), issue | {"seals": "S-1"})
    assert refused.status_code == 409
    assert "on record and not read" in refused.content.decode()
    assert not any(number in refused.content.decode() for number in store.seals(terminal))
    assert client.post(url(terminal), issue | {"visit": ""}).status_code == 422
    assert client.post(url(terminal), issue | {"signature": "x"}).status_code == 422
    assert client.post(url(terminal), issue).status_code == 302
    assert str(store.world.visit.person) in client.get(url(terminal)).content.decode()
    back = {"act": "return", "seals": read, "signature": SIGNED}
    assert client.post(url(terminal), back).status_code == 302
    assert TerminalCustody.objects.get().ended_how == "returned"
    answers = {item.code: "yes" for item in CHECKLIST}
    inspect = {"act": "inspect", "seals": read, "remarks": "", **answers}
    assert client.post(url(terminal), inspect | {"case": ""}).status_code == 422
    assert client.post(url(terminal), inspect).status_code == 302
    assert TerminalInspection.objects.get().passed
    assert client.post(url(terminal), {"act": "store"}).status_code == 302
    assert store.again(terminal).state == "in_store"


@pytest.mark.parametrize(
    ("what", "state"), [("lock", "locked"), ("quarantine", "quarantined"), ("lost", "lost")]
)
def test_a_laptop_is_stopped_with_a_reason(store: Store, what: str, state: str) -> None:
    terminal, client = store.stored(), desk()
    assert client.get(url(terminal, "stop/")).status_code == 200
    assert client.post(url(terminal, "stop/"), {"what": what}).status_code == 422
    asked = {"what": what, "reason": "Odd"}
    assert client.post(url(terminal, "stop/"), asked).status_code == 302
    assert store.again(terminal).state == state
    assert client.post(url(terminal, "stop/"), {"what": "lock", "reason": "x"}).status_code == 409
    assert client.get(url(terminal)).status_code == 200


def test_a_lock_is_requested_then_delivered_then_confirmed_and_an_alarm_where_it_is_not(
    store: Store,
) -> None:
    terminal, client = store.issued(store.stored()), desk()
    asked = {"what": "lock", "reason": "Odd"}
    to = client.post(url(terminal, "stop/"), asked)["Location"]

    def page() -> str:
        return " ".join(client.get(to).content.decode().split())

    def fact(words: str, *, known: bool) -> bool:
        detail = r"\d\d:\d\d:\d\d" if known else "not yet"
        return re.search(rf"{words}</b>{detail}<", page()) is not None

    assert fact("Requested", known=True)
    assert fact("Sent", known=False)
    assert fact("Confirmed", known=False)
    lock = TerminalLock.objects.get()
    lock_delivered(lock.pk)
    assert fact("Sent", known=True)
    assert "has not confirmed the lock" not in page()
    late = now() + timedelta(seconds=6)
    with clock_set(lambda: late):
        assert "has not confirmed the lock" in page()
        sessions = client.get("/desk/ml/sessions/").content.decode()
        assert "Its session may be open" in sessions
        lock_confirmed(lock.pk)
        assert fact("Confirmed", known=True)
        assert "has not confirmed the lock" not in page()
        # An alarm about it makes the page look again by itself.
        assert 'data-live="laptops visits alarms"' in page()


def test_whoever_inspects_it_reads_what_it_last_found_of_itself(store: Store) -> None:
    terminal, client = store.issued(store.stored()), desk()
    store.returned(terminal)
    assert "It has not told of any check of itself" in client.get(url(terminal)).content.decode()
    row = Heartbeat.objects.create(
        terminal=terminal, begun=1, seq=1, heard_at=now(), check_said="as built", check_at=now()
    )
    assert re.search(
        r"Its own check, [^:]+:\d\d: as built", client.get(url(terminal)).content.decode()
    )
    Heartbeat.objects.filter(pk=row.pk).update(check_said="not as built: ports (usb1)")
    page = client.get(url(terminal)).content.decode()
    assert '<div class="note stop">' in page
    assert "not as built: ports (usb1)" in page


def test_what_is_no_act_is_not_there(store: Store) -> None:
    assert desk().post(url(store.stored()), {"act": "fly"}).status_code == 404


def test_an_officer_looks_and_may_ask(store: Store) -> None:
    terminal = store.stored()
    assert desk("p.ngata").get(url(terminal)).status_code == 200

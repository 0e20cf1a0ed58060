"""Sessions at the desk, terms in the portal: what is shown to whom, and what a button does."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from scif.alarms.models import Alarm
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import Person, User
from terminals.models import EngagementTerms
from terminals.services.lock import terminal_lock, terminal_locks_watch
from terminals.services.terms import terms_approve_lab, terms_propose
from tests.flows.control_acts import (
    session_connected,
    session_counted,
    session_cut,
    session_end,
    session_warned,
)
from tests.flows.desk_world import actor_named
from tests.flows.session_world import CONTROL, Room
from tests.flows.terminal_world import ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def signed_in(client: Client, login: str) -> Client:
    client.force_login(
        User.objects.get(username=login), "django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_the_desk_sees_who_works_where_and_how_much(room: Room, client: Client) -> None:
    session = room.session()
    session_connected(session_id=session.pk, actor=CONTROL)
    session_counted(session_id=session.pk, up=400_000, down=100_000, actor=CONTROL)
    session_warned(session_id=session.pk, warning="50 % of engagement", actor=CONTROL)
    page = signed_in(client, "e.hughes").get(reverse("desk:sessions", args=["ml"]))
    text = page.content.decode()
    assert str(session.person) in text
    assert session.terminal.asset_tag in text
    assert "50 %" in text
    assert 'value="50"' in text
    assert reverse("desk:laptop_stop", args=["ml", session.terminal_id]) in text
    assert session.grant_id not in text


def test_whoever_is_sent_to_the_guard_is_known_to_him(room: Room, client: Client) -> None:
    """The laptop says no more than whom to see; the guard reads what to do.

    Why a session ended stands before it; why a sign-in was refused does not.
    """
    room.ask(pin="0")
    session = room.session()
    session_cut(session_id=session.pk, why="budget_used_up", actor=CONTROL)
    session_end(session_id=session.pk, why="budget_used_up", actor=CONTROL)
    signed_in(client, "e.hughes")
    for address in (
        reverse("desk:sessions", args=["ml"]),
        reverse("desk:laptop", args=["ml", room.terminal.pk]),
    ):
        text = client.get(address).content.decode()
        past = text.partition("In the last hour")[2]
        assert "Sign-in refused" in past
        assert "Draw another PIN if he asks for one." in past
        assert "Session ended" in past
        assert "Call the facility officer." in past
        assert "The PIN is wrong" not in past
        assert re.search("is used up.*To do: Call the facility officer", past, re.DOTALL)
    assert Alarm.objects.get(kind="egress_used_up").subject == session.engagement.reference
    room.session()
    again = room.ask()  # only ends the one before it
    assert [each.code for each in again.objections] == ["session_running"]
    text = client.get(reverse("desk:sessions", args=["ml"])).content.decode()
    assert text.count("Sign-in refused") == 1


def test_a_lock_shows_its_three_facts(room: Room, client: Client) -> None:
    room.session()
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=room.store.guard)
    page = signed_in(client, "e.hughes").get(reverse("desk:sessions", args=["ml"]))
    text = page.content.decode()
    assert "Requested" in text
    assert text.count("not yet") == 2
    assert "Sent not yet" in " ".join(text.split())


def test_a_lock_is_the_same_warning_at_the_desk_as_at_the_lab(room: Room, client: Client) -> None:
    session = room.session()
    session_end(session_id=session.pk, why="locked_from_afar", actor=CONTROL)
    page = signed_in(client, "e.hughes").get(reverse("desk:sessions", args=["ml"]))
    past = page.content.decode().partition("In the last hour")[2]
    assert "c-warn" in past
    assert "The laptop was locked from afar" in past


def test_the_laptop_s_page_says_why_it_is_locked_and_by_whom(room: Room, client: Client) -> None:
    room.session()
    terminal_lock(terminal_id=room.terminal.pk, reason="Smoke", actor=room.store.guard)
    later = now() + timedelta(seconds=60)
    with clock_set(lambda: later):
        terminal_locks_watch(actor=room.store.guard)
        address = reverse("desk:laptop", args=["ml", room.terminal.pk])
        text = signed_in(client, "e.hughes").get(address).content.decode()
    assert f"By {Person.objects.get(pk=str(room.store.guard.person_id))}: Smoke" in text
    alarm = Alarm.objects.get(kind="terminal_lock_unconfirmed")
    assert reverse("desk:alarm", args=["ml", alarm.pk]) in text.partition('id="laptop-state"')[2]


def test_the_desk_has_nothing_to_show_without_a_session(client: Client) -> None:
    page = signed_in(client, "e.hughes").get(reverse("desk:sessions", args=["ml"]))
    assert "No session is open" in page.content.decode()


def test_the_sponsor_s_officer_approves_for_the_lab(room: Room, client: Client) -> None:
    engagement = room.store.world.visit.booking.engagement
    proposed = terms_propose(
        engagement_id=engagement.pk, harness_host="10.0.0.7", harness_port=443, egress_bytes=None,
        rate_bytes=1, burst_bytes=1, channels=1, two_persons=True, moderated=False,
        actor=room.store.first,
    )  # fmt: skip
    address = reverse("laptops:engagement", args=[engagement.pk])
    signed_in(client, engagement.sponsor.officer.user.username)
    page = client.get(address)
    assert "10.0.0.7" in page.content.decode()
    assert client.post(address, {"terms": str(proposed.pk)}).status_code == 302
    terms = EngagementTerms.objects.get(pk=proposed.pk)
    assert terms.lab_approved_by_id == engagement.sponsor.officer_id
    assert terms.in_force_at is None  # the facility has not yet
    with pytest.raises(Refused, match="do not wait"):
        terms_approve_lab(terms_id=proposed.pk, actor=actor_named("k.solberg"))
    assert client.post(address, {"terms": "no such terms"}).status_code == 404


def test_nobody_else_sees_the_lab_s_page(room: Room, client: Client) -> None:
    engagement = room.store.world.visit.booking.engagement
    address = reverse("laptops:engagement", args=[engagement.pk])
    for login in ("e.hughes", "p.ngata", room.store.world.visit.person.user.username):
        assert signed_in(client, login).get(address).status_code == 404, login

"""Asking why about a registered place: what the desk and the sign-in would say, every reason."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from access.models import BadgeAssignment, NeedToKnow, Pin
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.people.models import Person, User
from terminals.models import EngagementTerms, Terminal
from terminals.selectors.why_outside import OutsideAnswer, why_outside
from terminals.services.custody_outside import IssueRefused
from terminals.services.place import place_revoke
from tests.flows.offsite_world import DAY, Outside, make_outside
from tests.flows.terminal_world import ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def outside() -> Outside:
    """The laptop is in the store still."""
    return make_outside(out=False)


def asked(outside: Outside, at: datetime | None = None) -> OutsideAnswer:
    outside.place.refresh_from_db()
    return why_outside(outside.person, outside.place, at=at or now())


def said(outside: Outside, *time: str) -> str:
    out = io.StringIO()
    call_command("why", outside.person.name, outside.place.name, *time, stdout=out)
    return out.getvalue()


def test_yes_and_then_the_laptop_goes_out(outside: Outside) -> None:
    answer = asked(outside)
    assert answer.granted
    assert answer.issue == ()
    assert "Yes: " in said(outside)
    outside.issued()
    held = asked(outside)
    assert held.issue is None
    assert held.held == outside.custody()
    assert held.granted
    assert str(outside.terminal) in said(outside)


def no_terms(outside: Outside) -> None:
    EngagementTerms.objects.filter(ended_at=None).update(ended_at=now())


def no_pin(outside: Outside) -> None:
    Pin.objects.filter(person=outside.person).delete()


def no_badge(outside: Outside) -> None:
    BadgeAssignment.objects.filter(person=outside.person).update(returned_at=now())


def no_need(outside: Outside) -> None:
    NeedToKnow.objects.filter(person=outside.person).delete()


def no_place(outside: Outside) -> None:
    place_revoke(place_id=outside.place.pk, reason="Moved out", actor=outside.store.first)


BROKEN = (no_terms, no_pin, no_badge, no_need, no_place)


@pytest.mark.parametrize("broken", BROKEN)
def test_it_says_what_the_desk_would(outside: Outside, broken: Callable[[Outside], None]) -> None:
    broken(outside)
    answer = asked(outside)
    with pytest.raises(IssueRefused) as refused:
        outside.issued()
    assert answer.issue
    assert list(answer.issue) == list(refused.value.reasons)
    text = said(outside)
    for each in answer.issue:
        assert f"[{each.code}]" in text


def test_everything_at_once_not_the_first_alone(outside: Outside) -> None:
    for broken in BROKEN:
        broken(outside)
    found = {each.code for each in asked(outside).issue or ()}
    assert found >= {"pin_missing", "badge_not_active", "terms_missing", "place_not_approved"}


def test_the_hour_and_the_day_count(outside: Outside) -> None:
    zone = ZoneInfo(outside.facility.time_zone)
    today = now().astimezone(zone).date()
    open_day = next(
        today + n * DAY
        for n in range(1, 8)
        if f"{today + n * DAY:%a}".lower() in outside.place.hours
    )
    opens = time.fromisoformat(outside.place.hours[f"{open_day:%a}".lower()][0])
    first = datetime.combine(open_day, opens, zone)
    assert "outside_place_hours" not in codes(asked(outside, first))
    early = asked(outside, first - timedelta(minutes=1))
    assert "outside_place_hours" in codes(early)
    assert "outside_place_hours" in said(outside, f"{first - timedelta(minutes=1):%Y-%m-%dT%H:%M}")
    over = asked(outside, outside.place.valid_until)
    assert "place_term_over" in {each.code for each in over.issue or ()}
    assert not over.granted


def codes(answer: OutsideAnswer) -> set[str]:
    return {each.code for each in answer.use}


def test_without_a_laptop_in_the_store_and_for_a_stranger(outside: Outside) -> None:
    Terminal.objects.exclude(pk=outside.terminal.pk).exclude(state="retired").delete()
    outside.issued()
    stranger = Person.objects.get(user__username="a.nwosu")
    answer = why_outside(stranger, outside.place, at=now())
    assert {each.code for each in answer.issue or ()} >= {"not_a_member", "no_laptop"}
    # He who has it works with it later too, until the day on which it is to be back.
    due = outside.custody().due_at
    assert due is not None
    assert "laptop_overdue" in codes(asked(outside, due))


def test_the_officer_s_page_asks_it_and_journals_that(outside: Outside) -> None:
    no_pin(outside)
    client = Client()
    client.force_login(User.objects.get(username="p.ngata"))
    asking = {"person": outside.person.name, "portal": str(outside.place.pk), "at": ""}
    page = client.get(reverse("admin:why"), asking, follow=True)
    assert page.redirect_chain
    text = page.content.decode()
    assert "no laptop would go out" in text
    assert "has no PIN of this facility" in text
    entry = Outbox.objects.latest("pk")
    assert entry.fields["kind"] == "why.asked"
    assert entry.fields["subject"]["id"] == str(outside.person.pk)
    assert outside.place.name.encode() in bytes(entry.content)


def test_another_facility_s_officer_does_not_know_of_the_place(outside: Outside) -> None:
    client = Client()
    client.force_login(User.objects.get(username="k.solberg"))
    address = reverse("admin:why_outside", args=[outside.person.pk, outside.place.pk])
    assert client.get(address).status_code in {302, 403, 404}
    assert "why.asked" not in {each.fields["kind"] for each in Outbox.objects.all()}


def test_a_name_that_means_nothing_is_answered_with_what_there_is(outside: Outside) -> None:
    with pytest.raises(CommandError, match=outside.place.name):
        call_command("why", outside.person.name, "Nowhere")

"""What a laptop's page offers an officer is what would be taken now; the rest says why not."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from scif.people.models import User
from terminals.models import BootImage, Terminal
from terminals.services.image import boot_image_withdraw
from terminals.services.lock import terminal_lock
from terminals.services.loss import terminal_report_lost
from terminals.services.quarantine import terminal_quarantine, terminal_release_ask
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import Store, ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def page_of(record: Terminal | BootImage, login: str = "p.ngata") -> str:
    address = reverse(f"admin:terminals_{record._meta.model_name}_change", args=[record.pk])
    tools = client_of(login).get(address).content.decode()
    return tools.partition('class="object-tools"')[2].partition("</ul>")[0]


def offered(page: str, name: str) -> bool:
    return f'href="/admin/act/{name}/' in page


def test_a_laptop_is_confirmed_by_another_once_it_is_sealed(store: Store) -> None:
    terminal = store.registered()
    assert "Waits for another officer" in page_of(terminal)
    assert not offered(page_of(terminal), "terminal-confirm")
    assert offered(page_of(terminal, "h.marsh"), "terminal-confirm")
    terminal.seals.update(removed_at=terminal.enrolled_at, removed_why="Loose")
    bare = page_of(terminal, "h.marsh")
    assert not offered(bare, "terminal-confirm")
    assert "It has no seal" in bare


def test_nothing_is_measured_against_an_image_that_is_not_approved(store: Store) -> None:
    terminal = store.stored()
    assert offered(page_of(terminal), "terminal-ask")
    boot_image_withdraw(image_id=terminal.image_id, reason="Old", actor=store.first)
    page = page_of(terminal)
    for name in ("terminal-ask", "terminal-image"):
        assert not offered(page, name)
    assert "Its boot image is not approved" in page
    assert "No boot image is approved here" in page


def test_nobody_is_offered_a_second_approval_of_his_own(store: Store) -> None:
    image = store.image(approved=False)
    client_of("p.ngata").post(reverse("admin:act", args=["image-approve", image.pk]))
    assert not offered(page_of(image), "image-approve")
    assert offered(page_of(image, "h.marsh"), "image-approve")


def test_whoever_locked_it_is_not_offered_to_lift_the_lock(store: Store) -> None:
    terminal = store.stored()
    terminal_lock(terminal_id=terminal.pk, reason="Odd", actor=store.first)
    terminal.refresh_from_db()
    assert not offered(page_of(terminal), "terminal-unlock")
    assert offered(page_of(terminal, "h.marsh"), "terminal-unlock")


def test_a_release_is_asked_for_with_a_proof_and_given_by_another(store: Store) -> None:
    terminal = store.issued(store.stored())
    terminal_quarantine(terminal_id=terminal.pk, reason="Found open", actor=store.guard)
    held = page_of(terminal)
    assert not offered(held, "terminal-release-ask")
    assert "take it back first" in held
    assert not offered(held, "terminal-retire")
    store.returned(terminal)
    assert "It has not proved what it runs" in page_of(terminal)
    store.attested(terminal)
    assert offered(page_of(terminal), "terminal-release-ask")
    terminal_release_ask(
        terminal_id=terminal.pk, seals=store.seals(terminal), finding="Whole", actor=store.first
    )
    assert not offered(page_of(terminal), "terminal-release")
    assert offered(page_of(terminal, "h.marsh"), "terminal-release")


def test_the_desk_offers_the_stops_that_its_state_allows(store: Store) -> None:
    guard, terminal = client_of("e.hughes"), store.stored()
    code = store.world.facility.code
    page, stop = (
        reverse(f"desk:{name}", args=[code, terminal.pk]) for name in ("laptop", "laptop_stop")
    )
    assert stop in guard.get(page).content.decode()
    terminal_lock(terminal_id=terminal.pk, reason="Odd", actor=store.guard)
    shown = guard.get(stop).content.decode()
    assert 'value="lock"' not in shown
    assert 'value="quarantine"' in shown
    terminal_report_lost(
        terminal_id=terminal.pk, last_seen_at=None, last_seen_where="", circumstances="Gone",
        actor=store.guard,
    )  # fmt: skip
    assert stop not in guard.get(page).content.decode()
    assert "Its present state does not allow this" in guard.get(stop).content.decode()

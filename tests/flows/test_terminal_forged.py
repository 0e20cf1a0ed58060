"""Who writes as the web's role brings a laptop no further than its records do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.models import (
    Quarantine,
    Terminal,
    TerminalInspection,
    TerminalLock,
    TerminalSignature,
)
from terminals.services.lock import terminal_lock, terminal_unlock
from tests.flows.control_acts import session_end
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import YES, Store, ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def denied(terminal: Terminal, after: str) -> None:
    """That step is refused, whatever the row was before."""
    with pytest.raises(DatabaseError, match="no record that lets"), transaction.atomic():
        Terminal.objects.filter(pk=terminal.pk).update(state=after)


def inspected(store: Store, terminal: Terminal, **otherwise: Any) -> None:
    """An inspection on record."""
    TerminalInspection.objects.create(
        **{
            "terminal": terminal,
            "inspector_id": store.guard.person_id,
            "at": now(),
            "answers": YES,
            "seals_read": store.seals(terminal),
            "passed": True,
            **otherwise,
        }
    )


def test_no_laptop_counts_as_inspected_that_was_not(store: Store) -> None:
    other, before = store.stored("LT-02"), now()
    terminal = store.returned(store.issued(store.stored()))
    denied(terminal, "inspected")
    inspected(store, terminal, passed=False)
    inspected(store, other)
    inspected(store, terminal, at=before)
    denied(terminal, "inspected")
    inspected(store, terminal)
    assert Terminal.objects.filter(pk=terminal.pk).update(state="inspected")


def test_an_inspection_before_a_lock_is_none_after_it(store: Store) -> None:
    """A lock that is lifted while nobody holds the laptop ends like a return."""
    terminal = store.returned(store.issued(store.stored()))
    store.put_away(terminal)
    terminal_lock(terminal_id=terminal.pk, reason="Count", actor=store.guard)
    terminal_unlock(terminal_id=terminal.pk, reason="Counted", actor=store.first)
    denied(terminal, "inspected")


@pytest.mark.parametrize("after", ["issued", "returned", "quarantined"])
def test_a_laptop_leaves_no_lock_that_stands(store: Store, after: str) -> None:
    terminal = store.issued(store.stored())
    terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    Quarantine.objects.create(terminal=terminal, reason="Odd", placed_at=now())
    denied(terminal, after)


@pytest.mark.parametrize("after", ["issued", "returned"])
def test_a_lock_that_ended_without_being_lifted_lets_nobody_go_on(store: Store, after: str) -> None:
    """An earlier lock that was lifted is none of this one's."""
    terminal = store.issued(store.stored())
    for _ in range(2):
        terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
        if store.again(terminal).locks.count() == 1:
            terminal_unlock(terminal_id=terminal.pk, reason="Fine", actor=store.first)
    terminal.locks.filter(ended_at=None).update(ended_at=now())
    denied(terminal, after)


@pytest.mark.parametrize(
    "changed", [{"ended_at": None}, {"lifted_by_id": None}, {"ended_at": timedelta(hours=1)}]
)
def test_a_lock_that_has_ended_stays_as_it_ended(store: Store, changed: dict[str, Any]) -> None:
    terminal = store.stored()
    terminal_lock(terminal_id=terminal.pk, reason="Count", actor=store.guard)
    terminal_unlock(terminal_id=terminal.pk, reason="Counted", actor=store.first)
    written = {
        name: now() + each if isinstance(each, timedelta) else each
        for name, each in changed.items()
    }
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        TerminalLock.objects.filter(terminal=terminal).update(**written)


def test_a_laptop_is_in_no_session_but_one_that_is_asked_for(store: Store) -> None:
    terminal = store.issued(store.stored())
    denied(terminal, "in_session")
    session = store.requested(terminal)
    session_end(session_id=session.pk, why="over", actor=Actor.system("control"))
    denied(terminal, "in_session")
    store.requested(terminal)
    assert Terminal.objects.filter(pk=terminal.pk).update(state="in_session")


def test_a_laptop_leaves_a_session_only_once_that_is_over(store: Store) -> None:
    terminal = store.in_session(store.issued(store.stored()))
    denied(terminal, "issued")


def test_who_signed_for_a_laptop_stays_on_record(store: Store) -> None:
    store.issued(store.stored())
    signed = TerminalSignature.objects.filter(hand_over="issue")
    with pytest.raises(DatabaseError, match="refuses UPDATE"), transaction.atomic():
        signed.update(signer_id=store.guard.person_id)
    with pytest.raises(DatabaseError, match="refuses DELETE"), transaction.atomic():
        signed._raw_delete("default")

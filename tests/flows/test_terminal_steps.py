"""The database knows the steps: whoever writes past the services takes no other."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.states import Machine
from terminals.models import BootImage, Quarantine, Session, Terminal, TerminalCustody
from terminals.rules.states import IMAGE, TERMINAL, ImageState, TerminalAction, TerminalState
from terminals.services.enrolment import terminal_retire
from terminals.services.inspection import terminal_inspect
from terminals.services.lock import terminal_lock, terminal_unlock
from terminals.services.loss import LOST, terminal_find, terminal_report_lost
from terminals.services.quarantine import (
    terminal_quarantine,
    terminal_release,
    terminal_release_ask,
)
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


@pytest.mark.parametrize(
    ("table", "begin", "machine"),
    [
        ("terminals_terminal", TerminalState.REGISTERED, TERMINAL),
        ("terminals_bootimage", ImageState.PROPOSED, IMAGE),
    ],
)
def test_the_trigger_has_the_table_of_the_rules(
    table: str, begin: StrEnum, machine: Machine[Any, Any]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(tgargs, 'escape'), tgenabled FROM pg_trigger"
            " WHERE tgname = 'terminals_steps' AND tgrelid = %s::regclass",
            [table],
        )
        (arguments, enabled), *others = cursor.fetchall()
    first, steps, _end = arguments.split("\\000")
    assert (others, enabled) == ([], "A")
    assert first == begin
    assert sorted(steps.split()) == sorted(
        {f"{before}>{after}" for (before, _), after in machine.table.items() if before != after}
    )


def test_no_other_step_is_taken_by_writing(store: Store) -> None:
    terminal, reached = store.stored(), set()
    for before in _walk(store, terminal):
        reached.add(before)
        allowed = {after for (state, _), after in TERMINAL.table.items() if state is before}
        for after in set(TerminalState) - allowed - {before}:
            with pytest.raises(DatabaseError, match="does not go"), transaction.atomic():
                Terminal.objects.filter(pk=terminal.pk).update(state=after)
    assert reached == set(TerminalState) - {TerminalState.REGISTERED}


def _walk(store: Store, terminal: Terminal) -> Iterator[TerminalState]:
    """Through each state by the services."""
    yield TerminalState.IN_STORE
    yield TerminalState(store.issued(terminal).state)
    yield TerminalState(store.in_session(terminal).state)
    yield TerminalState(store.returned(terminal).state)
    store.put_away(terminal)
    terminal_lock(terminal_id=terminal.pk, reason="Count", actor=store.guard)
    yield TerminalState.LOCKED
    terminal_unlock(terminal_id=terminal.pk, reason="Counted", actor=store.first)
    terminal_inspect(
        terminal_id=terminal.pk, answers=YES, seals=store.seals(terminal), remarks="",
        actor=store.guard,
    )  # fmt: skip
    yield TerminalState(store.again(terminal).state)
    _lose(store, terminal)
    yield TerminalState(store.again(terminal).state)
    gone = Alarm.objects.filter(kind=LOST, subject=terminal.asset_tag, closed_at=None)
    assert gone.exists()
    terminal_find(terminal_id=terminal.pk, where="Lift", actor=store.guard)
    assert not gone.exists(), "what the alarm told is over"
    yield TerminalState(store.again(terminal).state)
    terminal_retire(terminal_id=terminal.pk, reason="Opened", actor=store.first)
    yield TerminalState(store.again(terminal).state)


def _lose(store: Store, terminal: Terminal) -> None:
    terminal_report_lost(
        terminal_id=terminal.pk,
        last_seen_at=None,
        last_seen_where="",
        circumstances="Gone",
        actor=store.guard,
    )


def test_a_step_that_is_in_the_table_needs_its_record(store: Store) -> None:
    terminal = store.stored()
    for after in ("issued", "locked", "quarantined", "lost"):
        with pytest.raises(DatabaseError, match="no record that lets"), transaction.atomic():
            Terminal.objects.filter(pk=terminal.pk).update(state=after)


def test_nothing_begins_in_the_middle_and_nothing_is_deleted(store: Store) -> None:
    terminal = store.registered()
    with pytest.raises(DatabaseError, match="begins as"), transaction.atomic():
        Terminal.objects.create(
            facility=terminal.facility,
            asset_tag="LT-09",
            serial="SN-09",
            state="in_store",
            state_since=now(),
            image=terminal.image,
            attestation_key=b"-",
            endorsement_sha256="9" * 64,
            enrolled_by=terminal.enrolled_by,
            enrolled_at=now(),
            confirmed_by_id=store.second.person_id,
        )
    for rows in (Terminal.objects.filter(pk=terminal.pk), BootImage.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete("default")


@pytest.mark.parametrize(
    "missing",
    ["second", "quote", "newer_stay", "another_laptops_quote", "seal", "seal_unknown", "seals"],
)
def test_quarantine_is_left_only_past_its_record(store: Store, missing: str) -> None:
    """Somebody who writes as the web's role invents a release, and leaves one thing out."""
    terminal = store.stored()
    other = store.stored("LT-02")
    terminal_quarantine(terminal_id=terminal.pk, reason="Odd", actor=store.guard)
    quote = store.attested(other if missing == "another_laptops_quote" else terminal)
    stay = Quarantine.objects.get()
    stay.asked_by_id, stay.asked_at = store.first.person_id, now()
    stay.released_by_id = (store.first if missing == "second" else store.second).person_id
    stay.attestation = None if missing == "quote" else quote
    read = store.seals(terminal)
    stay.seals_read = {"seal": read[:1], "seal_unknown": [*read, "S-9"], "seals": []}.get(
        missing, read
    )
    stay.ended_at, stay.ended_how = now(), "released"
    with pytest.raises(DatabaseError):
        _write(stay, again=missing == "newer_stay")
    assert store.again(terminal).state == "quarantined"


@transaction.atomic
def _write(stay: Quarantine, *, again: bool) -> None:
    stay.save()
    if again:
        Quarantine.objects.create(terminal=stay.terminal, reason="Odd again", placed_at=now())
    Terminal.objects.filter(pk=stay.terminal_id).update(state="in_store")


def test_an_earlier_release_is_good_for_no_later_stay(store: Store) -> None:
    terminal = store.stored()
    for _ in range(2):
        terminal_quarantine(terminal_id=terminal.pk, reason="Odd", actor=store.guard)
        with pytest.raises(DatabaseError, match="no record"), transaction.atomic():
            Terminal.objects.filter(pk=terminal.pk).update(state="in_store")
        _release(store, terminal)
    ended = Quarantine.objects.earliest("placed_at")
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        Quarantine.objects.filter(pk=ended.pk).update(ended_at=None, ended_how="")


def _release(store: Store, terminal: Terminal) -> None:
    store.attested(terminal)
    terminal_release_ask(
        terminal_id=terminal.pk,
        seals=store.seals(terminal),
        finding="Nothing",
        actor=store.first,
    )
    terminal_release(terminal_id=terminal.pk, actor=store.second)


class TerminalLife(RuleBasedStateMachine):
    """Services in any order: a refusal changes nothing, and what holds always holds."""

    store: Store
    terminal: Terminal

    @initialize()
    def begin(self) -> None:
        for custody in TerminalCustody.objects.filter(ended_at=None).select_related("terminal"):
            self.store.returned(custody.terminal)
        self.terminal = self.store.stored(f"LT-{Terminal.objects.count() + 10}")

    def _try(self, act: Any) -> None:
        before = self.store.again(self.terminal).state
        try:
            with transaction.atomic():
                act()
        except Refused:
            assert self.store.again(self.terminal).state == before

    @rule()
    def issue(self) -> None:
        self._try(lambda: self.store.issued(self.terminal))

    @rule(whole=st.booleans())
    def take_back(self, whole: bool) -> None:
        seals = self.store.seals(self.terminal) if whole else []
        self._try(lambda: self.store.returned(self.terminal, seals))

    @rule()
    def put_away(self) -> None:
        self._try(lambda: self.store.put_away(self.terminal))

    @rule()
    def open_session(self) -> None:
        self._try(self._open_session)

    def _open_session(self) -> None:
        TERMINAL.next(
            TerminalState(self.store.again(self.terminal).state), TerminalAction.OPEN_SESSION
        )
        # One that its laptop has left otherwise ends, as the bastion says.
        for left in Session.objects.exclude(state="ended"):
            session_end(session_id=left.pk, why="over", actor=Actor.system("control"))
        self.store.in_session(self.terminal)

    @rule()
    def close_session(self) -> None:
        self._try(self._close_session)

    def _close_session(self) -> None:
        # Its record ends, and the laptop's step with it: the database takes no other order.
        for session in Session.objects.filter(terminal=self.terminal).exclude(state="ended"):
            session_end(session_id=session.pk, why="end", actor=Actor.system("control"))

    @rule()
    def lock(self) -> None:
        self._try(
            lambda: terminal_lock(
                terminal_id=self.terminal.pk, reason="Odd", actor=self.store.guard
            )
        )

    @rule(by_another=st.booleans())
    def unlock(self, by_another: bool) -> None:
        actor = self.store.first if by_another else self.store.guard
        self._try(lambda: terminal_unlock(terminal_id=self.terminal.pk, reason="Fine", actor=actor))

    @rule()
    def quarantine(self) -> None:
        self._try(
            lambda: terminal_quarantine(
                terminal_id=self.terminal.pk, reason="Odd", actor=self.store.guard
            )
        )

    @rule()
    def release(self) -> None:
        self._try(lambda: _release(self.store, self.terminal))

    @rule()
    def lose(self) -> None:
        self._try(lambda: _lose(self.store, self.terminal))

    @rule()
    def find(self) -> None:
        self._try(
            lambda: terminal_find(
                terminal_id=self.terminal.pk, where="Lift", actor=self.store.guard
            )
        )

    @invariant()
    def records_agree_with_the_state(self) -> None:
        if not hasattr(self, "terminal"):
            return
        terminal = self.store.again(self.terminal)
        state = terminal.state
        stays = terminal.quarantines.filter(ended_at=None).count()
        assert stays == (state == "quarantined")
        assert terminal.locks.filter(ended_at=None).count() == (state == "locked")
        assert terminal.losses.filter(found_at=None).count() == (state == "lost")
        held = terminal.custodies.filter(ended_at=None).exists()
        if state in {"issued", "in_session"}:
            assert held
        if state in {"in_store", "returned", "inspected", "lost"}:
            assert not held
        for stay in terminal.quarantines.filter(ended_how="released"):
            assert stay.asked_by_id != stay.released_by_id


def test_any_acts_in_any_order(store: Store) -> None:
    class Life(TerminalLife):
        pass

    Life.store = store
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

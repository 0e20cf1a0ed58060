"""Locks, quarantine, loss: one person stops a laptop, two let it go on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from terminals.models import LossReport, Quarantine, Terminal, TerminalCustody, TerminalLock
from terminals.services.enrolment import terminal_retire, terminal_seal
from terminals.services.lock import (
    terminal_lock,
    terminal_locks_watch,
    terminal_unlock,
)
from terminals.services.loss import terminal_find, terminal_report_lost
from terminals.services.quarantine import (
    terminal_quarantine,
    terminal_release,
    terminal_release_ask,
)
from tests.flows.control_acts import lock_confirmed, lock_delivered
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import Store, ticking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
BEAT = Actor.system("beat")


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def quarantined(store: Store) -> Terminal:
    terminal = store.stored()
    return terminal_quarantine(terminal_id=terminal.pk, reason="Odd", actor=store.guard)


def asked(store: Store, terminal: Terminal, seals: list[str] | None = None) -> Quarantine:
    return terminal_release_ask(
        terminal_id=terminal.pk,
        seals=store.seals(terminal) if seals is None else seals,
        finding="Nothing found",
        actor=store.first,
    )


def test_requested_delivered_and_confirmed_are_three_facts(store: Store) -> None:
    terminal = store.issued(store.stored())
    store.in_session(terminal)
    locked = terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    assert (store.again(terminal).state, locked.delivered_at, locked.confirmed_at) == (
        "locked",
        None,
        None,
    )
    lock_delivered(locked.pk)
    delivered = TerminalLock.objects.get(pk=locked.pk)
    assert delivered.delivered_at
    assert delivered.confirmed_at is None
    lock_confirmed(locked.pk)
    confirmed = TerminalLock.objects.get(pk=locked.pk).confirmed_at
    assert confirmed
    lock_confirmed(locked.pk)
    assert TerminalLock.objects.get(pk=locked.pk).confirmed_at == confirmed


@pytest.mark.parametrize("what", ["confirmed_at = now()", "requested_at = now()", ""])
def test_the_web_neither_confirms_a_lock_nor_makes_it_go(store: Store, what: str) -> None:
    terminal = store.issued(store.stored())
    terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    tried = f"UPDATE terminals_terminallock SET {what}" if what else (
        "DELETE FROM terminals_terminallock"
    )  # fmt: skip
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(tried)


def test_a_lock_that_nobody_confirms_is_an_alarm_once(store: Store) -> None:
    terminal = store.issued(store.stored())
    locked = terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    terminal_locks_watch(actor=BEAT)
    assert not Alarm.objects.exists()
    later = now() + timedelta(seconds=6)
    with clock_set(lambda: later):
        terminal_locks_watch(actor=BEAT)
        terminal_locks_watch(actor=BEAT)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.gravity, alarm.count) == ("terminal_lock_unconfirmed", "respond", 1)
    lock_confirmed(locked.pk)
    alarm.refresh_from_db()
    assert alarm.closed_at


def test_a_lock_in_the_store_asks_nobody(store: Store) -> None:
    locked = terminal_lock(terminal_id=store.stored().pk, reason="Count", actor=store.guard)
    assert locked.confirmed_at


def test_another_person_lifts_a_lock(store: Store) -> None:
    terminal = store.issued(store.stored())
    terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    with pytest.raises(Refused, match="does not unlock"):
        terminal_unlock(terminal_id=terminal.pk, reason="Fine", actor=store.guard)
    unlocked = terminal_unlock(terminal_id=terminal.pk, reason="Fine", actor=store.first)
    assert unlocked.state == "issued"


def test_a_lock_of_a_laptop_that_nobody_holds_ends_in_an_inspection(store: Store) -> None:
    terminal = store.stored()
    terminal_lock(terminal_id=terminal.pk, reason="Count", actor=store.guard)
    unlocked = terminal_unlock(terminal_id=terminal.pk, reason="Counted", actor=store.first)
    assert unlocked.state == "returned"


def test_a_locked_laptop_is_taken_back_and_stays_locked_until_another_lifts_it(
    store: Store,
) -> None:
    terminal = store.issued(store.stored())
    terminal_lock(terminal_id=terminal.pk, reason="Talks", actor=store.guard)
    assert store.returned(terminal).state == "locked"
    assert not terminal.custodies.filter(ended_at=None).exists()
    with pytest.raises(Refused, match="Whoever locked"):
        terminal_unlock(terminal_id=terminal.pk, reason="Done", actor=store.guard)
    unlocked = terminal_unlock(terminal_id=terminal.pk, reason="Looked at", actor=store.first)
    assert unlocked.state == "returned"
    assert TerminalLock.objects.get().lifted_by_id == store.first.person_id


def test_two_people_release_with_seals_and_a_quote(store: Store) -> None:
    terminal = quarantined(store)
    with pytest.raises(Refused, match="not proved"):
        asked(store, terminal)
    store.attested(terminal)
    with pytest.raises(Refused, match="on record and not read"):
        asked(store, terminal, seals=[])
    with pytest.raises(Refused, match="Nobody has asked"):
        terminal_release(terminal_id=terminal.pk, actor=store.second)
    asked(store, terminal)
    with pytest.raises(Refused, match="asked for it yourself"):
        terminal_release(terminal_id=terminal.pk, actor=store.first)
    assert terminal_release(terminal_id=terminal.pk, actor=store.second).state == "in_store"


def test_seals_are_read_in_whatever_letters(store: Store) -> None:
    terminal = quarantined(store)
    store.attested(terminal)
    asked(store, terminal, seals=[f" {each.lower()} " for each in store.seals(terminal)])
    assert terminal_release(terminal_id=terminal.pk, actor=store.second).state == "in_store"


def test_a_seal_put_on_after_the_request_is_read_first(store: Store) -> None:
    terminal = quarantined(store)
    store.attested(terminal)
    asked(store, terminal)
    terminal_seal(
        terminal_id=terminal.pk, place="lid", number="S-2001", reason="Torn", actor=store.first
    )
    with pytest.raises(Refused, match="changed since"):
        terminal_release(terminal_id=terminal.pk, actor=store.second)
    asked(store, terminal, seals=["S-2001", "S-1002-LT-01"])
    assert terminal_release(terminal_id=terminal.pk, actor=store.second).state == "in_store"


def test_a_quote_from_before_the_quarantine_releases_nothing(store: Store) -> None:
    terminal = store.stored()
    store.attested(terminal)
    later = now() + timedelta(seconds=1)
    with clock_set(lambda: later):
        terminal_quarantine(terminal_id=terminal.pk, reason="Odd", actor=store.guard)
        with pytest.raises(Refused, match="not proved"):
            asked(store, terminal)


def test_a_request_for_release_lapses(store: Store) -> None:
    terminal = quarantined(store)
    store.attested(terminal)
    asked(store, terminal)
    later = now() + timedelta(minutes=60)
    with clock_set(lambda: later), pytest.raises(Refused, match="too old"):
        terminal_release(terminal_id=terminal.pk, actor=store.second)


def test_a_guard_quarantines_and_does_not_release(store: Store) -> None:
    terminal = quarantined(store)
    with pytest.raises(Terminal.DoesNotExist):
        terminal_release(terminal_id=terminal.pk, actor=store.guard)


def test_a_laptop_quarantined_in_its_visitors_hands_is_still_taken_back(store: Store) -> None:
    terminal = store.issued(store.stored())
    terminal_quarantine(terminal_id=terminal.pk, reason="Odd", actor=store.guard)
    store.attested(terminal)
    with pytest.raises(Refused, match="somebody's hands"):
        asked(store, terminal)
    assert store.returned(terminal, seals=[]).state == "quarantined"
    assert TerminalCustody.objects.get().ended_how == "returned"


def test_a_lost_laptop_comes_back_into_quarantine(store: Store) -> None:
    terminal = store.issued(store.stored())
    terminal_lock(terminal_id=terminal.pk, reason="Missing", actor=store.guard)
    report = terminal_report_lost(
        terminal_id=terminal.pk,
        last_seen_at=now(),
        last_seen_where="Corridor",
        circumstances="Not in the room",
        actor=store.guard,
    )
    assert store.again(terminal).state == "lost"
    assert TerminalCustody.objects.get().ended_how == "lost"
    assert "terminal_lost" in {alarm.kind for alarm in Alarm.objects.all()}
    terminal_find(terminal_id=terminal.pk, where="Lift", actor=store.colleague)
    report.refresh_from_db()
    assert (report.found_where, store.again(terminal).state) == ("Lift", "quarantined")


def test_a_quarantined_laptop_may_be_lost_or_retired(store: Store) -> None:
    terminal = quarantined(store)
    terminal_report_lost(
        terminal_id=terminal.pk,
        last_seen_at=None,
        last_seen_where="",
        circumstances="Gone",
        actor=store.guard,
    )
    terminal_find(terminal_id=terminal.pk, where="Cellar", actor=store.guard)
    retired = terminal_retire(terminal_id=terminal.pk, reason="Opened", actor=store.first)
    assert retired.state == "retired"
    assert [stay.ended_how for stay in Quarantine.objects.order_by("placed_at")] == [
        "lost",
        "retired",
    ]
    assert LossReport.objects.get().found_at


def test_nobody_saw_it_in_the_future(store: Store) -> None:
    with pytest.raises(Refused, match="future"):
        terminal_report_lost(
            terminal_id=store.stored().pk,
            last_seen_at=now() + timedelta(minutes=1),
            last_seen_where="",
            circumstances="Gone",
            actor=store.guard,
        )

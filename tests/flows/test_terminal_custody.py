"""A laptop over the counter and back, its inspection, its session, what the chain asks for."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from access.models import BadgeAssignment, LockerAssignment, Visit
from access.selectors.visit import visit_open_items
from access.services.custody import locker_assign
from access.services.leaving import search_record, visit_complete
from scif.alarms.models import Alarm
from scif.console.views.laptop_words import stay_words
from scif.facilities.models import Locker
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from terminals.models import (
    Attestation,
    Quarantine,
    Session,
    TerminalCustody,
    TerminalInspection,
    TerminalSignature,
)
from terminals.services.attestation import attestation_answer, attestation_ask
from terminals.services.custody import terminal_issue
from terminals.services.enrolment import terminal_image_set
from terminals.services.inspection import terminal_inspect, terminal_store
from terminals.services.session import terminal_session_close, terminal_session_open
from tests.flows.control_acts import session_end
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import YES, Store, ticking
from tests.flows.test_visit_desk import STROKES, check_in, identify
from tests.quotes import GOLDEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def store() -> Store:
    return Store(make_world())


def told() -> list[str]:
    return [entry.fields["kind"] for entry in Outbox.objects.order_by("pk")]


def test_out_of_its_locker_to_the_visitor_and_back_into_the_store(store: Store) -> None:
    terminal = store.stored(locker=True)
    check_in(store.world)
    store.attested(terminal)
    with pytest.raises(Refused, match="has not been opened"):
        store.issued(terminal)
    store.opened(terminal)
    terminal = store.issued(terminal)
    assert terminal.state == "issued"
    terminal = store.returned(terminal)
    assert terminal.state == "returned"
    terminal_inspect(
        terminal_id=terminal.pk,
        answers=YES,
        seals=store.seals(terminal),
        remarks="",
        actor=store.guard,
    )
    with pytest.raises(Refused, match="has not been opened"):
        terminal_store(terminal_id=terminal.pk, actor=store.guard)
    store.opened(terminal)
    assert terminal_store(terminal_id=terminal.pk, actor=store.guard).state == "in_store"
    custody = TerminalCustody.objects.get()
    assert (custody.ended_how, custody.seals_returned) == ("returned", store.seals(terminal))
    signers = {s.hand_over: s.signer_id for s in TerminalSignature.objects.all()}
    assert signers == {
        "issue": store.world.visit.person_id,
        "return": store.guard.person_id,
    }
    kinds = [kind for kind in told() if kind.startswith("terminal.")]
    assert kinds[-4:] == [
        "terminal.issued",
        "terminal.returned",
        "terminal.inspected",
        "terminal.stored",
    ]


def test_putting_away_is_no_taking_out(store: Store) -> None:
    """One opening of the locker is one hand-over."""
    terminal = store.stored(locker=True)
    store.opened(terminal)
    terminal = store.returned(store.issued(terminal))
    terminal_inspect(
        terminal_id=terminal.pk, answers=YES, seals=store.seals(terminal), remarks="",
        actor=store.guard,
    )  # fmt: skip
    store.opened(terminal)
    terminal_store(terminal_id=terminal.pk, actor=store.guard)
    with pytest.raises(Refused, match="has not been opened"):
        store.issued(terminal)


def test_a_visitor_is_given_no_locker_of_a_laptop(store: Store) -> None:
    terminal = store.stored(locker=True)
    Locker.objects.exclude(terminal=terminal).update(in_service=False)
    identify(store.world)
    with pytest.raises(Refused, match="No locker is free"):
        locker_assign(visit_id=store.world.visit.pk, actor=store.guard)


def test_nothing_is_issued_before_the_check_in(store: Store) -> None:
    terminal = store.stored()
    identify(store.world)
    with pytest.raises(Refused, match="not checked in"):
        store.issued(terminal)


@pytest.mark.parametrize("seals", [[], ["S-1001-LT-01"], ["S-1001-LT-01", "S-1002-LT-01", "S-3"]])
def test_seals_that_differ_issue_nothing(store: Store, seals: list[str]) -> None:
    terminal = store.stored()
    with pytest.raises(Refused) as refused:
        store.issued(terminal, seals=seals)
    assert refused.value.code == "seals_differ"
    # Whoever reads them reads them blind.
    assert not any(number in refused.value.message for number in store.seals(terminal))
    assert not TerminalCustody.objects.exists()


def test_nothing_is_issued_without_a_signature_or_to_oneself(store: Store) -> None:
    terminal = store.stored()
    with pytest.raises(Refused, match="signature"):
        store.issued(terminal, strokes={})
    Visit.objects.filter(pk=store.world.visit.pk).update(person=store.guard.person_id)
    with pytest.raises(Refused, match="himself"):
        store.issued(terminal)


def test_one_laptop_one_hand(store: Store) -> None:
    store.issued(store.stored())
    with pytest.raises(Refused, match="has a laptop"):
        store.issued(store.stored("LT-02"))


def test_a_quote_holds_for_the_policys_minutes_and_for_its_image(store: Store) -> None:
    terminal = store.issued(store.stored())
    person = store.world.visit.person_id
    later = now() + timedelta(minutes=16)
    with clock_set(lambda: later), pytest.raises(Refused, match="not proved"):
        terminal_session_open(terminal_id=terminal.pk, person_id=person, actor=store.guard)
    store.returned(terminal)
    terminal_image_set(terminal_id=terminal.pk, image_id=store.image("2").pk, actor=store.first)
    store.put_away(terminal)
    with pytest.raises(Refused, match="not proved"):
        terminal_issue(
            visit_id=store.world.visit.pk,
            terminal_id=terminal.pk,
            seals=store.seals(terminal),
            strokes=STROKES,
            actor=store.guard,
        )


def test_a_session_is_of_the_one_who_has_the_laptop(store: Store) -> None:
    terminal = store.issued(store.stored())
    with pytest.raises(Refused, match="not issued to this person"):
        terminal_session_open(
            terminal_id=terminal.pk,
            person_id=store.first.person_id,  # type: ignore[arg-type]  # an officer is a person
            actor=store.guard,
        )
    assert store.in_session(terminal).state == "in_session"
    session_end(session_id=Session.objects.get().pk, why="left", actor=Actor.system("control"))
    assert store.again(terminal).state == "issued"
    again = terminal_session_close(terminal_id=terminal.pk, reason="late", actor=store.guard)
    assert again.state == "issued"


def test_a_laptop_is_taken_back_out_of_a_session_and_with_broken_seals(store: Store) -> None:
    terminal = store.issued(store.stored())
    store.in_session(terminal)
    terminal = store.returned(terminal, seals=["S-1001-LT-01"])
    assert terminal.state == "quarantined"
    assert TerminalCustody.objects.get().ended_how == "returned"
    assert Quarantine.objects.get().reason == "seals not as on record at: base"
    alarm = Alarm.objects.get()
    assert alarm.kind == "terminal_quarantined"
    assert "S-1002" not in alarm.message  # whoever looks next reads it blind
    assert not any("S-1002" in line for line in stay_words(terminal))


@pytest.mark.parametrize(
    ("answers", "seals"),
    [(YES | {"ports": False}, None), (YES, ["S-1001-LT-01"])],
)
def test_a_fault_found_is_quarantine(
    store: Store, answers: dict[str, bool], seals: list[str] | None
) -> None:
    terminal = store.returned(store.issued(store.stored()))
    found = terminal_inspect(
        terminal_id=terminal.pk,
        answers=answers,
        seals=store.seals(terminal) if seals is None else seals,
        remarks="A scratch",
        actor=store.guard,
    )
    assert not found.passed
    assert store.again(terminal).state == "quarantined"


def test_every_question_is_answered(store: Store) -> None:
    terminal = store.returned(store.issued(store.stored()))
    with pytest.raises(Refused, match="Every item"):
        terminal_inspect(
            terminal_id=terminal.pk,
            answers={"case": True},
            seals=store.seals(terminal),
            remarks="",
            actor=store.guard,
        )
    assert not TerminalInspection.objects.exists()


def test_a_visit_does_not_end_with_a_laptop_out_and_leaving_stays_free(store: Store) -> None:
    terminal = store.issued(store.stored())
    world = store.world
    search_record(visit_id=world.visit.pk, clear=True, items=[], remarks="", actor=world.guard)
    assert "laptop_not_returned" in {item.code for item in visit_open_items(world.again())}
    BadgeAssignment.objects.update(returned_at=now())
    LockerAssignment.objects.update(released_at=now())
    with pytest.raises(Refused, match="has a laptop"):
        visit_complete(visit_id=world.visit.pk, actor=world.guard)
    store.returned(terminal)
    assert "laptop_not_returned" not in {item.code for item in visit_open_items(world.again())}
    assert visit_complete(visit_id=world.visit.pk, actor=world.guard).state == "complete"


def test_a_returned_laptop_is_not_issued_before_its_inspection(store: Store) -> None:
    terminal = store.returned(store.issued(store.stored()))
    with pytest.raises(Refused, match="is returned"):
        store.issued(terminal)


def test_another_image_quarantines_and_a_strangers_answer_does_not(store: Store) -> None:
    terminal = store.stored()
    asked = attestation_ask(terminal_id=terminal.pk, actor=store.guard)
    refused = attestation_answer(
        attestation_id=asked.pk, quote=b"anything", signature=b"", actor=store.guard
    )
    assert (refused.outcome, refused.reason) == ("refused", "malformed")
    assert store.again(terminal).state == "in_store"
    alarm = Alarm.objects.get()
    assert alarm.kind == "terminal_not_attested"
    assert "somebody" not in alarm.message  # its agent signed what it came with
    asked_again = attestation_ask(terminal_id=terminal.pk, actor=store.guard)
    attestation_answer(
        attestation_id=asked_again.pk, quote=b"anything", signature=b"", source="192.0.2.9",
        actor=store.guard,
    )  # fmt: skip
    alarm.refresh_from_db()
    assert "At 192.0.2.9 somebody asked as laptop" in alarm.message
    with pytest.raises(Refused, match="answered"):
        attestation_answer(attestation_id=asked.pk, quote=b"", signature=b"", actor=store.guard)
    assert store.attested(terminal, GOLDEN | {11: b"\x2b" * 32}).reason == "other_image"
    assert store.again(terminal).state == "quarantined"


def test_a_nonce_is_answered_soon(store: Store) -> None:
    terminal = store.stored()
    asked = attestation_ask(terminal_id=terminal.pk, actor=store.guard)
    quote = store.tpms[terminal.pk].quote(bytes.fromhex(asked.nonce))
    later = now() + timedelta(seconds=61)
    with clock_set(lambda: later):
        late = attestation_answer(
            attestation_id=asked.pk,
            quote=quote.attest,
            signature=quote.signature,
            actor=store.guard,
        )
    assert late.reason == "too_late"


def test_an_answer_that_was_judged_stays(store: Store) -> None:
    terminal = store.stored()
    refused = store.attested(terminal, GOLDEN | {7: b"\x2b" * 32})
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        Attestation.objects.filter(pk=refused.pk).update(outcome="accepted", reason="")
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        Attestation.objects.filter(pk=refused.pk)._raw_delete("default")

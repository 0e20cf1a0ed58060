"""Sessions of laptops: what each stands on, how it is counted, how it ends."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from access.models import (
    Booking,
    BookingAttendee,
    Indoctrination,
    Lockdown,
    Nda,
    NeedToKnow,
    Pin,
    Presence,
    Visit,
)
from access.rules.decision import decide
from access.rules.facts import Stage
from access.rules.states import VisitState
from access.selectors.facts import arrival_facts
from access.services.badge_end import badge_revoke
from access.services.duress import duress_pin_set
from hardware.decider import Outcome
from hardware.models import Gateway, PinFailures
from scif.alarms.models import Alarm
from scif.alarms.selectors.silent import DURESS
from scif.facilities.models import Zone
from scif.journal.models import Outbox
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.control import records
from terminals.control.watch import Watch
from terminals.models import (
    BootImage,
    EgressLedger,
    EngagementTerms,
    Session,
    SessionRequest,
    TerminalLock,
)
from terminals.rules.session_states import SESSION, SessionState
from terminals.services.lock import terminal_lock
from terminals.services.quarantine import terminal_quarantine
from terminals.services.session_sign_in import LOCKED_OUT
from terminals.services.session_steps import UNCONFIRMED
from tests.flows.control_acts import (
    granted,
    heard,
    lock_confirmed,
    lock_delivered,
    reconcile,
    session_connected,
    session_counted,
    session_cut,
    session_cuts_watch,
    session_end,
    session_granted,
    session_pause,
    session_resume,
)
from tests.flows.desk_world import person_named
from tests.flows.session_world import CONTROL, Room
from tests.flows.terminal_world import ticking
from tests.roles import as_control

_SECOND = timedelta(seconds=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seated_room")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


def test_the_trigger_has_the_table_of_the_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(tgargs, 'escape'), tgenabled FROM pg_trigger WHERE"
            " tgname = 'terminals_steps' AND tgrelid = 'terminals_session'::regclass"
        )
        ((arguments, enabled),) = cursor.fetchall()
    first, steps, _end = arguments.split("\\000")
    assert (first, enabled) == ("requested", "A")
    assert set(steps.split()) == {f"{a}>{b}" for (a, _), b in SESSION.table.items()}


def test_a_session_from_the_badge_to_the_last_byte(room: Room) -> None:
    session = room.session()
    assert (session.state, room.store.again(room.terminal).state) == ("live", "in_session")
    session_connected(session_id=session.pk, actor=CONTROL)
    session_counted(session_id=session.pk, up=10, down=200, actor=CONTROL)
    session_counted(session_id=session.pk, up=10, down=150, actor=CONTROL)  # late: says nothing
    ended = session_end(session_id=session.pk, why="expired", up=12, down=300, actor=CONTROL)
    assert (ended.state, ended.why, ended.total) == ("ended", "expired", 312)
    assert room.store.again(room.terminal).state == "issued"
    debited = EgressLedger.objects.filter(session=session).values_list("bytes", flat=True)
    assert sorted(debited) == [102, 210]
    again = session_end(session_id=session.pk, why="other", up=9, down=300, actor=CONTROL)
    assert (again.why, again.total) == ("expired", 312)


def _uncertain(room: Room) -> None:
    room.heard(certain=False)


def _silent(room: Room) -> None:
    room.heard(silent=True)


def _no_need_to_know(room: Room) -> None:
    NeedToKnow.objects.filter(person=room.store.world.visit.person_id).delete()


def _no_read_in(room: Room) -> None:
    Indoctrination.objects.filter(person=room.store.world.visit.person_id).delete()
    Nda.objects.filter(person=room.store.world.visit.person_id).delete()


def _booking_over(room: Room) -> None:
    Booking.objects.filter(visits=room.store.world.visit).update(ends_at=now())


def _locked_down(room: Room) -> None:
    officer = room.store.first.person_id
    assert officer is not None
    Lockdown.objects.create(
        facility=room.store.world.facility, reason="Drill", declared_by_id=officer,
        declared_at=now(),
    )  # fmt: skip


def _image_withdrawn(room: Room) -> None:
    BootImage.objects.filter(pk=room.terminal.image_id).update(state="withdrawn")


def _no_terms(room: Room) -> None:
    EngagementTerms.objects.update(ended_at=now())


def _alone(room: Room) -> None:
    EngagementTerms.objects.update(ended_at=now())
    room.agreed(two_persons=True)


def _only_behind_an_escort(room: Room) -> None:
    """The room lets him in beside his escort; the material stays closed to him."""
    visit = room.store.world.visit
    visit.booking.attendees.filter(person=visit.person).update(escort=person_named("e.hughes"))
    _no_read_in(room)
    assert decide(arrival_facts(visit, at=now()), Stage.ARRIVAL).outcome is Outcome.GRANTED


def _beside_one_under_escort(room: Room) -> None:
    _alone(room)
    _one_under_escort(room)


def _one_under_escort(room: Room) -> None:
    booking, guest = room.store.world.visit.booking, person_named("m.tanaka")
    escort = person_named("e.hughes")
    BookingAttendee.objects.create(booking=booking, person=guest, escort=escort)
    visit = Visit.objects.create(
        reference="V-GUEST", booking=booking, person=guest, state=VisitState.INSIDE
    )
    zone = Zone.objects.get(area=booking.area)
    Presence.objects.create(zone=zone, person=guest, since=now(), basis="visit", visit=visit)


def _unmoderated(room: Room) -> None:
    EngagementTerms.objects.update(ended_at=now())
    room.agreed(moderated=True)


def _quarantined(room: Room) -> None:
    terminal_quarantine(terminal_id=room.terminal.pk, reason="Seal", actor=room.store.guard)


def _locked(room: Room) -> None:
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=room.store.guard)


def _badge_revoked(room: Room) -> None:
    held = room.store.world.visit.badges.get(returned_at=None)
    badge_revoke(badge_id=held.badge_id, reason="Odd", actor=room.store.first)


def _given_back(room: Room) -> None:
    room.store.returned(room.terminal)


def _image_runs_another(room: Room) -> None:
    room.store.attested(room.terminal, {0: b"\x00" * 32, 7: b"\x17" * 32, 11: b"\x1b" * 32})


BROKEN: list[tuple[Callable[[Room], None], str, bool]] = [
    (Room.leaves, "not_inside", True),
    (_uncertain, "presence_uncertain", False),
    (_silent, "presence_uncertain", False),
    (_no_need_to_know, "entry_refused", True),
    (_no_read_in, "entry_refused", True),
    (_booking_over, "entry_refused", True),
    (_locked_down, "lockdown", True),
    (_image_withdrawn, "image_not_approved", True),
    (_no_terms, "terms_missing", True),
    (_only_behind_an_escort, "entry_refused", True),
    (_alone, "two_person_broken", True),
    (_beside_one_under_escort, "two_person_broken", True),
    (_one_under_escort, "escorted_inside", False),
    (_unmoderated, "moderator_missing", False),
    (_quarantined, "terminal_not_out", True),
    (_locked, "terminal_not_out", True),
    (_image_runs_another, "terminal_not_out", True),
    (_badge_revoked, "badge_not_active", True),
    (_given_back, "not_issued", True),
]
# A request learns it before any rule is asked, in other words.
ASKED = {"badge_not_active": "badge_unknown"}


@pytest.mark.parametrize(("breaks", "code", "ends"), BROKEN)
def test_each_fact_that_is_gone_refuses_a_session(
    room: Room, breaks: Callable[[Room], None], code: str, ends: bool
) -> None:
    breaks(room)
    code = ASKED.get(code, code)
    assert code in room.against()
    assert not Session.objects.exists()
    refused = SessionRequest.objects.get()
    assert (refused.granted, code in [each["code"] for each in refused.objections]) == (False, True)


@pytest.mark.parametrize(("breaks", "code", "ends"), BROKEN)
def test_each_fact_that_goes_stops_a_session_that_runs(
    room: Room, breaks: Callable[[Room], None], code: str, ends: bool
) -> None:
    session, watch = room.session(), Watch()
    (judged,) = watch.swift(watch.open_sessions())
    assert judged.verdict.granted
    breaks(room)
    verdict = watch.slow(watch.open_sessions()[0]).verdict
    assert code in [each.code for each in verdict.objections]
    assert (verdict.ends is not None) == ends or code == "moderator_missing"
    assert session.pk == judged.session.pk


def test_the_badge_and_the_pin_are_those_of_the_visit(room: Room) -> None:
    assert room.against(credential="ab" * 32) == ["badge_unknown"]
    assert room.against(credential="") == ["badge_unknown"]
    assert room.against(pin="") == ["pin_wrong"]
    assert room.ask().session is not None


def test_an_older_proof_of_the_laptop_says_nothing_of_who_asks_now(room: Room) -> None:
    assert room.against(proved=False) == ["not_attested"]
    assert not Session.objects.exists()
    assert room.ask().session is not None


def test_a_call_for_help_is_heard_while_the_badge_is_locked_out(room: Room) -> None:
    room.leaves()
    second = duress_pin_set(visit_id=room.store.world.visit.pk, actor=room.store.guard)
    room.enters()
    most = room.store.world.facility.policy.values["pin_max_failures"]["value"]
    for _ in range(most):
        room.against(pin="0")
    assert room.against(pin=second) == ["locked_out"] == room.against()
    assert Alarm.objects.filter(kind=DURESS).count() == 1


def test_wrong_pins_lock_the_badge_out_and_a_right_one_tells_nothing(room: Room) -> None:
    most = room.store.world.facility.policy.values["pin_max_failures"]["value"]
    for _ in range(most):
        assert room.against(pin="0") == ["pin_wrong"]
    assert room.against() == ["locked_out"] == room.against(pin="0")
    assert Alarm.objects.filter(kind=LOCKED_OUT, closed_at=None).count() == 1
    assert SessionRequest.objects.filter(pin="right").count() == 0


def test_a_badge_that_a_door_locked_out_is_locked_out_here(room: Room) -> None:
    facility = room.store.world.facility
    held = room.store.world.visit.badges.get(returned_at=None).badge
    PinFailures.objects.create(
        facility=facility, gateway=Gateway.objects.get(facility=facility), count=5,
        credential=held.number_sha256, last_at=now(), until=now() + 300 * _SECOND,
    )  # fmt: skip
    assert room.against() == ["locked_out"]


def test_duress_opens_alike_and_calls_in_silence(room: Room) -> None:
    room.leaves()
    second = duress_pin_set(visit_id=room.store.world.visit.pk, actor=room.store.guard)
    room.enters()
    plain = room.ask().session
    assert plain is not None
    session_end(session_id=plain.pk, why="over", actor=CONTROL)
    forced = room.ask(pin=second).session
    assert forced is not None
    asked = list(SessionRequest.objects.order_by("at").values("granted", "pin", "objections"))
    assert asked[0] == asked[1]
    alarm = Alarm.objects.get(kind=DURESS)
    assert str(room.store.world.visit.person) not in alarm.message


def test_a_second_session_waits_for_the_end_of_the_first(room: Room) -> None:
    room.session()
    assert room.against() == ["session_running"]


def test_a_call_for_help_over_a_running_session_is_one_call(room: Room) -> None:
    room.leaves()
    second = duress_pin_set(visit_id=room.store.world.visit.pk, actor=room.store.guard)
    room.enters()
    running = room.session()
    assert room.against(pin=second) == ["session_running"]
    session_end(session_id=running.pk, why="over", actor=CONTROL)
    assert room.ask(pin=second, again=True).session is not None
    assert Alarm.objects.get(kind=DURESS).count == 1


def test_a_session_that_was_cut_while_it_was_granted_does_not_begin(room: Room) -> None:
    session = room.ask().session
    assert session is not None
    session_cut(session_id=session.pk, why="not_inside", actor=CONTROL)
    with pytest.raises(Refused):
        session_granted(session_id=session.pk, actor=CONTROL)
    assert granted(session.pk) is False


def test_a_pause_ends_with_its_reason_and_a_cut_keeps_its_own(room: Room) -> None:
    session = room.session()
    assert session_pause(session_id=session.pk, why="presence_uncertain", actor=CONTROL).state == (
        "paused"
    )
    assert session_resume(session_id=session.pk, actor=CONTROL).why == ""
    session_cut(session_id=session.pk, why="not_inside", actor=CONTROL)
    assert session_pause(session_id=session.pk, why="x", actor=CONTROL).state == "cutting"
    assert session_end(session_id=session.pk, why="told", actor=CONTROL).why == "not_inside"


def test_a_cut_that_nobody_confirms_is_an_alarm_until_it_is(room: Room) -> None:
    session = room.session()
    session_cut(session_id=session.pk, why="not_inside", actor=CONTROL)
    session_cuts_watch(actor=CONTROL)
    assert not Alarm.objects.filter(kind=UNCONFIRMED).exists()
    with as_control():
        Session.objects.filter(pk=session.pk).update(cut_at=session.granted_at - 60 * _SECOND)
    for _ in range(2):
        session_cuts_watch(actor=CONTROL)
    assert Alarm.objects.get(kind=UNCONFIRMED).count == 1
    session_end(session_id=session.pk, why="", actor=CONTROL)
    assert not Alarm.objects.filter(kind=UNCONFIRMED, closed_at=None).exists()


def test_no_person_begins_or_ends_a_session(room: Room) -> None:
    session = room.session()
    for act in (session_end, session_cut):
        with pytest.raises(Session.DoesNotExist):
            act(session_id=session.pk, why="me", actor=room.store.first)


def test_the_database_takes_no_session_of_a_laptop_that_is_another_s(room: Room) -> None:
    session = room.session()
    other = room.store.stored("LT-02")
    fields: dict[str, Any] = {
        each.attname: getattr(session, each.attname) for each in Session._meta.concrete_fields
    }
    fields |= {"id": None, "grant_id": "ab" * 12, "terminal_id": other.pk, "state": "requested"}
    del fields["id"]
    with pytest.raises(DatabaseError, match="not issued to this person"), as_control():
        Session.objects.create(**fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "paused", "person_id": None}, "stands as it was granted|null value"),
        ({"bytes_up": 1}, "stands as it was granted"),
        ({"source": "10.0.0.9"}, "stands as it was granted"),
        ({"state": "requested"}, "does not go"),
    ],
)
def test_the_database_keeps_a_session_as_it_was_granted(
    room: Room, change: dict[str, Any], words: str
) -> None:
    session = room.session()
    session_counted(session_id=session.pk, up=5, down=5, actor=CONTROL)
    with pytest.raises(DatabaseError, match=words), as_control():
        Session.objects.filter(pk=session.pk).update(**change)


def test_what_the_bastion_lost_is_ended_and_what_it_has_too_much_is_named(room: Room) -> None:
    session = room.session()
    assert reconcile([session.grant_id, "ff" * 12]) == ["ff" * 12]
    assert Session.objects.get().state == "live"
    assert reconcile([]) == []
    assert Session.objects.get().why == "bastion_lost_it"


def test_a_last_count_that_comes_late_is_the_session_s_and_nobody_s_else(room: Room) -> None:
    """Ended on record before its end was heard: of what it moved nothing is unaccounted."""
    session = room.session()
    session_end(session_id=session.pk, why="locked_from_afar", actor=CONTROL)
    cut = {"tell": "cut", "grant": session.grant_id, "reason": "locked_from_afar"}
    for _ in range(2):
        heard({**cut, "up": 4, "down": 60})
    key = f"engagement:{session.engagement_id}"
    heard({"tell": "bytes", "grants": {}, "budgets": {key: 64}})
    session.refresh_from_db()
    assert (session.state, session.bytes_up, session.bytes_down) == ("ended", 4, 60)
    assert [*EgressLedger.objects.values_list("kind", "bytes")] == [("session", 64)]
    told = [row.fields for row in Outbox.objects.order_by("pk")]
    (counted,) = [each for each in told if each["kind"] == "session.counted"]
    assert str(session.pk) in str(counted)


def test_bytes_that_nobody_told_of_are_debited_all_the_same(room: Room) -> None:
    session = room.session()
    key = f"engagement:{session.engagement_id}"
    counts = {"session": str(session.pk), "up": 4, "down": 6}
    heard({"tell": "bytes", "grants": {session.grant_id: counts}, "budgets": {}})
    for _ in range(2):
        heard({"tell": "bytes", "grants": {}, "budgets": {key: 1_010}})
    rows = EgressLedger.objects.values_list("kind", "bytes")
    assert sorted(rows) == [("session", 10), ("unaccounted", 1_000)]
    grant = records.grant_of(session)
    assert grant["budgets"][0] == {"key": key, "limit": 1_000_000, "charged": 1_010}


def test_a_lock_waits_for_the_word_of_the_bastion(room: Room) -> None:
    room.session()
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=room.store.guard)
    (waiting,) = records.locks_waiting()
    lock_delivered(waiting.pk)
    assert TerminalLock.objects.get().confirmed_at is None
    lock_confirmed(waiting.pk)
    assert TerminalLock.objects.get().confirmed_at is not None
    assert records.locks_waiting() == []
    assert Session.objects.get().state == SessionState.LIVE  # until the bastion says otherwise


def test_the_pin_of_another_facility_is_none_here(room: Room) -> None:
    Pin.objects.all().delete()
    assert room.against() == ["pin_wrong"]

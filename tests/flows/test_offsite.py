"""A laptop at a registered place: each fact that its session stands on, one by one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from access.models import (
    Eligibility,
    Engagement,
    EngagementMember,
    Lockdown,
    ModelAsset,
    Nda,
    NeedToKnow,
)
from access.services.badge_end import badge_revoke
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from terminals.control import records, told
from terminals.control.watch import Watch
from terminals.models import (
    Attestation,
    EgressKind,
    EgressLedger,
    EngagementTerms,
    Heartbeat,
    LossReport,
    RegisteredPlace,
    Seal,
    Session,
    SessionRequest,
)
from terminals.rules.place_states import PLACE
from terminals.rules.session_wording import SAID_HELD_OUTSIDE
from terminals.selectors.ledger import budgets_of
from terminals.selectors.session_shown import session_shown
from terminals.services.ledger import egress_debit
from terminals.services.lock import terminal_lock
from terminals.services.loss import terminal_report_lost
from terminals.services.place import place_revoke
from tests.flows.control_acts import session_counted, session_end, session_pause
from tests.flows.offsite_world import DAY, THERE, Outside, make_outside
from tests.flows.session_world import CONTROL
from tests.flows.terminal_world import ticking
from tests.policies import policy_with
from tests.roles import as_control

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def outside() -> Outside:
    return make_outside()


def test_the_trigger_has_the_table_of_the_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(tgargs, 'escape'), tgenabled FROM pg_trigger WHERE"
            " tgname = 'terminals_steps' AND tgrelid = 'terminals_registeredplace'::regclass"
        )
        ((arguments, enabled),) = cursor.fetchall()
    first, steps, _end = arguments.split("\\000")
    assert (first, enabled) == ("proposed", "A")
    assert set(steps.split()) == {f"{a}>{b}" for (a, _), b in PLACE.table.items()}


def test_a_session_from_the_badge_to_the_last_byte(outside: Outside) -> None:
    session = outside.session()
    assert (session.visit, session.area, session.place) == (None, None, outside.place)
    longest = timedelta(minutes=outside.facility.policy.values["offsite_session_minutes"]["value"])
    assert session.ends_at - session.granted_at == longest
    session_counted(session_id=session.pk, up=10, down=200, actor=CONTROL)
    budgets = budgets_of(session.engagement, outside.facility.pk)
    assert (budgets.spent, budgets.spent_offsite) == (210, 210)
    share = outside.facility.policy.values["egress_offsite_share"]["value"]
    assert budgets.of_offsite == budgets.of_engagement // share > 0
    lines = {each["key"].split(":")[0]: each for each in records.grant_of(session)["budgets"]}
    assert lines["offsite"]["limit"] == budgets.of_offsite < lines["engagement"]["limit"]
    assert lines["offsite"]["charged"] == 210
    ended = session_end(session_id=session.pk, why="expired", up=10, down=200, actor=CONTROL)
    assert ended.state == "ended"
    assert outside.store.again(outside.terminal).state == "issued"


def _revoked(outside: Outside) -> None:
    place_revoke(place_id=outside.place.pk, reason="Left", actor=outside.store.first)


def _not_permitted(outside: Outside) -> None:
    terms = EngagementTerms.objects.get(engagement=outside.place.engagement, ended_at=None)
    EngagementTerms.objects.filter(pk=terms.pk).update(ended_at=now())
    terms.pk, terms.offsite, terms._state.adding = None, False, True
    terms.id = EngagementTerms().id
    terms.save()


def _no_terms(outside: Outside) -> None:
    EngagementTerms.objects.update(ended_at=now())


def _level_raised(outside: Outside) -> None:
    ModelAsset.objects.filter(pk=outside.place.engagement.asset_id).update(security_level=4)


def _ceiling_lowered(outside: Outside) -> None:
    policy_with(outside.facility, offsite_ceiling=1)


def _policy_silent(outside: Outside) -> None:
    policy_with(outside.facility, without=["offsite_ceiling"])


def _unsigned(outside: Outside) -> None:
    outside.store.unsigned(outside.terminal)


def _another_seal(outside: Outside) -> None:
    Seal.objects.filter(terminal=outside.terminal, place="lid").update(number="OTHER")


def _agent_silent(outside: Outside) -> None:
    Heartbeat.objects.update(heard_at=now() - timedelta(minutes=5))


def _agent_never_heard(outside: Outside) -> None:
    Heartbeat.objects.all().delete()


def _proof_old(outside: Outside) -> None:
    policy_with(outside.facility, offsite_attested_minutes=0)


def _no_need_to_know(outside: Outside) -> None:
    NeedToKnow.objects.filter(person=outside.person).delete()


def _no_agreement(outside: Outside) -> None:
    Nda.objects.filter(person=outside.person).delete()


def _no_clearance(outside: Outside) -> None:
    Eligibility.objects.filter(person=outside.person).delete()


def _no_member(outside: Outside) -> None:
    EngagementMember.objects.filter(person=outside.person).delete()


def _suspended(outside: Outside) -> None:
    Engagement.objects.filter(pk=outside.place.engagement_id).update(state="suspended")


def _locked_down(outside: Outside) -> None:
    officer = outside.store.first.person_id
    assert officer is not None
    Lockdown.objects.create(
        facility=outside.facility, reason="Drill", declared_by_id=officer, declared_at=now()
    )


def _locked(outside: Outside) -> None:
    terminal_lock(terminal_id=outside.terminal.pk, reason="Odd", actor=outside.store.guard)


def _badge_revoked(outside: Outside) -> None:
    badge = outside.person.badges.get(badge__code="S-15").badge_id
    badge_revoke(badge_id=badge, reason="Lost", actor=outside.store.first)


def _back(outside: Outside) -> None:
    outside.store.returned(outside.terminal)


def _another_lost(outside: Outside) -> None:
    report = LossReport.objects.create(
        terminal=outside.store.stored("LT-02"), reported_by=outside.person, reported_at=now(),
        circumstances="Train", person=outside.person,
    )  # fmt: skip
    assert report.debriefed_at is None


# What goes, and the word for it.
BROKEN: list[tuple[Callable[[Outside], None], str]] = [
    (_revoked, "place_not_approved"),
    (_not_permitted, "offsite_not_permitted"),
    (_no_terms, "terms_missing"),
    (_level_raised, "level_above_ceiling"),
    (_ceiling_lowered, "level_above_ceiling"),
    (_policy_silent, "level_above_ceiling"),
    (_unsigned, "not_signed_for"),
    (_another_seal, "seals_not_whole"),
    (_agent_silent, "agent_silent"),
    (_agent_never_heard, "agent_silent"),
    (_proof_old, "not_attested_lately"),
    (_no_need_to_know, "entry_refused"),
    (_no_agreement, "entry_refused"),
    (_no_clearance, "entry_refused"),
    (_no_member, "entry_refused"),
    (_suspended, "entry_refused"),
    (_locked_down, "lockdown"),
    (_locked, "terminal_not_out"),
    (_another_lost, "debrief_open"),
]
# Of these a request learns before any rule is asked: what it says, and what ends a session.
GONE: list[tuple[Callable[[Outside], None], str, str]] = [
    (_badge_revoked, "badge_unknown", "badge_not_active"),
    (_back, "not_issued", "not_issued"),
]


@pytest.mark.parametrize(
    ("breaks", "refuses", "ends"),
    [*((breaks, code, code) for breaks, code in BROKEN), *GONE],
)
def test_each_fact_that_goes_ends_a_session_and_refuses_the_next(
    outside: Outside, breaks: Callable[[Outside], None], refuses: str, ends: str
) -> None:
    session, watch = outside.session(), Watch()
    (judged,) = watch.swift(watch.open_sessions())
    assert judged.verdict.granted, judged.verdict
    breaks(outside)
    verdict = watch.slow(watch.open_sessions()[0]).verdict
    assert ends in [each.code for each in verdict.objections]
    assert verdict.ends is not None
    session_end(session_id=session.pk, why=ends, actor=CONTROL)
    assert refuses in outside.against()
    assert Session.objects.get() == session
    refused = SessionRequest.objects.latest("at")
    assert (refused.granted, refused.visit) == (False, None)


def test_the_network_the_badge_and_the_pin_are_his(outside: Outside) -> None:
    assert outside.against(source="203.0.113.40") == ["other_network"]
    assert outside.against(source="10.0.0.1") == ["other_network"]
    assert outside.against(credential="ab" * 32) == ["badge_unknown"]
    assert outside.against(pin="000000") == ["pin_wrong"]
    assert outside.against(proved=False) == ["not_attested"]
    assert outside.ask().session is not None


@pytest.mark.parametrize(
    ("later", "code"),
    [
        (timedelta(hours=9), "outside_place_hours"),
        (timedelta(hours=25), "laptop_overdue"),
        (timedelta(days=200), "place_term_over"),
        (timedelta(minutes=16), "not_attested_lately"),
    ],
)
def test_time_refuses(outside: Outside, later: timedelta, code: str) -> None:
    at = now() + later
    with clock_set(lambda: at):
        assert code in outside.against()


def test_a_session_ends_with_the_first_of_what_it_stands_on(outside: Outside) -> None:
    policy_with(outside.facility, offsite_session_minutes=525_600)
    zone_evening = now() + timedelta(hours=7, minutes=30)
    with clock_set(lambda: zone_evening):
        outside.store.attested(outside.terminal)
        outside.heard()
        session = outside.session()
    # The place closes at eight, before the laptop is to be back.
    assert timedelta() < session.ends_at - zone_evening <= timedelta(minutes=30)


def test_a_policy_without_a_number_gives_no_session(outside: Outside) -> None:
    policy_with(
        outside.facility,
        without=["offsite_session_minutes", "offsite_silent_seconds", "egress_offsite_share"],
    )
    assert {"agent_silent", "offsite_budget_used_up"} <= set(outside.against())


def test_the_budget_outside_is_the_lower_one_and_hard(outside: Outside) -> None:
    session = outside.session()
    engagement, facility = session.engagement, outside.facility
    most = budgets_of(engagement, facility.pk).of_offsite
    session_counted(session_id=session.pk, up=most, down=0, actor=CONTROL)
    budgets = budgets_of(engagement, facility.pk)
    assert (budgets.left_offsite, budgets.left > 0) == (0, True)
    with pytest.raises(Refused) as refused:
        egress_debit(
            engagement=engagement, facility=facility, kind=EgressKind.SESSION, reference="x",
            amount=1, session=session, place=outside.place, actor=CONTROL,
        )  # fmt: skip
    assert refused.value.code == "budget_exceeded"
    # What passed all the same is kept, and is an alarm; an export draws on the rest.
    session_counted(session_id=session.pk, up=most, down=7, actor=CONTROL)
    assert EgressLedger.objects.get(kind="overrun").bytes == 7
    egress_debit(
        engagement=engagement, facility=facility, kind=EgressKind.EXPORT, reference="e",
        amount=5, actor=CONTROL,
    )  # fmt: skip
    session_end(session_id=session.pk, why="budget_used_up", up=most, down=7, actor=CONTROL)
    assert outside.against() == ["offsite_budget_used_up"]


def test_bytes_that_a_dead_bastion_promised_count_outside_too(outside: Outside) -> None:
    session = outside.session()
    keys = {f"{kind}:{session.engagement_id}": 500 for kind in ("engagement", "offsite")}
    for _ in range(2):
        told.heard({"tell": "bytes", "grants": {}, "budgets": keys})
    (row,) = EgressLedger.objects.all()
    assert (row.kind, row.bytes, row.place) == ("unaccounted", 500, outside.place)


def test_the_ledger_knows_where_bytes_left(outside: Outside) -> None:
    session = outside.session()
    with pytest.raises(DatabaseError, match="left elsewhere"), transaction.atomic():
        egress_debit(
            engagement=session.engagement, facility=outside.facility, kind=EgressKind.SESSION,
            reference="x", amount=1, session=session, actor=CONTROL,
        )  # fmt: skip


FORGED: dict[str, Callable[[Session], Any]] = {
    "source": lambda session: "203.0.113.40",
    "ends_at": lambda session: session.granted_at + 2 * DAY,
    "person_id": lambda session: session.place.registered_by_id if session.place else None,
}


@pytest.mark.parametrize("field", sorted(FORGED))
def test_the_database_takes_no_session_without_its_grounds(outside: Outside, field: str) -> None:
    session = outside.session()
    session_end(session_id=session.pk, why="over", actor=CONTROL)
    fields: dict[str, Any] = {
        each.attname: getattr(session, each.attname) for each in Session._meta.concrete_fields
    }
    del fields["id"]
    fields |= {"grant_id": "ab" * 12, "state": "requested", "ended_at": None}
    with as_control():
        assert Session.objects.create(**fields)
        transaction.set_rollback(True)
    with pytest.raises(DatabaseError, match="not issued to this person"), as_control():
        Session.objects.create(**(fields | {field: FORGED[field](session)}))
    RegisteredPlace.objects.filter(pk=outside.place.pk).update(
        state="revoked", revoked_at=now(), revoked_why="Left"
    )
    with pytest.raises(DatabaseError, match="not issued to this person"), as_control():
        Session.objects.create(**fields)


def test_a_loss_ends_the_session_and_asks_for_a_debrief(outside: Outside) -> None:
    outside.session()
    watch = Watch()
    report = terminal_report_lost(
        terminal_id=outside.terminal.pk, last_seen_at=None, last_seen_where="Train",
        circumstances="Left on a train", actor=outside.store.guard,
    )  # fmt: skip
    assert report.person == outside.person
    (judged,) = [watch.slow(each) for each in watch.open_sessions()]
    codes = {each.code for each in judged.verdict.objections}
    assert {"terminal_not_out", "not_issued", "debrief_open"} <= codes
    assert Attestation.objects.filter(terminal=outside.terminal).exists()
    assert Session.objects.get().source == THERE


def test_a_held_session_names_whom_to_call_for_there_is_no_guard(outside: Outside) -> None:
    session = outside.session()
    session_pause(session_id=session.pk, why="anomaly_waits", actor=CONTROL)
    held = session_shown(session.terminal_id, now())
    assert held is not None
    assert held.said == SAID_HELD_OUTSIDE
    assert "guard" not in held.said

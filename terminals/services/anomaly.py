"""What a session looked like, held against what is usual for its person.

Each interval that the bastion tells is judged and counted; only a finding is journaled, and what
follows from it (``anomaly_case.py``). Detection is evidence: an error in it lets the session go
on, within budget and rate cap, and is an alarm.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.facts import PolicyFacts, PolicyIncomplete
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.anomaly.baseline import Baseline, BaselineInvalid
from terminals.anomaly.detector import Finding, State, StateInvalid, observe, record_of, state_of
from terminals.anomaly.diary import Diary, DiaryInvalid
from terminals.anomaly.features import Features, FeaturesInvalid, Interval
from terminals.anomaly.policy import AnomalyPolicy, Usual, prior_of
from terminals.anomaly.trail import Trail, TrailInvalid, noted, plot_of, trail_of, trail_record
from terminals.anomaly.wording import params_of
from terminals.models import (
    ActivityBaseline,
    ActivitySums,
    Anomaly,
    AnomalyAct,
    Session,
    SessionActivity,
)
from terminals.selectors.anomaly import budget_percent, entry_minutes, local_hour, policy_of
from terminals.services.anomaly_case import case_settle
from terminals.services.session_record import session_lock_row, where_told

UNWATCHED = "activity_unwatched"


@transaction.atomic
def anomaly_observe(
    *, session_id: UUID, features: Mapping[str, Any], actor: Actor
) -> tuple[Anomaly, ...]:
    """Judge one interval of a session; gives the anomalies that are new or graver.

    ``features`` is the bastion's message (docs/bastion.md). Also told once after a session's end:
    what passed since the last report. Lock order: session, sums, anomalies, laptop.
    """
    session = session_lock_row(session_id=session_id, actor=actor)
    facility, moment = session.terminal.facility, now()
    policy_facts = policy_of(facility)
    try:
        seen = Features.of(features)
        policy = AnomalyPolicy.of(policy_facts)
        usual = _usual(session, policy_facts, policy)
    except (FeaturesInvalid, PolicyIncomplete, BaselineInvalid) as error:
        _unwatched(session, error, actor)
        return ()
    interval = Interval(seen, local_hour(facility, moment))
    sums, state = _state(session, actor)
    state, measured, findings = observe(state, interval, usual, policy)
    sums.record, sums.seen_at = record_of(state), moment
    sums.save()
    activity, diary, trail = _activity(session, policy, actor)
    if activity.learnt_at is None:
        diary.note(measured)
    trail = noted(trail, moment.timestamp(), seen)
    activity.diary, activity.trail = diary.record(), trail_record(trail)
    activity.seen_at = moment
    activity.save()
    if not findings:
        return ()
    at = replace(
        interval,
        entry_minutes=entry_minutes(session, moment),
        budget_percent=budget_percent(session),
    )
    raised = tuple(
        _raise(session, replace(each, interval=at), usual, policy, trail, actor)
        for each in findings
    )
    case_settle(person_id=session.person_id, engagement_id=session.engagement_id, actor=actor)
    return raised


def _raise(
    session: Session,
    finding: Finding,
    usual: Usual,
    policy: AnomalyPolicy,
    trail: Trail,
    actor: Actor,
) -> Anomaly:
    """Record a finding; one of the same kind that waits in this session gets graver."""
    moment = now()
    rows = Anomaly.objects.select_for_update(of=("self",), no_key=True)
    known = rows.filter(session=session, kind=finding.part.value, verdict="").first()
    # What follows is settled with the others that wait.
    anomaly = known or Anomaly(
        session=session, person=session.person, kind=finding.part.value, raised_at=moment,
        consequence=AnomalyAct.FLAG,
    )  # fmt: skip
    if finding.grade > 1 and anomaly.grave_at is None:
        anomaly.grave_at = moment
    anomaly.params = dict(params_of(finding, usual, policy))
    anomaly.plot = plot_of(finding.part, trail, usual, policy).record()
    anomaly.policy_version = finding.policy_version
    # Of one that is known the control process may write these columns and no others.
    graver = ("grave_at", "params", "plot", "policy_version")
    anomaly.save(update_fields=None if known is None else graver)
    append(
        kind="anomaly.raised",
        actor=actor,
        subject=anomaly,
        facility=session.terminal.facility_id,
        body={
            "session": str(session.pk),
            "terminal": session.terminal.asset_tag,
            "engagement": session.engagement.reference,
            "kind": anomaly.kind,
            "grave": anomaly.grave_at is not None,
            "figures": anomaly.params,
            "policy": anomaly.policy_version,
            **where_told(session),
        },
    )
    return anomaly


def _usual(session: Session, facts: PolicyFacts, policy: AnomalyPolicy) -> Usual:
    kind = session.engagement.kind
    row = ActivityBaseline.objects.filter(
        facility=session.terminal.facility_id, person=session.person_id, kind=kind
    ).first()
    baseline = Baseline.of(row.record) if row else Baseline()
    return baseline.usual(prior_of(facts, kind), policy)


def _state(session: Session, actor: Actor) -> tuple[ActivitySums, State]:
    sums, _created = ActivitySums.objects.select_for_update(
        of=("self",), no_key=True
    ).get_or_create(
        person=session.person,
        engagement=session.engagement,
        defaults={"record": record_of(State.new()), "seen_at": now()},
    )
    try:
        return sums, state_of(sums.record)
    except StateInvalid as error:
        # Of another version of the detector, or spoilt: it begins anew and says so.
        _unwatched(session, error, actor)
        return sums, State.new()


def _activity(
    session: Session, policy: AnomalyPolicy, actor: Actor
) -> tuple[SessionActivity, Diary, Trail]:
    row = SessionActivity.objects.filter(session=session).first()
    if row is None:
        return SessionActivity(session=session), Diary(policy), ()
    try:
        return row, Diary.of(row.diary, policy), trail_of(row.trail)
    except (DiaryInvalid, TrailInvalid) as error:
        _unwatched(session, error, actor)
        return row, Diary(policy), ()


def _unwatched(session: Session, error: Exception, actor: Actor) -> None:
    """Nobody may think that a session is watched where it is not. Told once while that is open."""
    facility, tag = session.terminal.facility, session.terminal.asset_tag
    told = Alarm.objects.filter(facility=facility, kind=UNWATCHED, subject=tag, closed_at=None)
    if told.exists():
        return
    alarm_raise(
        facility=facility,
        gravity=Gravity.CHECK,
        kind=UNWATCHED,
        subject=tag,
        message=_("Activity at laptop %(laptop)s is not watched: %(why)s")
        % {"laptop": tag, "why": f"{type(error).__name__} {json.dumps(str(error))}"[:80]},
        actor=actor,
    )

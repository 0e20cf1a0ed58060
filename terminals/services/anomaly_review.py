"""A person looks at an anomaly and says what it was."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import named
from terminals.anomaly.detector import StateInvalid, record_of, reviewed, state_of
from terminals.anomaly.policy import Part
from terminals.models import ActivitySums, Anomaly, AnomalyVerdict
from terminals.services.anomaly_case import case_quiet, case_settle
from terminals.services.custody import UPHELD
from terminals.services.terminal import person_of, terminal_lock_row

REVIEW = "terminals.review_anomaly"


@transaction.atomic
def anomaly_review(
    *, anomaly_id: UUID, verdict: AnomalyVerdict, reason: str, actor: Actor
) -> Anomaly:
    """Say whether an anomaly was what it looked like, and what was found; another than its person.

    A false alarm lifts what was done because of it, as soon as nothing else of him waits. An
    upheld one ends the session, lets no other begin in this visit, and is an alarm until the laptop
    is back. A laptop that was locked stays so until somebody lifts its lock.
    """
    seen = (
        visible(Anomaly.objects.all(), actor, REVIEW).select_related("session").get(pk=anomaly_id)
    )
    person, engagement = seen.person_id, seen.session.engagement_id
    sums = ActivitySums.objects.select_for_update(of=("self",), no_key=True).filter(
        person=person, engagement=engagement
    ).first()  # fmt: skip
    rows = Anomaly.objects.select_related("session__terminal__facility")
    anomaly = lock(visible(rows, actor, REVIEW), anomaly_id)
    reviewer = person_of(actor)
    require(
        reviewer != person,
        "own_anomaly",
        "Nobody reviews his own activity.",
        "Another officer does.",
    )
    if anomaly.verdict:
        raise Refused("reviewed_already", "This anomaly has been reviewed.")
    anomaly.reason = text_of(reason, "reason", missing="Say what was found.")
    anomaly.verdict, anomaly.reviewed_by_id, anomaly.reviewed_at = verdict.value, reviewer, now()
    anomaly.save(update_fields=["verdict", "reason", "reviewed_by", "reviewed_at"])
    _begin_anew(sums, anomaly)
    append(
        kind="anomaly.reviewed",
        actor=actor,
        subject=anomaly,
        facility=anomaly.session.terminal.facility_id,
        body={
            "session": str(anomaly.session_id),
            "terminal": anomaly.session.terminal.asset_tag,
            "verdict": anomaly.verdict,
            "reason": anomaly.reason,
            "consequence": anomaly.consequence,
            "overdue": anomaly.overdue,
            **named(actor),
        },
    )
    case_settle(person_id=person, engagement_id=engagement, actor=actor)
    case_quiet(anomaly=anomaly, note=str(anomaly.get_verdict_display()), actor=actor)
    if verdict is AnomalyVerdict.UPHELD:
        _take_from(anomaly, actor)
    return anomaly


def _take_from(anomaly: Anomaly, actor: Actor) -> None:
    """Tell the desk that somebody goes on sitting before a laptop that serves him no more."""
    session = anomaly.session
    # Its return takes the same lock, and ends the alarm: so none is raised behind its back.
    terminal = terminal_lock_row(terminal_id=session.terminal_id, actor=actor, permission=REVIEW)
    if not terminal.custodies.filter(person_id=anomaly.person_id, ended_at=None).exists():
        return
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.ACT,
        kind=UPHELD,
        subject=terminal.asset_tag,
        message=_("Laptop %(laptop)s, %(where)s: an officer has upheld an anomaly: %(words)s")
        % {"laptop": terminal.asset_tag, "where": session.where, "words": anomaly.words},
        actor=actor,
    )


def _begin_anew(sums: ActivitySums | None, anomaly: Anomaly) -> None:
    """The sum of a part begins anew once all that it raised has been reviewed."""
    others = Anomaly.objects.filter(
        verdict="", person=anomaly.person_id, kind=anomaly.kind,
        session__engagement=anomaly.session.engagement_id,
    )  # fmt: skip
    if sums is None or others.exists():
        return
    try:
        state = state_of(sums.record)
    except StateInvalid:
        return  # the next interval begins anew, and says so
    sums.record = record_of(reviewed(state, Part(anomaly.kind)))
    sums.save(update_fields=["record"])

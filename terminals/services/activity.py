"""What is kept of activity: baselines learn from sessions that are over, and old counts go."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from access.rules.facts import PolicyIncomplete
from access.services.orders import policy_number
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.anomaly.baseline import Baseline, BaselineInvalid
from terminals.anomaly.diary import Diary, DiaryInvalid
from terminals.anomaly.policy import AnomalyPolicy
from terminals.models import (
    ActivityBaseline,
    ActivitySums,
    Anomaly,
    AnomalyVerdict,
    SessionActivity,
)
from terminals.rules.session_states import SessionState
from terminals.selectors.anomaly import policy_of


@transaction.atomic
def activities_learn(*, actor: Actor) -> int:
    """Take into the baselines what sessions that are over have left; gives how many.

    INVARIANT: nothing is learnt of a session with an upheld anomaly, nor of anybody while an
    anomaly of his in the engagement waits for a review.
    """
    of_session = Anomaly.objects.filter(session=OuterRef("session"))
    of_person = Anomaly.objects.filter(
        person=OuterRef("session__person"), session__engagement=OuterRef("session__engagement")
    )
    rows = SessionActivity.objects.filter(
        ~Exists(of_session.filter(verdict=AnomalyVerdict.UPHELD)),
        ~Exists(of_person.filter(verdict="")),
        learnt_at=None,
        session__state=SessionState.ENDED.value,
    ).select_related("session__engagement", "session__terminal__facility__policy")
    due = rows.select_for_update(of=("self",), no_key=True).order_by("session__granted_at")
    return sum(_learn(activity) for activity in due)


def _learn(activity: SessionActivity) -> bool:
    """Learn one, unless the policy or a record cannot be read: the watch has said so already."""
    session, moment = activity.session, now()
    facility = session.terminal.facility
    baseline, _created = ActivityBaseline.objects.select_for_update(
        of=("self",), no_key=True
    ).get_or_create(
        facility=facility,
        person_id=session.person_id,
        kind=session.engagement.kind,
        defaults={"record": Baseline().record(), "learnt_at": moment},
    )
    try:
        policy = AnomalyPolicy.of(policy_of(facility))
        left = Diary.of(activity.diary, policy).session()
        baseline.record = Baseline.of(baseline.record).learned(left, policy).record()
    except (PolicyIncomplete, DiaryInvalid, BaselineInvalid):
        return False
    baseline.learnt_at = activity.learnt_at = moment
    baseline.save(update_fields=["record", "learnt_at"])
    activity.save(update_fields=["learnt_at"])
    return True


@transaction.atomic
def activities_forget(*, actor: Actor) -> None:
    """Delete counts and baselines that the policy keeps no longer; how many is journaled.

    A policy that does not say how long keeps them. What an anomaly showed stays with it.
    """
    for facility in Facility.objects.select_related("policy").order_by("code"):
        try:
            ended = now() - timedelta(days=policy_number(facility, "activity_session_days"))
            last = now() - timedelta(days=policy_number(facility, "activity_baseline_days"))
        except Refused:
            continue
        waiting = Anomaly.objects.filter(session=OuterRef("session"), verdict="")
        gone = {
            "sessions": SessionActivity.objects.filter(
                ~Exists(waiting), session__terminal__facility=facility, session__ended_at__lt=ended
            ).delete()[0],
            "baselines": ActivityBaseline.objects.filter(
                facility=facility, learnt_at__lt=last
            ).delete()[0],
            "sums": ActivitySums.objects.filter(
                engagement__sessions__terminal__facility=facility, seen_at__lt=last
            ).delete()[0],
        }
        if any(gone.values()):
            append(
                kind="activity.forgotten", actor=actor, subject=facility, facility=facility.pk,
                body=gone,
            )  # fmt: skip

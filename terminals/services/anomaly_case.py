"""What becomes of somebody whose anomalies wait for a review, and by when one must have looked.

All that wait of a person in an engagement are one case with one consequence. It holds for his
sessions in the engagement, whichever he opens: the control process slows, holds or ends them
(``terminals/rules/session.py``), so that signing in anew rids nobody of it.
"""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.facts import PolicyIncomplete
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.anomaly.consequence import Consequence, Standing, case_consequence
from terminals.anomaly.policy import Act, AnomalyPolicy, Part
from terminals.models import Anomaly, Session, Terminal
from terminals.rules.session_states import OPEN_STATES
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.anomaly import case_of, policy_of
from terminals.services.lock import terminal_lock

ODD, HELD = "activity_odd", "activity_held"
OVERDUE = "anomaly_overdue"


@transaction.atomic
def anomalies_watch(*, actor: Actor) -> None:
    """See that nobody's anomaly waits for a review longer than the policy's time.

    One that does is an alarm and becomes one act graver, up to lock. Idempotent: what has no
    further act has no further deadline.
    """
    late = Anomaly.objects.filter(verdict="", review_by__lte=now()).order_by()
    for person_id, engagement_id in late.values_list("person", "session__engagement").distinct():
        case_settle(person_id=person_id, engagement_id=engagement_id, actor=actor)


def case_settle(*, person_id: UUID, engagement_id: UUID, actor: Actor) -> None:
    """Work out what follows from all that waits, and see that it does. In the caller's transaction.

    Alarms stand while something waits at their laptop. Idempotent.
    """
    rows = case_of(person_id, engagement_id).select_related(
        "session__terminal__facility__policy",
        "session__engagement",
        "session__area",
        "session__place",
    )
    waiting = list(rows.select_for_update(of=("self",), no_key=True))
    if not waiting:
        return
    found = _consequence(waiting)
    for anomaly in waiting:
        if (anomaly.consequence, anomaly.review_by, anomaly.overdue) != _columns(found):
            _follow(anomaly, found, actor)
    if found.act is Act.LOCK:
        _lock(person_id, engagement_id, actor)


def case_quiet(*, anomaly: Anomaly, note: str, actor: Actor) -> None:
    """End the alarms of a reviewed anomaly's laptop, unless another one waits there."""
    session = anomaly.session
    if Anomaly.objects.filter(verdict="", session__terminal=session.terminal_id).exists():
        return
    for kind in (ODD, HELD, OVERDUE):
        alarm_clear(
            facility=session.terminal.facility,
            kind=kind,
            subject=session.terminal.asset_tag,
            note=note,
            actor=actor,
        )


def _consequence(waiting: Sequence[Anomaly]) -> Consequence:
    """A policy that does not say what follows locks: an error denies."""
    try:
        policy = AnomalyPolicy.of(policy_of(waiting[-1].session.terminal.facility))
    except PolicyIncomplete:
        kinds = tuple(dict.fromkeys(Part(each.kind) for each in waiting))
        return Consequence(Act.LOCK, kinds, None, overdue=False)
    standings = [Standing(Part(each.kind), 1, each.raised_at) for each in waiting]
    standings += [Standing(Part(each.kind), 2, each.grave_at) for each in waiting if each.grave_at]
    found = case_consequence(standings, now(), policy)
    if found is None:
        raise ValueError("what waits has a consequence")
    return found


def _columns(found: Consequence) -> tuple[object, ...]:
    return found.act.value, found.review_by, found.overdue


def _follow(anomaly: Anomaly, found: Consequence, actor: Actor) -> None:
    """Write down what follows from now on, and tell the desk."""
    missed = found.overdue and not anomaly.overdue
    anomaly.consequence, anomaly.review_by, anomaly.overdue = (
        found.act.value,
        found.review_by,
        found.overdue,
    )
    anomaly.save(update_fields=["consequence", "review_by", "overdue"])
    session = anomaly.session
    append(
        kind="anomaly.followed",
        actor=actor,
        subject=anomaly,
        facility=session.terminal.facility_id,
        body={
            "session": str(session.pk),
            "terminal": session.terminal.asset_tag,
            "consequence": found.act.value,
            "because": [str(part) for part in found.because],
            "review_by": found.review_by,
            "overdue": found.overdue,
        },
    )
    _tell(anomaly, held=found.act in {Act.PAUSE, Act.LOCK}, missed=missed, actor=actor)


def _tell(anomaly: Anomaly, *, held: bool, missed: bool, actor: Actor) -> None:
    session = anomaly.session
    facility, tag = session.terminal.facility, session.terminal.asset_tag
    if held:
        alarm_clear(
            facility=facility,
            kind=ODD,
            subject=tag,
            note=_("graver now: the session is held"),
            actor=actor,
        )
    alarm_raise(
        facility=facility,
        gravity=Gravity.ACT if held else Gravity.CHECK,
        kind=HELD if held else ODD,
        subject=tag,
        message=_("Laptop %(laptop)s, %(where)s, %(consequence)s: %(words)s %(look)s %(until)s")
        % {
            "laptop": tag,
            "where": session.where,
            "until": _until(anomaly),
            "consequence": anomaly.get_consequence_display(),
            "words": anomaly.words,
            "look": anomaly.look,
        },
        actor=actor,
    )
    if missed:
        alarm_raise(
            facility=facility,
            gravity=Gravity.ACT,
            kind=OVERDUE,
            subject=tag,
            message=_("Nobody has reviewed the anomaly at laptop %(laptop)s in time")
            % {"laptop": tag},
            actor=actor,
        )


def _until(anomaly: Anomaly) -> str:
    if anomaly.review_by is None:
        return _("An officer reviews it now.")
    zone = ZoneInfo(anomaly.session.terminal.facility.time_zone)
    due = f"{anomaly.review_by.astimezone(zone):%-d %b, %H:%M}"
    return _("An officer reviews it by %(due)s.") % {"due": due}


def _lock(person_id: UUID, engagement_id: UUID, actor: Actor) -> None:
    """Lock the laptops at which he works in the engagement now."""
    sessions = Session.objects.filter(
        person=person_id, engagement=engagement_id, state__in=OPEN_STATES
    )
    laptops = Terminal.objects.filter(sessions__in=sessions).order_by("pk").distinct()
    for terminal_id, state in list(laptops.values_list("pk", "state")):
        if TerminalAction.LOCK in TERMINAL.allowed(TerminalState(state)):
            terminal_lock(terminal_id=terminal_id, reason=_("Anomaly of activity"), actor=actor)

"""The lines of an engagement's page: visits with their sessions, what went out and in, people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.models import PresenceEvent, Visit
from access.reports.wording import state_word
from access.rules.states import VisitState
from scif.console.use_plot import Day, Stretch, Worked, use_plot
from scif.kernel.clock import now
from terminals.models import AirlockCheck, AirlockItem, AirlockVersion, Anomaly, Session
from terminals.rules.airlock_states import AirlockState
from terminals.rules.session_endings import ORDINARY, cut_early, ending_words
from terminals.rules.session_states import SessionState
from terminals.views.airlock_words import state_words

Context = dict[str, Any]
Span = tuple[datetime, datetime]
SHAPES = {
    SessionState.REQUESTED: "wait",
    SessionState.LIVE: "ok",
    SessionState.PAUSED: "warn",
    SessionState.CUTTING: "stop",
}
VISIT_SHAPES = {
    VisitState.EXPECTED: "todo",
    VisitState.COMPLETE: "ok",
    VisitState.INSIDE: "ok",
    VisitState.CANCELLED: "off",
    VisitState.TURNED_AWAY: "stop",
    VisitState.SUSPENDED: "stop",
    VisitState.RECALLED: "stop",
}


def lasting(length: timedelta) -> str:
    """A length of time in hours and minutes, or in days where it is long."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return ngettext("%(days)d day", "%(days)d days", hours // 24) % {"days": hours // 24}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


def visit_rows(
    visits: Sequence[Visit], passages: Iterable[PresenceEvent], sessions: Iterable[Session]
) -> list[Context]:
    """A line for each visit, with its time inside and its sessions."""
    ways, worked = defaultdict(list), defaultdict(list)
    for each in passages:
        ways[each.visit_id].append(each)
    for session in sessions:
        worked[session.visit_id].append(session)
    return [_visit(each, _inside(ways[each.pk]), worked[each.pk]) for each in visits]


def outside_rows(sessions: Iterable[Session]) -> list[Context]:
    """A line for each session at a registered place, with its day there."""
    rows = []
    for each in sessions:
        zone = ZoneInfo(each.terminal.facility.time_zone)
        day = date_format(each.granted_at.astimezone(zone), "D j M Y")
        rows.append({**_session(each, zone), "day": day})
    return rows


def visits_plot(rows: Sequence[Context], zones: Mapping[UUID, ZoneInfo]) -> object:
    """The plot of these lines."""
    days = [_day(row, zones[row["visit"].booking.area.facility_id]) for row in rows]
    words = _("Visits by the hours of their day: booked, inside, in session; the list says each.")
    return use_plot(days, words=words)


def item_rows(items: Iterable[AirlockItem]) -> list[Context]:
    """A line for each item of the airlock: hash, bytes, verdicts, how long the answer took."""
    return [_item(each) for each in items]


def anomaly_rows(anomalies: Iterable[Anomaly]) -> list[Context]:
    """A line for each anomaly: what was seen, what followed, what somebody found."""
    return [_anomaly(each) for each in anomalies]


def _anomaly(anomaly: Anomaly) -> Context:
    zone = ZoneInfo(anomaly.session.terminal.facility.time_zone)
    shapes = {"upheld": "stop", "false_alarm": "ok"}
    words = anomaly.get_verdict_display() if anomaly.verdict else _("to be reviewed")
    after = ""
    if anomaly.reviewed_at is not None:
        after = _("reviewed after %(time)s") % {
            "time": lasting(anomaly.reviewed_at - anomaly.raised_at)
        }
    elif anomaly.review_by is not None:
        due = date_format(anomaly.review_by.astimezone(zone), "j M, H:i")
        after = _("review due %(at)s") % {"at": due}
    missed = _("nobody looked in time") if anomaly.overdue else ""
    return {
        "anomaly": anomaly,
        "raised": date_format(anomaly.raised_at.astimezone(zone), "D j M Y, H:i"),
        "after": ", ".join(part for part in (after, missed) if part),
        "chip": {
            "shape": shapes.get(anomaly.verdict, "warn" if anomaly.overdue else "wait"),
            "words": words[:1].upper() + words[1:],
        },
    }


def _visit(visit: Visit, inside: Sequence[Span], sessions: Sequence[Session]) -> Context:
    zone = ZoneInfo(visit.booking.area.facility.time_zone)
    whole = sum((end - start for start, end in inside), timedelta())
    start, end = (at.astimezone(zone) for at in (visit.booking.starts_at, visit.booking.ends_at))
    return {
        "visit": visit,
        "day": date_format(start, "D j M Y"),
        "booked": f"{start:%H:%M}\u2013{end:%H:%M}",
        "inside": inside,
        "stay": _stay(inside, whole, zone),
        "chip": {
            "shape": VISIT_SHAPES.get(VisitState(visit.state), "wait"),
            "words": state_word(visit.state),
        },
        "sessions": [_session(each, zone) for each in sessions],
    }


def _inside(passages: Sequence[PresenceEvent]) -> list[Span]:
    """From each way in to the next way out; whoever is inside is so until now."""
    spans = [
        (first.occurred_at, second.occurred_at)
        for first, second in pairwise(passages)
        if (first.direction, second.direction) == ("in", "out")
    ]
    if passages and passages[-1].direction == "in":
        spans.append((passages[-1].occurred_at, max(now(), passages[-1].occurred_at)))
    return spans


def _stay(inside: Sequence[Span], whole: timedelta, zone: ZoneInfo) -> str:
    if not inside:
        return ""
    first, last = inside[0][0].astimezone(zone), inside[-1][1].astimezone(zone)
    return _("inside %(first)s\u2013%(last)s, %(whole)s") % {
        "first": f"{first:%H:%M}",
        "last": f"{last:%H:%M}",
        "whole": lasting(whole),
    }


def _session(session: Session, zone: ZoneInfo) -> Context:
    start = session.granted_at.astimezone(zone)
    end = (session.ended_at or max(now(), session.granted_at)).astimezone(zone)
    ended = session.state == SessionState.ENDED
    shape = SHAPES.get(SessionState(session.state), "")
    return {
        "session": session,
        "span": f"{start:%H:%M}\u2013{end:%H:%M}" if ended else f"{start:%H:%M}\u2013",
        "lasted": lasting(end - start),
        "why": _(ending_words(session.why)) if session.why else "",
        "chip": {
            "shape": shape or ("ok" if session.why in ORDINARY else "warn"),
            "words": session.get_state_display(),
        },
    }


def _day(row: Context, zone: ZoneInfo) -> Day:
    visit: Visit = row["visit"]
    start = visit.booking.starts_at.astimezone(zone)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)

    def hours(first: datetime, last: datetime) -> Stretch:
        # By the clock of the wall: a day on which it is set has one hour more or less.
        from_start, to_start = (each.astimezone(zone) for each in (first, last))
        return _clock(from_start, midnight), _clock(to_start, midnight)

    return Day(
        name=date_format(start, "D j M"),
        note=_short(visit.person.name),
        booked=hours(visit.booking.starts_at, visit.booking.ends_at),
        inside=[hours(*span) for span in row["inside"]],
        worked=[
            Worked(
                hours(s.granted_at, s.ended_at or max(now(), s.granted_at)),
                cut=cut_early(s.why, ordered=s.cut_at is not None),
            )
            for s in (each["session"] for each in row["sessions"])
        ],
    )


def _clock(at: datetime, midnight: datetime) -> float:
    days = (at.date() - midnight.date()).days
    return days * 24 + at.hour + at.minute / 60 + at.second / 3600


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}\u2026"


def _item(item: AirlockItem) -> Context:
    zone = ZoneInfo(item.facility.time_zone)
    sealed = [each for each in item.versions.all() if each.sealed_at is not None]
    version = sealed[0]
    checks = [check for each in reversed(sealed) for check in each.checks.all()]
    return {
        "item": item,
        "version": version,
        "said": state_words(item),
        "sealed": date_format((version.sealed_at or item.state_since).astimezone(zone), "j M, H:i"),
        "checks": [_check(check, sealed) for check in checks],
        "answer": _answer(item, version, zone),
        "appeal": _appeal(item, zone) if hasattr(item, "appeal") else None,
    }


def _check(check: AirlockCheck, sealed: Sequence[AirlockVersion]) -> Context:
    version = next(each for each in sealed if each.pk == check.version_id)
    after = lasting(check.at - version.sealed_at) if version.sealed_at else ""
    return {"check": check, "version": version, "after": after}


def _answer(item: AirlockItem, version: AirlockVersion, zone: ZoneInfo) -> Context:
    """How long the checkers took for the last version, or until when they have time."""
    sealed = version.sealed_at or item.state_since
    if item.state in {AirlockState.SEALED, AirlockState.APPEALED} and item.due_at:
        late = item.due_at <= now()
        due = date_format(item.due_at.astimezone(zone), "j M, H:i")
        return {"late": late, "words": _("answer due %(at)s") % {"at": due}}
    last = max((check.at for check in version.checks.all()), default=None)
    if last is None:
        return {"late": False, "words": _("no answer")}
    return {"late": False, "words": _("answered after %(time)s") % {"time": lasting(last - sealed)}}


def _appeal(item: AirlockItem, zone: ZoneInfo) -> Context:
    appeal = item.appeal
    votes = len(appeal.votes.all())
    outcome = appeal.get_outcome_display() if appeal.outcome else _("not decided yet")
    at = (appeal.decided_at or appeal.lodged_at).astimezone(zone)
    return {
        "shape": {"upheld": "ok", "dismissed": "stop"}.get(appeal.outcome, "wait"),
        "words": _("Appeal: %(outcome)s") % {"outcome": outcome},
        "note": ngettext("%(votes)d vote, %(at)s", "%(votes)d votes, %(at)s", votes)
        % {"votes": votes, "at": date_format(at, "j M Y, H:i")},
    }

"""Which journal entries belong to an engagement's use at one facility.

INVARIANT: they are found in the journal: sessions and items of the airlock name their engagement,
bookings too, and visits their booking. The tables add only what lost its text and names nothing
any more. None comes after the last statement of the ledger: the sums stand on it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection

from access.models import Engagement, Visit
from access.reports.portions import Portions
from scif.facilities.models import Level
from scif.journal.models import Checkpoint, Entry
from scif.reporting.models import Report
from terminals.models import AirlockItem, Anomaly, Session
from terminals.services.use_report import STATED

SESSIONS = (
    "session.requested",
    "session.paused",
    "session.resumed",
    "session.cut",
    "session.ended",
    "session.counted",
)
_ITEM = (
    "sealed",
    "approved",
    "changes_asked",
    "rejected",
    "checked",
    "released",
    "appealed",
    "appeal_voted",
    "appeal_upheld",
    "appeal_dismissed",
    "withdrawn",
    "voided",
    "overdue",
)
ITEMS = tuple(f"{way}.{what}" for way in ("export", "intake") for what in _ITEM)
VISITS = (
    "visit.expected",
    "visit.arrived",
    "visit.entered",
    "visit.left",
    "visit.completed",
    "visit.turned_away",
    "visit.suspended",
    "visit.cancelled",
)
ANOMALIES = ("anomaly.raised", "anomaly.followed", "anomaly.reviewed")
DEBITS = ("egress.debited", "egress.overrun")
PEOPLE = ("need_to_know.granted", "need_to_know.revoked")
# About the engagement itself, with the people beside the mandate's own.
_NAMED = ("airlock.reviewer_named", "airlock.reviewer_confirmed", "airlock.reviewer_ended")
TERMS = ("terms.proposed", "terms.approved_by_lab", "terms.approved_by_facility")
# About a mandate whose label does not fit under the ceiling, these alone: their text is plain.
_PLAIN = (
    "engagement.proposed",
    "engagement.approved_by_lab",
    "engagement.approved_by_facility",
    "engagement.member_added",
    "engagement.member_removed",
)
_MANDATE = (*_PLAIN, "engagement.drafted", "engagement.suspended", "engagement.resumed",
            "engagement.closed")  # fmt: skip
_BODIES = (
    "SELECT entry.position, entry.subject_id, body.content"
    " FROM journal_entry entry JOIN journal_body body ON body.position = entry.position"
    " WHERE (entry.facility_id = %s OR %s) AND entry.kind = ANY(%s) AND entry.position <= %s"
    " AND position(%s::bytea in body.content) > 0 ORDER BY entry.position"
)

_DEBITED = (
    "SELECT entry.position"
    " FROM journal_entry entry JOIN journal_body body ON body.position = entry.position"
    " WHERE entry.subject_type = %s AND entry.subject_id = %s AND entry.facility_id = %s"
    " AND entry.kind = ANY(%s)"
    " AND (body.content IS NULL OR position(%s::bytea in body.content) = 0)"
)


class UseEntries(NamedTuple):
    """Positions in order, the statement's among them, and whether the mandate's label fits."""

    positions: list[int]
    stated: int
    mandate_shown: bool


class _Found(NamedTuple):
    position: int
    subject: str
    data: Mapping[str, Any]


def use_entries(
    engagement: Engagement, report: Report, portions: Portions, kinds: Iterable[str]
) -> UseEntries:
    """The positions of what ``kinds`` (of those above) tell, and of the mandate and its terms."""
    stated = _stated(engagement, report)
    reader = _Reader(report, stated)
    wanted = set(kinds)
    named = f'"engagement":{json.dumps(engagement.reference)}'
    found = {each.position for each in reader.named(wanted & {*SESSIONS, *ITEMS}, named)}
    found |= _erased(engagement, report, wanted)
    own = f'"reference":{json.dumps(engagement.reference)}'
    found |= {each.position for each in reader.named(TERMS, own)}
    mandate = Entry.objects.filter(
        subject_type=Engagement._meta.label_lower, subject_id=str(engagement.pk)
    ).select_related("body")
    shown = _shown(mandate, portions)
    about = mandate.filter(kind__in=_MANDATE if shown else _PLAIN)
    found |= set(about.values_list("position", flat=True))
    if wanted & {*PEOPLE}:
        found |= {each.position for each in reader.named(PEOPLE, named, anywhere=True)}
        found |= set(mandate.filter(kind__in=_NAMED).values_list("position", flat=True))
    if wanted & {*ANOMALIES}:
        found |= _anomalies(reader, named)
    if wanted & {*DEBITS}:
        found |= _debits(engagement, report)
    if wanted & {*VISITS}:
        found |= _visits(engagement, reader, wanted)
    asked = Entry.objects.filter(
        subject_type=Report._meta.label_lower, subject_id=str(report.pk), kind="report.requested"
    )
    before = {position for position in found if position <= stated}
    # The report was asked for right after its statement.
    positions = before | {stated} | set(asked.values_list("position", flat=True))
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    return UseEntries(sorted(each for each in positions if each < signed), stated, shown)


def _stated(engagement: Engagement, report: Report) -> int:
    """The last statement of budgets and ledger for this facility."""
    stated = Entry.objects.filter(
        kind=STATED,
        subject_type=Engagement._meta.label_lower,
        subject_id=str(engagement.pk),
        facility_id=report.facility_id,
    )
    return int(stated.order_by("-position").values_list("position", flat=True)[0])


def _shown(mandate: Iterable[Entry], portions: Portions) -> bool:
    """INVARIANT: a mandate whose label is not known to fit under the ceiling is withheld."""
    drafted = [each for each in mandate if each.kind == "engagement.drafted"]
    key = next((each.body.data.get("level") for each in drafted if each.body.data), None)
    level = Level.objects.filter(pk=key).first() if key else None
    return level is not None and portions.shows(level)


def _debits(engagement: Engagement, report: Report) -> set[int]:
    """What was debited here, but for the single counts of sessions: their end tells the sum."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DEBITED,
            [
                Engagement._meta.label_lower,
                str(engagement.pk),
                report.facility_id,
                list(DEBITS),
                b'"kind":"session"',
            ],
        )
        return {int(position) for (position,) in cursor}


def _anomalies(reader: "_Reader", named: str) -> set[int]:
    """What was raised under the engagement, and what became of it."""
    raised = reader.named(("anomaly.raised",), named)
    steps = Entry.objects.filter(
        subject_type=Anomaly._meta.label_lower,
        subject_id__in={each.subject for each in raised},
        kind__in=ANOMALIES,
    )
    return set(steps.values_list("position", flat=True))


def _visits(engagement: Engagement, reader: "_Reader", wanted: set[str]) -> set[int]:
    """From the engagement to its bookings, from these to their visits, and to their steps."""
    named = f'"engagement_id":"{engagement.pk}"'
    bookings = {each.subject for each in reader.named(("booking.requested",), named)}
    expected = reader.named(("visit.expected",), '"booking_id"')
    keys = {each.subject for each in expected if each.data.get("booking_id") in bookings}
    steps = Entry.objects.filter(
        subject_type=Visit._meta.label_lower, subject_id__in=keys, kind__in=wanted & {*VISITS}
    )
    return set(steps.values_list("position", flat=True))


def _erased(engagement: Engagement, report: Report, wanted: set[str]) -> set[int]:
    """Entries without text about sessions and items that the tables know."""
    sessions = Session.objects.filter(engagement=engagement, terminal__facility=report.facility)
    items = AirlockItem.objects.filter(engagement=engagement, facility=report.facility)
    found: set[int] = set()
    for rows in (sessions, items):
        keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
        entries = Entry.objects.filter(
            subject_type=rows.model._meta.label_lower,
            subject_id__in=keys,
            kind__in=wanted,
            body__content=None,
        )
        found |= set(entries.values_list("position", flat=True))
    return found


class _Reader:
    """Looks for words in the bodies of a facility's entries up to a position."""

    def __init__(self, report: Report, until: int) -> None:
        self._facility, self._until = report.facility_id, until

    def named(self, kinds: Iterable[str], words: str, *, anywhere: bool = False) -> list[_Found]:
        """The entries of these kinds whose body holds the words, as canonical JSON has them.

        ``anywhere``: what is journaled at another facility of the engagement counts here too.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                _BODIES, [self._facility, anywhere, list(kinds), self._until, words.encode()]
            )
            return [
                _Found(position, subject, json.loads(bytes(content)))
                for position, subject, content in cursor
            ]

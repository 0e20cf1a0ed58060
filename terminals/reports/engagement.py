"""The use of an engagement as a PDF: the maker of reports of that kind."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.models import AccessKind
from access.reports.cells import named_text
from access.reports.times import DASH
from access.reports.wording import state_word
from scif.reporting.kit.parts import Fact, draw_summary
from scif.reporting.kit.sheet import Sheet
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.table import Column, Row
from scif.reporting.kit.words import Style
from scif.reporting.makers import Made
from scif.reporting.models import Report
from terminals.reports.egress import draw_shares
from terminals.reports.use_anomalies import draw_anomalies
from terminals.reports.use_entries import ANOMALIES, DEBITS, ITEMS, PEOPLE, SESSIONS, VISITS
from terminals.reports.use_people import draw_people
from terminals.reports.use_record import (
    UseRecord,
    count_text,
    entry_text,
    lasting_text,
    mandate_mark,
    table,
    use_made,
    use_record,
    worked_text,
)
from terminals.reports.use_tables import (
    draw_appeals,
    draw_items,
    draw_sessions,
    draw_terms,
    draw_verdicts,
)
from terminals.reports.use_told import ToldVisit
from terminals.reports.wording import running_text
from terminals.rules.session_endings import cut_early


def engagement_report(report: Report, signatory: Signatory) -> Made:
    """Draw who worked when at the report's facility, and what left, up to its statement."""
    record = use_record(report, (*SESSIONS, *ITEMS, *DEBITS, *VISITS, *ANOMALIES, *PEOPLE))
    return use_made(record, signatory, _("Use of"), _body)


def _body(sheet: Sheet, record: UseRecord) -> None:
    draw_summary(sheet, _mandate(record), _use(record))
    draw_shares(sheet, record)
    table(
        sheet,
        _("Visits"),
        _("inside as the doors told"),
        [
            Column(_("Visit"), 11, Style.STRONG, name=True),
            Column(_("Who"), 23),
            Column(_("Arrived"), 20, Style.FIGURES),
            Column(_("Inside"), 13, Style.FIGURES),
            Column(_("Long"), 7, Style.FIGURES, "right"),
            Column(_("Sessions"), 11, Style.FIGURES, "right"),
            Column(_("State"), 14),
            Column(_("Entry"), 8, Style.FIGURES, "right"),
        ],
        _visit_rows(record),
        empty=_("No visit."),
    )
    draw_sessions(sheet, record)
    draw_anomalies(sheet, record)
    draw_items(sheet, record)
    draw_verdicts(sheet, record)
    draw_appeals(sheet, record)
    draw_terms(sheet, record)
    draw_people(sheet, record)


def _mandate(record: UseRecord) -> list[Fact]:
    """The mandate in its own words where its label fits; else what of it is plain."""
    mark, mandate = record.mark, record.mandate
    kinds = {each.value: each.label for each in AccessKind}
    title = Fact(f"{mark} {_('Mandate')}", record.portions.withheld())
    if record.mandate_shown:
        asset = named_text(mandate.asset)
        words = ", ".join(filter(None, (mandate.title, asset)))
        title = Fact(f"{mandate_mark(record)} {_('Mandate')}", words or DASH)
    term = f"{record.day(mandate.valid_from)} {DASH} {record.last_day(mandate.valid_until)}"
    approvals = f"{named_text(mandate.lab_approval)}; {named_text(mandate.facility_approval)}"
    return [
        title,
        Fact(f"{mark} {_('Lab')}", named_text(mandate.sponsor)),
        Fact(f"{mark} {_('Access')}", str(kinds.get(mandate.access, DASH)).capitalize()),
        Fact(f"{mark} {_('Term')}", term),
        Fact(f"{mark} {_('Approved')}", approvals),
    ]


def _use(record: UseRecord) -> list[Fact]:
    told, mark = record.told, record.mark
    came = [each for each in told.visits if each.came]
    worked = sum((each.lasted or timedelta() for each in told.sessions), timedelta())
    people = {each.person.key: each.person for each in told.sessions if each.person}
    running = sum(each.ended is None for each in told.sessions)
    cut = sum(cut_early(each.why, ordered=each.cut) for each in told.sessions)
    released = [each for each in told.items if each.steps("released")]
    return [
        Fact(
            f"{mark} {_('Visits')}",
            ngettext("%(n)d that began", "%(n)d that began", len(came)) % {"n": len(came)},
        ),
        Fact(
            f"{mark} {_('Sessions')}",
            ngettext(
                "%(n)s, %(time)s, by %(people)d person",
                "%(n)s, %(time)s, by %(people)d people",
                len(people),
            )
            % {
                "n": f"{len(told.sessions)}{running_text(running)}",
                "time": worked_text(worked),
                "people": len(people),
            },
        ),
        Fact(f"{mark} {_('Cut early')}", str(cut)),
        Fact(f"{mark} {_('Bytes here')}", count_text(told.account.total)),
        Fact(
            f"{mark} {_('Released')}",
            _("%(out)d out, %(into)d in")
            % {
                "out": sum(each.out for each in released),
                "into": sum(not each.out for each in released),
            },
        ),
    ]


def _visit_rows(record: UseRecord) -> Iterator[Row]:
    for visit in record.told.visits:
        inside, still = visit.inside, visit.inside_since
        span = DASH
        if inside or still:
            first = inside[0][0] if inside else still
            last = _("inside still") if still else record.clock(inside[-1][1])
            span = f"{record.clock(first)} {DASH} {last}"
        whole = sum((end - start for start, end in inside), timedelta()) if inside else None
        count = sum(each.visit == visit.reference for each in record.told.sessions)
        yield Row(
            record.mark,
            [
                visit.reference or DASH,
                _who(visit),
                record.when(visit.came),
                span,
                lasting_text(whole),
                str(count),
                state_word(visit.state) if visit.state else DASH,
                entry_text(visit.entries[-1]),
            ],
        )


def _who(visit: ToldVisit) -> str:
    described = next((e.data["visitor"] for e in visit.entries if "visitor" in e.data), None)
    organisation = described.get("organisation", "") if isinstance(described, dict) else ""
    return ", ".join(filter(None, (named_text(visit.visitor), str(organisation))))

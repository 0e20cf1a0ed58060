"""The record of a visit as a PDF: the maker of reports of that kind."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.reports import annex, sections, summary
from access.reports.cells import named_text
from access.reports.record import VisitRecord, visit_record
from access.reports.times import DASH
from access.reports.told import of_kind
from access.services.report import records_differ_tell
from scif.journal import verifier
from scif.journal.services import settle
from scif.kernel.actor import Actor
from scif.reporting.kit.parts import (
    draw_chain,
    draw_notice,
    draw_proof,
    draw_summary,
    draw_title,
    draw_unknown_note,
    proof_height,
)
from scif.reporting.kit.sheet import Foot, Marking, Paper, Sheet
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.table import Column, Row, draw_table
from scif.reporting.makers import Made
from scif.reporting.models import Report

WORKER = Actor.system("worker")
SETTLE_SECONDS = 15.0


def visit_report(report: Report, signatory: Signatory) -> Made:
    """Draw the record of the report's visit, as of the latest checkpoint.

    Where the tables contradict the journal the pages say so, and an alarm is raised.
    """
    record = _settled(report)
    if record.differences:
        records_differ_tell(
            report=report, lines=[each._asdict() for each in record.differences], actor=WORKER
        )
    proven = record.bundle
    return Made(
        pdf=_draw(record, signatory),
        bundle=proven.data,
        code=proven.code,
        checkpoint=proven.checkpoint,
        checkpoint_size=verifier.read_head(proven.checkpoint).size,
        entries=len(record.entries),
        marking=record.portions.highest,
    )


def _settled(report: Report) -> VisitRecord:
    """The record, with the differences that stay: a visit goes on while its tables are read."""
    record = visit_record(report)
    if not record.differences:
        return record
    settle(timeout_seconds=SETTLE_SECONDS)
    again = visit_record(report)
    stay = [each for each in again.differences if each in record.differences]
    return replace(again, differences=stay)


def _draw(record: VisitRecord, signatory: Signatory) -> bytes:
    # The facts are marked first: the banner stands on the first page already.
    left, right = summary.facts_left(record), summary.facts_right(record)
    portions, report = record.portions, record.report
    reference = record.facts.visit.reference or report.subject_reference
    place = f"{portions.plain} {named_text(record.facts.booking.area, record.facility.name)}"
    note = _("Demonstration data. Nothing on this page is classified.")
    file = io.BytesIO()
    sheet = Sheet(
        file,
        Marking(portions.banner, portions.highest.colour, note if settings.SIMULATORS else ""),
        Foot(
            record=f"{reference}, {report.reference}",
            derived=_("%(mark)s Marked by: %(facility)s, engagement %(engagement)s")
            % {
                "mark": portions.plain,
                "facility": record.facility.name,
                "engagement": record.facts.mandate.reference or DASH,
            },
            legend=portions.legend,
        ),
        paper=Paper(report.paper),
        title=_("Visit record %(reference)s") % {"reference": reference},
        author=signatory.name,
    )
    sheet.portion = max(sheet.portion, sheet.text_width(portions.plain) + 8)
    proof = summary.proof(record, signatory)
    draw_proof(sheet, proof, sheet.reserve(proof_height(sheet, proof)))
    title = _("Visit record %(reference)s") % {"reference": reference}
    draw_title(sheet, f"{portions.plain} {title}", place, _beside(record))
    _differences(sheet, record)
    draw_summary(sheet, left, right)
    draw_chain(sheet, summary.chain(record))
    _tables(sheet, record)
    draw_unknown_note(sheet)
    sheet.finish()
    return file.getvalue()


def _differences(sheet: Sheet, record: VisitRecord) -> None:
    """The box that nobody can overlook; without a difference there is none."""
    count = len(record.differences)
    if not count:
        return
    words = ngettext(
        "%(count)d line of the records differs from the journal",
        "%(count)d lines of the records differ from the journal",
        count,
    )
    draw_notice(
        sheet,
        words % {"count": count},
        _(
            "This report shows the journal. What the records say otherwise was changed past it, or "
            "could not be applied: the security officer finds out which."
        ),
    )
    columns, rows = sections.difference_columns(), sections.difference_rows(record)
    draw_table(sheet, columns, rows, empty=_("None."))
    sheet.y -= 8


def _beside(record: VisitRecord) -> list[str]:
    report = record.report
    made = report.made_at or report.requested_at
    lines = [
        _("Report %(reference)s") % {"reference": report.reference},
        _("Made %(day)s, %(time)s UTC") % {"day": f"{made:%d %b %Y}", "time": f"{made:%H:%M:%S}"},
    ]
    asked = next(reversed(of_kind(record.entries, "report.requested")), None)
    if asked is not None and asked.who is not None:
        lines.append(_("for %(who)s") % {"who": named_text(asked.who)})
    return lines


def _tables(sheet: Sheet, record: VisitRecord) -> None:
    zone = _("times local, %(offset)s") % {"offset": record.times.offset}
    _table(
        sheet,
        _("Custody"),
        _("signed by visitor and guard, %(zone)s") % {"zone": zone},
        sections.custody_columns(),
        sections.custody_rows(record),
    )
    versions = sorted(
        {read.policy_version for read in record.facts.reads.values() if read.policy_version}
    )
    note = _("every read, with its reasons")
    if versions:
        note += _("; policy %(versions)s") % {"versions": ", ".join(versions)}
    _table(
        sheet,
        _("Reads and decisions"),
        note,
        sections.reads_columns(),
        sections.reads_rows(record),
    )
    _table(
        sheet,
        _("Exit search"),
        _("nobody is kept from leaving"),
        sections.search_columns(),
        sections.search_rows(record),
    )
    _table(
        sheet,
        _("Sweep and release"),
        _("the next entry is blocked until the sweep passes"),
        sections.sweep_columns(),
        sections.sweep_rows(record),
    )
    _table(
        sheet,
        _("Approvals"),
        _("the requester cannot approve"),
        sections.approval_columns(),
        sections.approval_rows(record),
    )
    _table(
        sheet,
        _("Steps at the desk"),
        _("identity, custody, badge, search, return; every badge of the visit"),
        annex.step_columns(),
        annex.step_rows(record),
    )
    _table(
        sheet,
        _("Signatures"),
        _("as drawn on the glass"),
        annex.signature_columns(),
        annex.signature_rows(record),
    )
    _table(
        sheet,
        _("Presence"),
        _("as the doors' gateways counted"),
        annex.presence_columns(),
        annex.presence_rows(record),
    )
    _table(
        sheet,
        _("Concerns while inside"),
        _("about whoever was inside, the visitor among them, and about what he did there"),
        annex.concern_columns(),
        annex.concern_rows(record),
    )
    _table(
        sheet,
        _("Laptop"),
        _("handed over, lost, what was seen at it and what an officer found"),
        annex.laptop_columns(),
        annex.laptop_rows(record),
    )
    _table(
        sheet,
        _("Journal entries"),
        _("all of these are in the attached bundle, with their proofs"),
        annex.entry_columns(),
        annex.entry_rows(record),
    )


def _table(
    sheet: Sheet, title: str, note: str, columns: Sequence[Column], rows: Iterable[Row]
) -> None:
    draw_table(sheet, columns, rows, empty=_("None."), title=title, note=note)

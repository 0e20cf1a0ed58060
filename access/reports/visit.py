"""The record of a visit as a PDF: the maker of reports of that kind."""

import io
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from access.reports import annex, sections, summary
from access.reports.record import VisitRecord, visit_record
from scif.journal import verifier
from scif.journal.selectors import Bundle, bundle
from scif.reporting.kit.parts import (
    draw_chain,
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


def visit_report(report: Report, signatory: Signatory) -> Made:
    """Draw the record of the report's visit, as of the latest checkpoint."""
    record = visit_record(report)
    proven = bundle(record.entries.positions)
    return Made(
        pdf=_draw(record, proven, signatory),
        bundle=proven.data,
        code=proven.code,
        checkpoint=proven.checkpoint,
        checkpoint_size=verifier.read_head(proven.checkpoint).size,
        entries=len(record.entries.positions),
        marking=record.portions.highest,
    )


def _draw(record: VisitRecord, proven: Bundle, signatory: Signatory) -> bytes:
    # The facts are marked first: the banner stands on the first page already.
    left, right = summary.facts_left(record), summary.facts_right(record)
    portions, report = record.portions, record.report
    place = f"{portions.plain} {record.booking.area}"
    note = _("Demonstration data. Nothing on this page is classified.")
    file = io.BytesIO()
    sheet = Sheet(
        file,
        Marking(portions.banner, portions.highest.colour, note if settings.SIMULATORS else ""),
        Foot(
            record=f"{record.visit.reference}, {report.reference}",
            derived=_("%(mark)s Marked by: %(facility)s, engagement %(engagement)s")
            % {
                "mark": portions.plain,
                "facility": record.facility.name,
                "engagement": record.engagement.reference,
            },
            legend=portions.legend,
        ),
        paper=Paper(report.paper),
        title=_("Visit record %(reference)s") % {"reference": record.visit.reference},
        author=signatory.name,
    )
    sheet.portion = max(sheet.portion, sheet.text_width(portions.plain) + 8)
    proof = summary.proof(record, proven, signatory)
    draw_proof(sheet, proof, sheet.reserve(proof_height(sheet, proof)))
    title = _("Visit record %(reference)s") % {"reference": record.visit.reference}
    draw_title(sheet, f"{portions.plain} {title}", place, _beside(record))
    draw_summary(sheet, left, right)
    draw_chain(sheet, summary.chain(record))
    _tables(sheet, record)
    draw_unknown_note(sheet)
    sheet.finish()
    return file.getvalue()


def _beside(record: VisitRecord) -> list[str]:
    report = record.report
    made = report.made_at or report.requested_at
    lines = [
        _("Report %(reference)s") % {"reference": report.reference},
        _("Made %(day)s, %(time)s UTC") % {"day": f"{made:%d %b %Y}", "time": f"{made:%H:%M:%S}"},
    ]
    if report.requested_by is not None:
        lines.append(_("for %(who)s") % {"who": report.requested_by})
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
    versions = sorted({each.policy_version for each in record.decisions})
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
        _("identity, custody, badge, search, return"),
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
        _("Journal entries"),
        _("all of these are in the attached bundle, with their proofs"),
        annex.entry_columns(),
        annex.entry_rows(record),
    )


def _table(
    sheet: Sheet, title: str, note: str, columns: Sequence[Column], rows: Iterable[Row]
) -> None:
    sheet.heading(title, note)
    draw_table(sheet, columns, rows, empty=_("None."))

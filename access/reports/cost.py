"""The comparison of a facility's cost scenarios as a PDF: the maker of reports of that kind."""

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from access.reports.cells import named_text, position_text
from access.reports.cost_record import CostRecord, ToldScenario, cost_record
from access.reports.portions import Portions
from access.reports.proof import bundle_proof
from access.reports.told import of_kind
from access.rules.cost import INPUTS, Measure, drivers_of
from access.selectors.cost_words import account_lines, amount, plain, signed, unit_words
from scif.journal import verifier
from scif.journal.kinds import kind_told
from scif.reporting.kit.parts import draw_proof, draw_title, draw_unknown_note, proof_height
from scif.reporting.kit.sheet import Foot, Marking, Paper, Sheet
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.table import Column, Row, draw_table
from scif.reporting.kit.words import Style
from scif.reporting.makers import Made
from scif.reporting.models import Report

# Columns that stand beside each other on a page.
ABREAST = 5
SWING = Decimal(25)
SHOWN_DRIVERS = 5
DASH = "\u2013"


def cost_report(report: Report, signatory: Signatory) -> Made:
    """Draw the facility's comparison, as of the latest checkpoint."""
    record = cost_record(report)
    proven = record.bundle
    portions = Portions(record.facility.marking)
    return Made(
        pdf=_draw(record, portions, signatory),
        bundle=proven.data,
        code=proven.code,
        checkpoint=proven.checkpoint,
        checkpoint_size=verifier.read_head(proven.checkpoint).size,
        entries=len(record.entries),
        marking=portions.highest,
    )


def _draw(record: CostRecord, portions: Portions, signatory: Signatory) -> bytes:
    report, facility, mark = record.report, record.facility, portions.plain
    note = _("Demonstration data. Nothing on this page is classified.")
    title = _("Cost of a room")
    file = io.BytesIO()
    sheet = Sheet(
        file,
        Marking(portions.banner, portions.highest.colour, note if settings.SIMULATORS else ""),
        Foot(
            record=f"{report.subject_reference}, {report.reference}",
            derived=_("%(mark)s Marked by: %(facility)s")
            % {"mark": mark, "facility": facility.name},
            legend=portions.legend,
        ),
        paper=Paper(report.paper),
        title=title,
        author=signatory.name,
    )
    sheet.portion = max(sheet.portion, sheet.text_width(mark) + 8)
    proof = bundle_proof(
        record.bundle,
        record.entries,
        report=report,
        mark=mark,
        signatory=signatory,
        said=_(
            "Check it on another machine with the attached bundle and the verifier, or type the "
            "code on the verification page. Proven: these entries are unaltered and in order, and "
            "every figure of these pages is drawn or reckoned from them, but for the facility's "
            "name and currency, which its record says now. Not proven: that the figures are true."
        ),
    )
    draw_proof(sheet, proof, sheet.reserve(proof_height(sheet, proof)))
    draw_title(sheet, f"{mark} {title}", f"{mark} {facility.name}", _beside(record))
    _comparison(sheet, record, mark)
    draw_table(
        sheet,
        [Column(_("Scenario"), 28, Style.STRONG), Column(_("What moves the total most"), 72)],
        _driver_rows(record, mark),
        empty=_("None."),
        title=_("What moves it"),
        note=_("each figure alone, by %(swing)s %% down and up, in %(currency)s")
        % {"swing": SWING, "currency": facility.currency},
    )
    for scenario in record.scenarios:
        draw_table(
            sheet,
            [
                Column(_("Figure"), 27),
                Column(_("Value"), 11, Style.FIGURES, "right"),
                Column(_("Unit"), 17),
                Column(_("Source"), 31),
                Column(_("Of"), 14, Style.FIGURES),
            ],
            _figure_rows(scenario, facility.currency, mark),
            empty=_("Text erased."),
            title=scenario.name or DASH,
            note=_("every figure with its source and its day"),
        )
    draw_table(
        sheet,
        [
            Column(_("Entry"), 10, Style.FIGURES, "right"),
            Column(_("When, UTC"), 25, Style.FIGURES),
            Column(_("What"), 30),
            Column(_("Scenario"), 35),
        ],
        _entry_rows(record, mark),
        empty=_("None."),
        title=_("Journal entries"),
        note=_("all of these are in the attached bundle, with their proofs"),
    )
    draw_unknown_note(sheet)
    sheet.finish()
    return file.getvalue()


def _beside(record: CostRecord) -> list[str]:
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


def _comparison(sheet: Sheet, record: CostRecord, mark: str) -> None:
    """The parts of an audit-hour, scenario beside scenario, as many as the width bears."""
    whole = record.scenarios
    for first in range(0, max(len(whole), 1), ABREAST):
        some = whole[first : first + ABREAST]
        draw_table(
            sheet,
            [
                Column(_("Of an audit-hour"), 30, Style.STRONG),
                # A head stands on one line; the names stand below it, on as many as they need.
                *(
                    Column(str(number), 14, Style.FIGURES, "right")
                    for number, _each in enumerate(some, start=first + 1)
                ),
            ],
            _account_rows(some, mark) if some else [],
            empty=_("No scenario is on this facility's list."),
            title=_("Cost of an audit-hour"),
            note=_("in %(currency)s; an hour in which one seat is in use")
            % {"currency": record.facility.currency},
        )


def _account_rows(some: Sequence[ToldScenario], mark: str) -> Iterator[Row]:
    yield Row(mark, [_("Scenario"), *(each.name or DASH for each in some)])
    accounts = [each.account for each in some]
    for line in account_lines():
        cells = [DASH if each is None else amount(line.read(each)) for each in accounts]
        yield Row(mark, [line.name, *cells])


def _driver_rows(record: CostRecord, mark: str) -> Iterator[Row]:
    for scenario in record.scenarios:
        account = scenario.account
        if account is None:
            yield Row(mark, [scenario.name or DASH, _("A figure is missing or was erased.")])
            continue
        drivers = drivers_of(scenario.values, swing=SWING, measure=Measure.TOTAL)
        said = [
            f"{_(INPUTS[each.key].meaning)} {signed(each.cost_low - account.total)} … "
            f"{signed(each.cost_high - account.total)}"
            for each in drivers[:SHOWN_DRIVERS]
        ]
        yield Row(mark, [scenario.name, "; ".join(said)])


def _figure_rows(scenario: ToldScenario, currency: str, mark: str) -> Iterator[Row]:
    for key, figure in scenario.figures.items():
        meaning, unit = _(INPUTS[key].meaning), unit_words(key, currency)
        cells = [meaning, plain(figure.value), unit, figure.source, figure.dated.isoformat()]
        yield Row(mark, cells)


def _entry_rows(record: CostRecord, mark: str) -> Iterator[Row]:
    for entry in record.entries:
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        name = _("text erased") if entry.erased else entry.text("name") or DASH
        yield Row(mark, [position_text(entry.position), at, kind_told(entry.kind), name])

"""Every byte that left under an engagement, as a PDF: the maker of reports of that kind."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.reports.times import DASH
from access.reports.told import of_kind
from scif.reporting.kit.parts import Fact, draw_share, draw_summary
from scif.reporting.kit.sheet import Sheet
from scif.reporting.kit.sign import Signatory
from scif.reporting.kit.table import Column, Row
from scif.reporting.kit.words import Span, Style, Text
from scif.reporting.makers import Made
from scif.reporting.models import Report
from terminals.reports.use_entries import DEBITS, ITEMS, SESSIONS
from terminals.reports.use_record import (
    UseRecord,
    count_text,
    entry_text,
    hash_text,
    table,
    use_made,
    use_record,
)
from terminals.reports.use_tables import (
    draw_appeals,
    draw_items,
    draw_sessions,
    draw_terms,
    draw_verdicts,
)


def egress_report(report: Report, signatory: Signatory) -> Made:
    """Draw the account of bytes at the report's facility, up to its statement."""
    record = use_record(report, (*SESSIONS, *ITEMS, *DEBITS))
    return use_made(record, signatory, _("Egress of"), _body)


def _body(sheet: Sheet, record: UseRecord) -> None:
    draw_summary(sheet, _budgets(record), _heads(record))
    draw_shares(sheet, record)
    table(
        sheet,
        _("Account"),
        _("both ways together, as budgets count"),
        [
            Column(_("Line"), 52, Style.STRONG),
            Column(_("Of what"), 28),
            Column(_("Bytes"), 20, Style.FIGURES, "right"),
        ],
        _account_rows(record),
    )
    draw_sessions(sheet, record)
    draw_items(sheet, record, out_only=True)
    table(
        sheet,
        _("Debits apart from sessions"),
        _("exports, counts that nobody told, what passed a budget that became smaller"),
        [
            Column(_("When"), 22, Style.FIGURES),
            Column(_("Of"), 30, Style.STRONG),
            Column(_("Reference"), 26, Style.MONO, name=True),
            Column(_("Bytes"), 14, Style.FIGURES, "right"),
            Column(_("Entry"), 8, Style.FIGURES, "right"),
        ],
        _debit_rows(record),
    )
    draw_verdicts(sheet, record, refused_only=True)
    draw_appeals(sheet, record)
    draw_terms(sheet, record)


def draw_shares(sheet: Sheet, record: UseRecord) -> None:
    """The budgets as bars."""
    stated, mark = record.told.statement, record.mark
    sheet.y -= 4
    spent, most = stated.count("spent"), stated.count("budget")
    name = f"{mark} {_('Budget of the engagement')}"
    draw_share(sheet, name, spent, most, _of(spent, most))
    if stated.of_model is not None:
        spent = stated.count("spent_of_model")
        name = f"{mark} {_('Budget of its model, all engagements')}"
        draw_share(sheet, name, spent, stated.of_model, _of(spent, stated.of_model))


def _of(spent: int, most: int) -> str:
    return _("%(spent)s of %(most)s\u00a0bytes") % {
        "spent": count_text(spent),
        "most": count_text(most),
    }


def _budgets(record: UseRecord) -> list[Fact]:
    stated, mark = record.told.statement, record.mark
    beyond = record.told.account.beyond
    over: Text = (
        Span(_("%(bytes)s\u00a0bytes") % {"bytes": count_text(beyond)}, Style.STRONG)
        if beyond
        else _("none")
    )
    return [
        Fact(f"{mark} {_('Budget')}", count_text(stated.count("budget"))),
        Fact(f"{mark} {_('Spent')}", count_text(stated.count("spent"))),
        Fact(f"{mark} {_('Left')}", count_text(stated.count("left"))),
        Fact(f"{mark} {_('Of the model')}", count_text(stated.of_model)),
        Fact(f"{mark} {_('Overshoot')}", over),
    ]


def _heads(record: UseRecord) -> list[Fact]:
    stated, mark = record.told.statement, record.mark
    rows = stated.count("rows_here")
    return [
        Fact(
            f"{mark} {_('As stated')}",
            _("%(when)s, entry %(entry)s")
            % {"when": record.when(stated.told.at), "entry": entry_text(stated.told)},
        ),
        Fact(
            f"{mark} {_('Ledger here')}",
            ngettext("%(rows)s\u00a0row", "%(rows)s\u00a0rows", rows) % {"rows": count_text(rows)},
        ),
        Fact(f"{mark} {_('Its head')}", _head(stated.told.text("head_here"))),
        Fact(f"{mark} {_('Head of all')}", _head(stated.told.text("head"))),
    ]


def _head(digest: str) -> Text:
    return Span(hash_text(digest), Style.MONO)


def _account_rows(record: UseRecord) -> Iterator[Row]:
    told, stated, mark = record.told, record.told.statement, record.mark
    account = told.account
    ended = [s for s in told.sessions if s.ended]
    running = len(told.sessions) - len(ended)
    out = [e for e in of_kind(told.debits, "egress.debited") if e.text("kind") == "export"]
    sessions = ngettext("%(n)d session", "%(n)d sessions", len(ended)) % {"n": len(ended)}
    lines = [
        (_("Sessions that ended"), sessions, account.sessions),
        (
            _("Sessions that were running"),
            ngettext("%(n)d session", "%(n)d sessions", running) % {"n": running},
            account.running,
        ),
        (
            _("Exports that were released"),
            ngettext("%(n)d item", "%(n)d items", len(out)) % {"n": len(out)},
            account.exports,
        ),
        (
            _("Promised to sessions, count not told"),
            _("passed or promised, of no session's count"),
            account.unaccounted,
        ),
        (_("Here, as the entries add up"), "", account.total),
        (_("Here, as the ledger has it"), _("stated"), stated.count("here")),
        (_("At other facilities"), _("stated"), stated.count("spent") - stated.count("here")),
        (_("In all"), _("stated"), stated.count("spent")),
    ]
    for name, what, count in lines:
        yield Row(mark, [name, what, count_text(count)])


def _debit_rows(record: UseRecord) -> Iterator[Row]:
    words = {
        "export": _("export"),
        "unaccounted": _("unaccounted for"),
        "overrun": _("beyond the budget"),
    }
    for entry in record.told.debits:
        kind = "overrun" if entry.kind == "egress.overrun" else entry.text("kind")
        what = _("text erased") if entry.erased else words.get(kind, kind)
        yield Row(
            record.mark,
            [
                record.when(entry.at),
                what,
                entry.text("reference") or DASH,
                count_text(int(entry.data.get("bytes", 0))),
                entry_text(entry),
            ],
        )

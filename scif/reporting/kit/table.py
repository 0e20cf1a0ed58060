"""Tables of any length: rows are fetched as they are drawn, heads repeat on every page."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from reportlab.lib.colors import Color

from scif.reporting.kit import ink
from scif.reporting.kit.shapes import Strokes, draw_shape, draw_signature
from scif.reporting.kit.sheet import LEFT, Sheet
from scif.reporting.kit.words import (
    Line,
    Span,
    Style,
    Text,
    draw_line,
    draw_text,
    has_unknown,
    lay,
    spans_of,
)

_GAP = 7.0
_PAD = 2.6
_SHAPE = 9.0
_HEADS = 15.0
_SIGNATURE = 14.0
# The last rows of a table that stand on one page.
_TOGETHER = 3
# A time or a count is set smaller rather than broken, down to this part of the table's size.
_LEAST = 0.76


class Status(NamedTuple):
    """A shape of the status vocabulary and its word."""

    shape: str
    word: str


class Drawn(NamedTuple):
    """A signature's strokes, in the pad's units."""

    strokes: Strokes


Cell = Text | Status | Drawn


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its share of the width, how its cells look.

    ``name``: its cells are references, tags or serials; see ``whole``.
    """

    head: str
    share: float
    style: Style = Style.PLAIN
    align: str = "left"
    name: bool = False

    @property
    def whole(self) -> bool:
        """Whether a cell that is too wide is set smaller before it is broken: nobody reads a time,
        a count or a reference in pieces.
        """
        return self.name or self.style is Style.FIGURES


class Row(NamedTuple):
    """A row and its portion mark, such as ``(U)``."""

    portion: str
    cells: Sequence[Cell]


class _Laid(NamedTuple):
    lines: list[Line]
    status: str
    strokes: Strokes | None
    extra: float
    size: float


class _LaidRow(NamedTuple):
    cells: list[_Laid]
    lines: int
    least: float
    height: float


def draw_table(
    sheet: Sheet,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    empty: str,
    title: str = "",
    note: str = "",
    size: float = 9.0,
) -> int:
    """Draw a table, under ``title`` where it has one; gives the number of rows.

    INVARIANT: no more than a few rows are held at a time. Title, heads and the first row stay
    together, for heads alone at the foot of a page look as if there were nothing; so do the last
    rows, for one alone on the last page looks as if the rest were lost. A row moves to the next
    page whole if it fits there, otherwise it is cut between two lines. Without rows ``empty``
    stands there.
    """
    widths = _widths(sheet, columns)
    waiting = iter(rows)
    held = deque(islice(waiting, _TOGETHER + 1))

    def tall() -> float:
        return sum(_laid_row(columns, widths, each, size).height for each in held)

    ends = len(held) <= _TOGETHER
    if title:
        kept = tall() if ends else _laid_row(columns, widths, held[0], size).height
        sheet.heading(title, note, keep=_HEADS + (kept or 18))
    else:
        sheet.need(_HEADS + 18)
    _heads(sheet, columns, widths)
    count = 0
    while len(held) > _TOGETHER:
        _row(sheet, columns, widths, held.popleft(), size)
        held.extend(islice(waiting, 1))
        count += 1
    if count and tall() <= sheet.room and sheet.need(tall()):
        _heads(sheet, columns, widths)
    while held:
        _row(sheet, columns, widths, held.popleft(), size)
        count += 1
    if not count:
        sheet.y -= 14
        draw_text(sheet.canvas, Span(empty), LEFT + sheet.portion, sheet.y + 3.5, size)
        sheet.rule(sheet.y, 0.5, ink.LINE)
    return count


def _widths(sheet: Sheet, columns: Sequence[Column]) -> list[tuple[float, float]]:
    whole = sum(column.share for column in columns)
    x, places = LEFT + sheet.portion, []
    for column in columns:
        wide = (sheet.width - sheet.portion) * column.share / whole
        places.append((x, wide - _GAP))
        x += wide
    last_x, last_wide = places[-1]
    places[-1] = (last_x, last_wide + _GAP)
    return places


def _heads(sheet: Sheet, columns: Sequence[Column], widths: list[tuple[float, float]]) -> None:
    sheet.y -= _HEADS
    for column, (x, wide) in zip(columns, widths, strict=True):
        at = x + wide if column.align == "right" else x
        text = Span(column.head, Style.STRONG)
        draw_text(sheet.canvas, text, at, sheet.y + 4, ink.BODY, align=column.align)
    sheet.rule(sheet.y, 1.1)


def _lay(cell: Cell, column: Column, wide: float, size: float) -> _Laid:
    if isinstance(cell, Status):
        colour: Color = ink.TONES[cell.shape]
        spans = [Span(cell.word, Style.STRONG, colour)]
        extra = _SHAPE + 3
        return _Laid(lay(spans, size, wide - extra), cell.shape, None, extra, size)
    if isinstance(cell, Drawn):
        return _Laid([], "", cell.strokes, 0.0, size)
    spans = spans_of(cell, column.style)
    lines = lay(spans, size, wide)
    if column.whole and len(lines) > 1:
        size *= max(_LEAST, 0.999 * wide / lay(spans, size, float("inf"))[0].width)
        lines = lay(spans, size, wide)
    return _Laid(lines, "", None, 0.0, size)


def _laid_row(
    columns: Sequence[Column], widths: list[tuple[float, float]], row: Row, size: float
) -> _LaidRow:
    laid = [
        _lay(cell, column, wide, size)
        for cell, column, (_, wide) in zip(row.cells, columns, widths, strict=True)
    ]
    lines = max([len(cell.lines) for cell in laid] or [1])
    least = _SIGNATURE + 1 if any(cell.strokes for cell in laid) else 0.0
    return _LaidRow(laid, lines, least, max(lines * size * ink.LEADING, least) + 2 * _PAD)


def _row(
    sheet: Sheet,
    columns: Sequence[Column],
    widths: list[tuple[float, float]],
    row: Row,
    size: float,
) -> None:
    leading = size * ink.LEADING
    for cell, column in zip(row.cells, columns, strict=True):
        if not isinstance(cell, Status | Drawn):
            sheet.unknown_letters |= has_unknown(spans_of(cell, column.style))
    laid, lines, least, height = _laid_row(columns, widths, row, size)
    if sheet.need(height):
        _heads(sheet, columns, widths)
    first = 0
    while True:
        room = max(1, int((sheet.y - sheet.floor - 2 * _PAD) / leading))
        last = min(lines, first + room)
        _slice(sheet, laid, columns, widths, row.portion, (first, last), least, size)
        if last >= lines:
            return
        first = last
        sheet.next_page()
        _heads(sheet, columns, widths)


def _slice(
    sheet: Sheet,
    laid: list[_Laid],
    columns: Sequence[Column],
    widths: list[tuple[float, float]],
    portion: str,
    part: tuple[int, int],
    least: float,
    size: float,
) -> None:
    """Draw some lines of a row."""
    first, last = part
    leading = size * ink.LEADING
    height = max((last - first) * leading, least) + 2 * _PAD
    base = sheet.y - _PAD - size * 0.98
    if least > leading:
        base -= (least - leading) / 2
    canvas = sheet.canvas
    draw_text(canvas, Span(portion, colour=ink.INK_SECOND), LEFT, base, size)
    for cell, column, (x, wide) in zip(laid, columns, widths, strict=True):
        if cell.strokes and not first:
            bottom = sheet.y - height + _PAD
            draw_signature(canvas, cell.strokes, x, bottom, min(wide, 48), _SIGNATURE)
        if cell.status and not first:
            draw_shape(canvas, cell.status, x, base - 1.4, _SHAPE)
        for number, line in enumerate(cell.lines[first:last]):
            start = x + cell.extra
            if column.align == "right":
                start = x + wide - line.width
            draw_line(canvas, line, start, base - number * leading, cell.size)
    sheet.y -= height
    sheet.rule(sheet.y, 0.5, ink.LINE)

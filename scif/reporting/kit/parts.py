"""Parts of a record: title, summary, the chain's links, the proof box."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import segno
from django.utils.translation import gettext as _

from scif.reporting.kit import ink
from scif.reporting.kit.shapes import draw_shape
from scif.reporting.kit.sheet import LEFT, Sheet
from scif.reporting.kit.words import (
    Span,
    Style,
    Text,
    draw_line,
    draw_text,
    has_unknown,
    lay,
    spans_of,
)


class Fact(NamedTuple):
    """A line of the summary: its portion mark and name, and what is so."""

    name: str
    text: Text


class Link(NamedTuple):
    """A link of the chain: "ok", "warn", "stop", "wait" or "todo", and when."""

    label: str
    when: str
    shape: str


class Proof(NamedTuple):
    """What proves a record. ``qr`` is the text in the QR code; ``said`` what is proven."""

    heading: str
    facts: Sequence[Fact]
    said: str
    qr: str


def draw_title(sheet: Sheet, title: str, place: str, beside: Sequence[str]) -> None:
    """The record's name and place, and up to three lines at the right."""
    base = sheet.y - 24
    aside = base + 9
    for at, text in enumerate(beside):
        span = Span(text, colour=ink.INK_SECOND if at else ink.INK)
        for line in lay([span], ink.SMALL, sheet.width * 0.32):
            draw_line(sheet.canvas, line, sheet.right - line.width, aside, ink.SMALL)
            aside -= 12
    draw_text(sheet.canvas, Span(title, Style.HEAD), LEFT, base, ink.TITLE)
    sheet.y = base - 2
    for line in lay(spans_of(place, colour=ink.INK_SECOND), 9.75, sheet.width * 0.66):
        sheet.y -= 12.5
        draw_line(sheet.canvas, line, LEFT, sheet.y, 9.75)
    sheet.y = min(sheet.y, aside + 12)
    sheet.y -= 7
    sheet.rule(sheet.y, 2.25)
    sheet.y -= 5


def draw_summary(sheet: Sheet, left: Sequence[Fact], right: Sequence[Fact]) -> None:
    """Facts in two columns."""
    gap = 24.0
    wide = (sheet.width - gap) / 2
    sheet.need(max(_facts_height(sheet, facts, wide) for facts in (left, right)))
    bottoms = [
        _facts(sheet, facts, LEFT + at * (wide + gap), wide)
        for at, facts in enumerate((left, right))
    ]
    sheet.y = min(bottoms)


def _name_width(sheet: Sheet, facts: Sequence[Fact]) -> float:
    return max(69.0, *(sheet.text_width(fact.name) + 8 for fact in facts))


def _facts_height(sheet: Sheet, facts: Sequence[Fact], wide: float) -> float:
    name = _name_width(sheet, facts)
    lines = sum(len(lay(spans_of(fact.text), ink.BODY, wide - name)) for fact in facts)
    return lines * ink.BODY * ink.LEADING + 1.5 * len(facts)


def _facts(sheet: Sheet, facts: Sequence[Fact], x: float, wide: float) -> float:
    y = sheet.y
    name = _name_width(sheet, facts)
    leading = ink.BODY * ink.LEADING
    for fact in facts:
        spans = spans_of(fact.text)
        sheet.unknown_letters |= has_unknown(spans)
        draw_text(sheet.canvas, Span(fact.name, colour=ink.INK_SECOND), x, y - 10.4, ink.BODY)
        for line in lay(spans, ink.BODY, wide - name):
            draw_line(sheet.canvas, line, x + name, y - 10.4, ink.BODY)
            y -= leading
        y -= 1.5
    return y


def draw_notice(sheet: Sheet, heading: str, said: str) -> None:
    """A warning in a stop-marked frame over the width of the page."""
    leading = ink.SMALL * ink.LEADING
    lines = lay([Span(said)], ink.SMALL, sheet.width - 44)
    height = 24 + len(lines) * leading
    sheet.need(height + 8)
    top = sheet.y
    canvas, stop = sheet.canvas, ink.TONES["stop"]
    canvas.setStrokeColor(stop)
    canvas.setLineWidth(2.25)
    canvas.rect(LEFT + 1, top - height, sheet.width - 2, height, fill=0, stroke=1)
    draw_shape(canvas, "stop", LEFT + 10, top - 23, 16)
    draw_text(canvas, Span(heading, Style.HEAD, stop), LEFT + 34, top - 16, ink.SECTION)
    y = top - 18
    for line in lines:
        y -= leading
        draw_line(canvas, line, LEFT + 34, y, ink.SMALL)
    sheet.y = top - height - 4


def draw_share(sheet: Sheet, name: str, used: int, most: int, told: str) -> None:
    """How much of a budget is used, as a bar over the width, its figures above it."""
    height = 30.0
    sheet.need(height)
    base = sheet.y - 13
    draw_text(sheet.canvas, Span(name, Style.STRONG), LEFT, base, ink.BODY)
    draw_text(sheet.canvas, told, sheet.right, base, ink.BODY, align="right")
    sheet.y -= height
    share = min(used / most, 1.0) if most else 1.0
    canvas = sheet.canvas
    canvas.setFillColor(ink.TONES["stop"] if used > most else ink.INK_SECOND)
    if used:
        # What is little is still seen.
        canvas.rect(LEFT, sheet.y + 3, max(sheet.width * share, 1.0), 9, fill=1, stroke=0)
    canvas.setStrokeColor(ink.EDGE)
    canvas.setLineWidth(0.8)
    canvas.rect(LEFT, sheet.y + 3, sheet.width, 9, fill=0, stroke=1)


def draw_chain(sheet: Sheet, links: Sequence[Link]) -> None:
    """The links in a row: shape, name, time. INVARIANT: no word lies over its neighbour's."""
    step = (sheet.width - 36) / max(1, len(links) - 1)
    told = [
        [
            *lay([Span(link.label, Style.STRONG)], _CHAIN_SIZE, step - 4),
            *lay([Span(link.when, colour=ink.INK_SECOND)], _CHAIN_SIZE, step - 4),
        ]
        for link in links
    ]
    height = 16 + _CHAIN_LEADING * max(2, *map(len, told))
    sheet.need(height + 8)
    sheet.y -= height + 4
    canvas, rail = sheet.canvas, sheet.y + height - 9
    canvas.setStrokeColor(ink.INK)
    canvas.setLineWidth(1.1)
    canvas.line(LEFT + 18, rail, LEFT + sheet.width - 18, rail)
    for at, (link, lines) in enumerate(zip(links, told, strict=True)):
        x = LEFT + 18 + at * step
        for number, line in enumerate(lines):
            down = rail - 13.5 - number * _CHAIN_LEADING
            draw_line(canvas, line, x - line.width / 2, down, _CHAIN_SIZE)
        canvas.setFillColor(ink.WHITE)
        canvas.circle(x, rail, 5.6, fill=1, stroke=0)
        draw_shape(canvas, link.shape, x - 5.4, rail - 5.4, 10.8)


_CHAIN_SIZE, _CHAIN_LEADING = 8.5, 9.0
_QR = 88.0
_PROOF_PAD = 9.0


def proof_height(sheet: Sheet, proof: Proof) -> float:
    """The height that the proof box takes, in points."""
    lines = len(lay([Span(proof.said)], ink.SMALL, _proof_width(sheet)))
    rows = sum(len(lay(spans_of(f.text), ink.SMALL, _proof_width(sheet) - 72)) for f in proof.facts)
    leading = ink.SMALL * ink.LEADING
    return max(_QR, 16 + (rows + lines) * leading + 3) + 2 * _PROOF_PAD


def _proof_width(sheet: Sheet) -> float:
    return sheet.width - _QR - 3 * _PROOF_PAD - 6


def draw_proof(sheet: Sheet, proof: Proof, top: float) -> None:
    """The proof box, its upper edge at ``top``."""
    canvas, height = sheet.canvas, proof_height(sheet, proof)
    canvas.setStrokeColor(ink.INK)
    canvas.setLineWidth(1.1)
    canvas.rect(LEFT + 0.5, top - height, sheet.width - 1, height, fill=0, stroke=1)
    _qr(canvas, proof.qr, LEFT + _PROOF_PAD, top - _PROOF_PAD - _QR)
    x = LEFT + _QR + 2 * _PROOF_PAD + 6
    y = top - _PROOF_PAD - 9
    draw_text(canvas, Span(proof.heading, Style.HEAD), x, y, ink.SECTION)
    leading = ink.SMALL * ink.LEADING
    y -= 3
    for fact in proof.facts:
        name = Span(fact.name, colour=ink.INK_SECOND)
        draw_text(canvas, name, x, y - leading, ink.SMALL)
        for line in lay(spans_of(fact.text), ink.SMALL, _proof_width(sheet) - 72):
            y -= leading
            draw_line(canvas, line, x + 72, y, ink.SMALL)
    y -= 3
    for line in lay([Span(proof.said)], ink.SMALL, _proof_width(sheet)):
        y -= leading
        draw_line(canvas, line, x, y, ink.SMALL)


def _qr(canvas: Any, text: str, x: float, y: float) -> None:
    """A QR code (ISO/IEC 18004, error correction M) in a square of 88 points."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=2))
    module = _QR / len(rows)
    canvas.setFillColor(ink.INK)
    path = canvas.beginPath()
    for at, row in enumerate(rows):
        for column, dark in enumerate(row):
            if dark:
                path.rect(x + column * module, y + _QR - (at + 1) * module, module, module)
    canvas.drawPath(path, fill=1, stroke=0)


def draw_unknown_note(sheet: Sheet) -> None:
    """Say what ``[U+…]`` means, where it was printed."""
    if sheet.unknown_letters:
        sheet.y -= 6
        words = _(
            "Letters that no face of this report can draw are printed as their number, [U+…]."
        )
        sheet.write(Span(words, colour=ink.INK_SECOND), ink.SMALL)

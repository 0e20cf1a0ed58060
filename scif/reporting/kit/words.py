"""Texts laid into lines: wrapping by words, faces by script, right-to-left words turned."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from reportlab.lib.colors import Color

from scif.reporting.kit.faces import (
    Run,
    Style,
    draws,
    face_of,
    is_unknown,
    runs_of,
    space_before,
    width_of,
)
from scif.reporting.kit.ink import INK
from scif.reporting.rules.bidi import gap_of, parted, seen_order

# At these no line breaks; no face has the narrow one, so that a space is drawn for both.
_KEPT = str.maketrans("\u00a0\u202f", "  ")
_WORD = re.compile(r"(?:[\u00a0\u202f]|\S)+")


class Span(NamedTuple):
    """A piece of text in one style and colour."""

    text: str
    style: Style = Style.PLAIN
    colour: Color = INK


class Word(NamedTuple):
    """A word that stands on a line; ``glued`` to the word before it, without a space."""

    text: str
    runs: tuple[Run, ...]
    colour: Color
    width: float
    space: float
    glued: bool


class Line(NamedTuple):
    """Words of one line in the order in which they are read."""

    words: tuple[Word, ...]
    width: float


Text = str | Span | Sequence[Span]


def spans_of(text: Text, style: Style = Style.PLAIN, colour: Color = INK) -> list[Span]:
    """A text as spans; a plain string takes the style and colour given."""
    if isinstance(text, str):
        return [Span(text, style, colour)]
    if isinstance(text, Span):
        return [text]
    return list(text)


def lay(spans: Iterable[Span], size: float, width: float) -> list[Line]:
    """Break spans into lines no wider than ``width`` points; at least one line."""
    lines: list[Line] = []
    row: list[Word] = []
    used = 0.0
    for word in _words(spans, size, width):
        gap = word.space if row and not word.glued else 0.0
        if row and used + gap + word.width > width + 0.01:
            lines.append(Line(tuple(row), used))
            row, used, gap = [], 0.0, 0.0
        row.append(word)
        used += gap + word.width
    lines.append(Line(tuple(row), used))
    return lines


def _words(spans: Iterable[Span], size: float, width: float) -> Iterable[Word]:
    open_end = True
    for span in spans:
        for at, found in enumerate(_WORD.findall(span.text)):
            glued = at == 0 and not open_end and not span.text[:1].isspace()
            text, sign = parted(found.translate(_KEPT))
            yield from _fitting(text, span, size, width, first=at == 0, glued=glued)
            if sign:
                yield from _fitting(sign, span, size, width, first=False, glued=True)
        open_end = not span.text or span.text[-1:].isspace()


def _fitting(
    text: str, span: Span, size: float, width: float, *, first: bool, glued: bool
) -> Iterable[Word]:
    """A word, cut into pieces where it is wider than a line."""
    while text:
        runs = runs_of(text, span.style)
        wide = width_of(runs, size)
        end = len(text)
        while wide > width and end > 1:
            end = max(1, min(end - 1, int(end * width / wide)))
            runs = runs_of(text[:end], span.style)
            wide = width_of(runs, size)
        if end < len(text) and (seam := _seam(text, end)):
            end, runs = seam, runs_of(text[:seam], span.style)
            wide = width_of(runs, size)
        # Between two spans a space of the plain face, whatever face comes next.
        blank = runs_of(" ", Style.PLAIN) if first else (space_before(runs),)
        space = width_of(blank, size)
        yield Word(text[:end], runs, span.colour, wide, space, glued)
        text, first, glued = text[end:], False, True


def _seam(text: str, most: int) -> int:
    """Where a long word is best cut, at most so far: after a hyphen or a stroke; 0 without one."""
    return max(text.rfind(sign, 0, most) for sign in "-/@") + 1


def draw_line(canvas: Any, line: Line, x: float, y: float, size: float) -> None:
    """Draw a line with its base at ``y`` from ``x`` on.

    Neighbours of one face and colour are one string, so that a reader can search and copy them.
    """
    face, colour, text, start = "", INK, "", x
    texts = [word.text for word in line.words]
    before: int | None = None
    for index in seen_order(texts):
        word = line.words[index]
        apart = None if before is None else line.words[gap_of(texts, before, index)]
        gap, before = apart.space if apart and not apart.glued else 0.0, index
        for run in word.runs:
            joined = " " if gap and draws(run.face, " ") else ""
            if text and (run.face, word.colour) == (face, colour) and (joined or not gap):
                text += joined + run.text
            else:
                _string(canvas, (start, y), face, size, colour, text)
                face, colour, text, start = run.face, word.colour, run.text, x + gap
            x += gap + width_of((run,), size)
            gap = 0.0
    _string(canvas, (start, y), face, size, colour, text)


def _string(
    canvas: Any, at: tuple[float, float], face: str, size: float, colour: Color, text: str
) -> None:
    if text:
        canvas.setFillColor(colour)
        canvas.setFont(face, size)
        canvas.drawString(*at, text)


def draw_text(
    canvas: Any, text: Text, x: float, y: float, size: float, *, align: str = "left"
) -> float:
    """Draw a text on one line from (or, by ``align``, to or around) ``x``; gives its width."""
    line = lay(spans_of(text), size, float("inf"))[0]
    start = x - {"left": 0.0, "center": line.width / 2, "right": line.width}[align]
    draw_line(canvas, line, start, y, size)
    return line.width


def has_unknown(spans: Iterable[Span]) -> bool:
    """Whether some letter of the spans has no face and is printed as its number."""
    return any(is_unknown(word) for span in spans for word in span.text.split())


__all__ = [
    "Line",
    "Span",
    "Style",
    "Text",
    "Word",
    "draw_line",
    "draw_text",
    "face_of",
    "has_unknown",
    "lay",
    "spans_of",
]

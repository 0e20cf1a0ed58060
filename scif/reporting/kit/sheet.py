"""Sheets: paper, marking top and bottom, running foot with page x of y, the place to write next."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any

from django.utils.translation import gettext as _
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, LETTER

from scif.reporting.kit import ink
from scif.reporting.kit.pages import PageCanvas
from scif.reporting.kit.words import Span, Style, Text, draw_line, draw_text, face_of, lay, spans_of

LEFT = 48.0
RIGHT = 42.0
_TOP = 20.0
_FOOT = 30.0
_DERIVED = 20.0
# Under the marking, its note and a gap on pages after the first.
_HEAD = 34.0
# What a section's head takes, from the text before it to the rule under it.
_HEADING = 23.0


class Paper(StrEnum):
    """The papers in use."""

    A4 = "A4"
    LETTER = "Letter"


_SIZES = {Paper.A4: A4, Paper.LETTER: LETTER}


@dataclass(frozen=True, slots=True)
class Marking:
    """What stands at the top and foot of every page: the highest label of what is shown."""

    label: str
    colour: str = ""
    note: str = ""

    @property
    def ink(self) -> Color:
        """The scheme's own colour, or plain ink where it has none."""
        return HexColor(self.colour) if self.colour else ink.INK


@dataclass(frozen=True, slots=True)
class Foot:
    """The running foot: which record this is, where its markings come from, what they mean."""

    record: str
    derived: str = ""
    legend: str = ""


@dataclass(slots=True)
class Sheet:
    """A document while it is drawn, from the top of the first page down.

    INVARIANT: every page has the marking at its top and at its foot. ``y`` is where the next part
    begins; ``floor`` is the lowest point for content, higher where ``reserve`` keeps room.
    ``portion`` is the width of the column of portion marks.
    """

    file: IO[bytes]
    marking: Marking
    foot: Foot
    paper: Paper = Paper.A4
    title: str = ""
    author: str = ""
    canvas: Any = field(init=False)
    page: int = field(init=False, default=0)
    y: float = field(init=False, default=0.0)
    floor: float = field(init=False, default=0.0)
    portion: float = field(init=False, default=20.0)
    unknown_letters: bool = field(init=False, default=False)
    _top: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.canvas = PageCanvas(self.file, _SIZES[self.paper], face_of(Style.PLAIN))
        self.canvas.setTitle(self.title)
        self.canvas.setAuthor(self.author)
        self.canvas.setCreator(_("SCIF access"))
        self._begin()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper in points."""
        width, height = _SIZES[self.paper]
        return float(width), float(height)

    @property
    def right(self) -> float:
        """The right edge of the content."""
        return self.size[0] - RIGHT

    @property
    def width(self) -> float:
        """The width of the content."""
        return self.right - LEFT

    def reserve(self, height: float) -> float:
        """Keep room at the foot of this page; gives the top of that room."""
        self.floor += height
        return self.floor

    def need(self, height: float) -> bool:
        """Begin a new page unless ``height`` points are left; True if one was begun."""
        if self.y - height >= self.floor:
            return False
        self.next_page()
        return True

    @property
    def room(self) -> float:
        """The points that a whole page has under its head; less where a section begins on it."""
        return self._top - self.floor - _HEADING

    def next_page(self) -> None:
        """End this page and begin the next."""
        self.canvas.showPage()
        self._begin()

    def finish(self) -> None:
        """Write the total onto every page and the document into the file."""
        self.canvas.showPage()
        self.canvas.finish(self._total)

    def write(self, text: Text, size: float = ink.BODY, *, indent: float = 0.0) -> None:
        """A paragraph over the width of the page."""
        spans = spans_of(text)
        leading = size * ink.LEADING
        for line in lay(spans, size, self.width - indent):
            self.need(leading)
            self.y -= leading
            draw_line(self.canvas, line, LEFT + indent, self.y + size * 0.3, size)

    def heading(self, title: str, note: str = "", *, keep: float) -> None:
        """A section's head, never alone: ``keep`` points under it stay on its page if they can."""
        self.need(min(_HEADING + keep, self._top - self.floor))
        self.y -= 20 if self.y < self._top else 8
        width = draw_text(self.canvas, Span(title, Style.HEAD), LEFT, self.y, ink.SECTION)
        if note:
            text = Span(note, colour=ink.INK_SECOND)
            draw_text(self.canvas, text, LEFT + width + 6, self.y, ink.SMALL)
        self.y -= 3

    def text_width(self, text: Text, size: float = ink.BODY) -> float:
        """The width of a text on one line."""
        return lay(spans_of(text), size, float("inf"))[0].width

    def rule(self, y: float, weight: float, colour: Color = ink.INK) -> None:
        """A line over the width of the content."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(weight)
        self.canvas.line(LEFT, y, self.right, y)

    def _begin(self) -> None:
        self.page += 1
        width, height = self.size
        self._mark(height - _TOP - ink.MARKING)
        note = Span(self.marking.note, colour=ink.INK_SECOND)
        if self.marking.note:
            top = height - _TOP - ink.MARKING - 12
            draw_text(self.canvas, note, width / 2, top, ink.SMALL, align="center")
        self.y = height - _TOP - ink.MARKING - (_HEAD if self.page > 1 else 16)
        self._top = self.y
        self._draw_foot()

    def _mark(self, base: float) -> None:
        """The marking, letters set apart, in the middle."""
        label = Span(self.marking.label, Style.HEAD, self.marking.ink)
        draw_text(self.canvas, label, self.size[0] / 2, base, ink.MARKING, align="center")

    def _draw_foot(self) -> None:
        second = ink.INK_SECOND
        self.floor = _FOOT + 14
        if self.foot.derived or self.foot.legend:
            derived = Span(self.foot.derived, colour=second)
            draw_text(self.canvas, derived, LEFT, _FOOT + 14, ink.SMALL - 0.4)
            legend = Span(self.foot.legend, colour=second)
            draw_text(self.canvas, legend, self.right, _FOOT + 14, ink.SMALL - 0.4, align="right")
            self.floor += _DERIVED
        self.rule(_FOOT + 7, 0.6, ink.EDGE)
        record = Span(self.foot.record, colour=second)
        draw_text(self.canvas, record, LEFT, _FOOT - 6, ink.SMALL)
        self._mark(_FOOT - 6)

    def _total(self, page: int, total: int) -> None:
        words = _("Page %(page)d of %(total)d") % {"page": page, "total": total}
        text = Span(words, colour=ink.INK_SECOND)
        draw_text(self.canvas, text, self.right, _FOOT - 6, ink.SMALL, align="right")

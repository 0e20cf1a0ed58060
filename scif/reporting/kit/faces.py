"""Type: which face draws which letter, and how wide it is."""

import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from scif.reporting.rules.bidi import seen_word

FONTS = Path(__file__).resolve().parent.parent / "fonts"
_OTHER_SCRIPTS = (
    "NotoSans-Regular",
    "NotoSansArabic-Regular",
    "NotoSansHebrew-Regular",
    "DroidSansFallback",
)


class Style(StrEnum):
    """How a text looks; each is a face of its own."""

    PLAIN = "plain"
    STRONG = "strong"
    HEAD = "head"
    FIGURES = "figures"
    MONO = "mono"
    MONO_STRONG = "mono_strong"


# The faces of a style, in the order in which they are asked for a word.
_CHAINS: dict[Style, tuple[str, ...]] = {
    Style.PLAIN: ("PublicSans-Regular", *_OTHER_SCRIPTS),
    Style.STRONG: ("PublicSans-SemiBold", "PublicSans-Regular", *_OTHER_SCRIPTS),
    Style.HEAD: ("PublicSans-Bold", "PublicSans-Regular", *_OTHER_SCRIPTS),
    Style.FIGURES: ("PublicSans-Tabular", "PublicSans-Regular", *_OTHER_SCRIPTS),
    Style.MONO: ("IBMPlexMono-Regular", "PublicSans-Regular", *_OTHER_SCRIPTS),
    Style.MONO_STRONG: ("IBMPlexMono-SemiBold", "PublicSans-SemiBold", *_OTHER_SCRIPTS),
}
# Words whose runs are remembered: those of one page come again on the next, a report's numbers not.
_KNOWN_WORDS = 2_000
_SHOWN_CONTROLS = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


class Run(NamedTuple):
    """Letters of one face, as they stand from left to right."""

    face: str
    text: str


@cache
def _face(name: str) -> TTFont:
    font = TTFont(name, str(FONTS / f"{name}.ttf"))
    pdfmetrics.registerFont(font)
    return font


def draws(name: str, letter: str) -> bool:
    """Whether a face has a letter."""
    return ord(letter) in _face(name).face.charToGlyph


def face_of(style: Style) -> str:
    """The first face of a style, registered with reportlab."""
    name = _CHAINS[style][0]
    _face(name)
    return name


@lru_cache(maxsize=_KNOWN_WORDS)
def runs_of(word: str, style: Style) -> tuple[Run, ...]:
    """A word cut into runs of faces that can draw it.

    One face draws the whole word where one can, so that a name does not change its type in the
    middle. INVARIANT: a letter that no face can draw, and a control letter that would be unseen
    or turn the text round, is printed as its number ``[U+0E01]``, never dropped.
    """
    chain = _CHAINS[style]
    shown = seen_word(unicodedata.normalize("NFC", word))
    if not any(_is_control(letter) for letter in shown):
        for name in chain:
            if all(draws(name, letter) for letter in shown):
                return (Run(name, shown),)
    runs: list[Run] = []
    for letter in shown:
        name, text = _drawn(letter, chain)
        if runs and runs[-1].face == name:
            runs[-1] = Run(name, runs[-1].text + text)
        else:
            runs.append(Run(name, text))
    return tuple(runs)


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in _SHOWN_CONTROLS


def _drawn(letter: str, chain: tuple[str, ...]) -> tuple[str, str]:
    if not _is_control(letter):
        for name in chain:
            if draws(name, letter):
                return name, letter
    return face_of(Style.MONO), f"[U+{ord(letter):04X}]"


@lru_cache(maxsize=_KNOWN_WORDS)
def is_unknown(word: str) -> bool:
    """Whether some letter of the word is printed as its number."""
    shown = seen_word(unicodedata.normalize("NFC", word))
    return any(_drawn(letter, _CHAINS[Style.PLAIN])[1] != letter for letter in shown)


def space_before(runs: tuple[Run, ...]) -> Run:
    """The space that stands before a word: of its own face where that has one."""
    name = runs[0].face
    return Run(name if draws(name, " ") else face_of(Style.PLAIN), " ")


def width_of(runs: tuple[Run, ...], size: float) -> float:
    """The width of runs in points at a size in points."""
    return sum(float(_face(run.face).stringWidth(run.text, size)) for run in runs)

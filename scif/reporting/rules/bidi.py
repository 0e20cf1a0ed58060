"""Letters as a PDF needs them: Arabic joined, right-to-left words in the order they are seen.

A PDF draws glyphs from left to right and joins nothing. Names and short texts need little of
Unicode's bidirectional algorithm (UAX 9): a line that runs left to right, in which words of Arabic
and Hebrew are turned round. The joined shapes are Unicode's presentation forms, found by their
decompositions (UAX 44), so that no table is kept here.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_RTL = frozenset({"R", "AL"})
_LTR = frozenset({"L", "EN", "AN"})
_MIRRORED = {"(": ")", ")": "(", "[": "]", "]": "[", "<": ">", ">": "<", "«": "»", "»": "«"}
_ZERO_WIDTH_NON_JOINER = "\u200c"
_ZERO_WIDTH_JOINER = "\u200d"
_INVISIBLE = frozenset({_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER, "\u00ad", "\u200e", "\u200f"})
_LAM = "\u0644"
_ENDS = ",;:.!?"


class _Forms(NamedTuple):
    """The shapes of a letter by its neighbours; empty where it has none."""

    isolated: str = ""
    final: str = ""
    initial: str = ""
    medial: str = ""


def _read_forms() -> tuple[dict[str, _Forms], dict[str, _Forms]]:
    letters: dict[str, _Forms] = {}
    ligatures: dict[str, _Forms] = {}
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE80, 0xFEFD)):
        shape = chr(code)
        kind, _, decomposed = unicodedata.decomposition(shape).partition(" ")
        field = kind.strip("<>")
        if field not in _Forms._fields:
            continue
        base = "".join(chr(int(part, 16)) for part in decomposed.split())
        if len(base) == 1:
            letters[base] = letters.get(base, _Forms())._replace(**{field: shape})
        elif len(base) == 2 and base[0] == _LAM and code >= 0xFEF5:  # lam-alef must be joined
            ligatures[base] = ligatures.get(base, _Forms())._replace(**{field: shape})
    return letters, ligatures


_LETTERS, _LAM_ALEF = _read_forms()


def join_arabic(text: str) -> str:
    """Arabic letters in the shapes that their neighbours ask for, in reading order.

    Vowel marks are left out: they need placing that reportlab cannot do, and names do without.
    """
    units: list[str] = []
    for letter in text:
        if unicodedata.category(letter) == "Mn" and unicodedata.bidirectional(letter) == "NSM":
            if _is_rtl(units[-1][0]) if units else False:
                continue
            units.append(letter)
        elif units and units[-1] + letter in _LAM_ALEF:
            units[-1] += letter
        else:
            units.append(letter)
    return "".join(
        _shape(unit, units[at - 1] if at else "", units[at + 1] if at + 1 < len(units) else "")
        for at, unit in enumerate(units)
    )


def _forms(unit: str) -> _Forms:
    return _LAM_ALEF.get(unit) or _LETTERS.get(unit) or _Forms()


def _joins_next(unit: str) -> bool:
    return unit in {"\u0640", _ZERO_WIDTH_JOINER} or bool(_forms(unit).initial)


def _joins_previous(unit: str) -> bool:
    return unit in {"\u0640", _ZERO_WIDTH_JOINER} or bool(_forms(unit).final)


def _shape(unit: str, previous: str, following: str) -> str:
    forms = _forms(unit)
    before = bool(previous) and _joins_next(previous) and bool(forms.final)
    after = bool(following) and _joins_previous(following) and bool(forms.initial)
    if before and after and forms.medial:
        return forms.medial
    if before:
        return forms.final
    if after:
        return forms.initial
    return forms.isolated or unit


def is_rtl(word: str) -> bool:
    """Whether a word runs from right to left: its first strong letter does."""
    for letter in word:
        direction = unicodedata.bidirectional(letter)
        if direction in _RTL:
            return True
        if direction == "L":
            return False
    return False


def _is_rtl(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in _RTL


def seen_word(word: str) -> str:
    """A word as its glyphs stand from left to right."""
    if not is_rtl(word):
        return "".join(letter for letter in word if letter not in _INVISIBLE)
    pieces: list[str] = []
    for letter in join_arabic(word):
        if letter in _INVISIBLE:
            continue
        if unicodedata.bidirectional(letter) in _LTR and pieces and _keeps_order(pieces[-1]):
            pieces[-1] += letter
        else:
            pieces.append(_MIRRORED.get(letter, letter))
    return "".join(reversed(pieces))


def _keeps_order(piece: str) -> bool:
    return unicodedata.bidirectional(piece[-1]) in _LTR


def seen_order(words: Sequence[str]) -> list[int]:
    """The order in which a line's words stand from left to right, as indices.

    Words without direction (numbers, dashes) between two right-to-left words go with them.
    """
    sides = [_side(word) for word in words]
    order: list[int] = []
    at = 0
    while at < len(words):
        if sides[at] != "rtl":
            order.append(at)
            at += 1
            continue
        end = last = at
        while end < len(words) and sides[end] != "ltr":
            last = end if sides[end] == "rtl" else last
            end += 1
        order.extend(range(last, at - 1, -1))
        at = last + 1
    return order


def gap_of(words: Sequence[str], left: int, right: int) -> int:
    """The word before which the gap was read that is seen between two of ``seen_order``."""
    if right < left:
        return left
    return left + 1 if _side(words[right]) == "rtl" else right


def parted(word: str) -> tuple[str, str]:
    """A right-to-left word and the signs that end it, which are of the sentence: their place
    depends on what follows. Any other word stays whole.
    """
    bare = word.rstrip(_ENDS)
    return (bare, word[len(bare) :]) if bare != word and is_rtl(bare) else (word, "")


def _side(word: str) -> str:
    for letter in word:
        direction = unicodedata.bidirectional(letter)
        if direction in _RTL:
            return "rtl"
        if direction == "L":
            return "ltr"
    return "none"

"""Text that people type: kept as it is, or refused with the field and the reason; never cut off."""

import unicodedata

from scif.kernel.errors import Refused

# What turns the reading direction of everything after it: nobody's name needs it, and it lets a
# text look like another one. Marks that only concern a letter's neighbours are let through.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
LONGEST_REASON = 300


class Unfit(Refused):
    """A text is refused: ``field`` names it as the service does, ``fault`` says what is wrong."""

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(f"{field}_unfit", f"{field.replace('_', ' ').capitalize()}: {fault}")
        self.field = field
        self.fault = fault


def folded(text: str) -> str:
    """A text as it is looked for: small letters without their marks, so that Ines is Inês."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(each for each in letters if not unicodedata.combining(each)).casefold()


def fault_of(text: str, *, most: int, lines: bool = False) -> str:
    """What is wrong with a text, in words; empty where nothing is. ``lines`` may be several."""
    if len(text) > most:
        return f"It has {len(text)} characters; {most} are the most."
    for letter in text:
        if letter in _TURNS:
            return "It turns the reading direction; leave the invisible sign out."
        if unicodedata.category(letter) in _NOT_TEXT and not (lines and letter in "\r\n\t"):
            return "It holds a sign that is no text (a control character or half a character)."
    return ""


def text_of(
    value: str, field: str, *, most: int = LONGEST_REASON, missing: str = "", lines: bool = True
) -> str:
    """The text without blanks around it; in any alphabet.

    Raises :class:`Refused` ``<field>_missing`` where it is empty and ``missing`` says what to do,
    :class:`Unfit` where it is too long or is no text. INVARIANT: what is given back is what will
    be read later, sign by sign.
    """
    text = value.strip()
    if not text and missing:
        raise Refused(f"{field}_missing", missing)
    fault = fault_of(text, most=most, lines=lines)
    if fault:
        raise Unfit(field, fault)
    return text

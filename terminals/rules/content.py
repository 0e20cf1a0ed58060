"""What bytes are and what they hide, told from the bytes alone; nothing is opened or run."""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

# First bytes (at an offset) of what is no text; the first match counts.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF8", "image"),
    (8, b"WEBP", "image"),
    (0, b"%PDF-", "document"),
    (0, b"PK\x03\x04", "archive"),
    (0, b"PK\x05\x06", "archive"),
    (0, b"\x1f\x8b", "archive"),
    (0, b"BZh", "archive"),
    (0, b"\xfd7zXZ\x00", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (257, b"ustar", "archive"),
    (0, b"\x7fELF", "program"),
    (0, b"MZ", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"\x00asm", "program"),
)
# Turns the reading direction, so that a text looks like another one.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Takes no room: a whole message can stand between two letters. Variation selectors and tag
# characters belong to them: each carries a byte beside a sign that looks like itself.
_NO_WIDTH = frozenset("\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u2060\ufeff\u3164\uffa0")
_LOOKS_LATIN = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{64,}")
_WORD = re.compile(r"\w+")


def kind_of(data: bytes) -> str:
    """Text, image, document, archive, program or other. What is UTF-8 without a NUL is text."""
    for offset, magic, kind in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return kind
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "other"
    return "other" if "\x00" in text else "text"


def unseen(letter: str) -> str:
    """Why a letter cannot be seen: turns, no width, control, odd blank; empty where it can."""
    if letter in "\n\t" or " " <= letter <= "~":
        return ""
    if letter in _TURNS:
        return "turns"
    code = ord(letter)
    if letter in _NO_WIDTH or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE01EF:
        return "no width"
    category = unicodedata.category(letter)
    if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return "control"
    return "blank" if category == "Zs" else ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. ``hidden``: it stands for what cannot be seen, as U+ and its name."""

    text: str
    hidden: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """A text with everything that cannot be seen made visible, in its order."""
    begun = 0
    for at, letter in enumerate(text):
        if not unseen(letter):
            continue
        if at > begun:
            yield Piece(text[begun:at])
        yield Piece(f"U+{ord(letter):04X} {unicodedata.name(letter, 'control')}", hidden=True)
        begun = at + 1
    if begun < len(text):
        yield Piece(text[begun:])


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts of what a reader would not see, and how dense the bytes are.

    ``entropy``: bits a byte of the byte frequencies, 0 to 8. ``squeezed``: size after zlib as a
    share of the size, in percent. Counts of letters are 0 where the bytes are no text.
    """

    size: int
    kind: str
    entropy: float
    squeezed: int
    turns: int = 0
    no_width: int = 0
    control: int = 0
    blank: int = 0
    foreign: int = 0
    mixed_words: int = 0
    blank_ends: int = 0
    encoded: int = 0
    longest_line: int = 0

    @property
    def hidden(self) -> int:
        """Signs that cannot be seen."""
        return self.turns + self.no_width + self.control + self.blank


def findings(data: bytes) -> Findings:
    """Look at bytes; bounded by their length, whatever they are."""
    kind, size = kind_of(data), len(data)
    entropy = _entropy(data)
    squeezed = round(100 * len(zlib.compress(data, 6)) / size) if size else 0
    if kind != "text":
        return Findings(size, kind, entropy, squeezed)
    text = data.decode("utf-8")
    counts = Counter(unseen(letter) for letter in text)
    lines = text.split("\n")
    return Findings(
        size,
        kind,
        entropy,
        squeezed,
        turns=counts["turns"],
        no_width=counts["no width"],
        control=counts["control"],
        blank=counts["blank"],
        foreign=sum(letter > "\x7f" and letter.isalpha() for letter in text),
        mixed_words=sum(_mixed(word) for word in _WORD.findall(text)),
        blank_ends=sum(line != line.rstrip(" \t") for line in lines),
        encoded=sum(len(run) for run in _ENCODED.findall(text)),
        longest_line=max(map(len, lines)),
    )


def _entropy(data: bytes) -> float:
    size = len(data)
    return sum(-n / size * log2(n / size) for n in Counter(data).values()) if size else 0.0


def _mixed(word: str) -> bool:
    """Whether a word has Latin letters and others that look like Latin ones."""
    if word.isascii():
        return False
    names = [unicodedata.name(letter, "") for letter in word]
    like = sum(name.startswith(_LOOKS_LATIN) for name in names)
    latin = any(name.startswith("LATIN") for name in names)
    odd = any(name.startswith(("FULLWIDTH", "MATHEMATICAL")) for name in names)
    return odd or (latin and like > 0)

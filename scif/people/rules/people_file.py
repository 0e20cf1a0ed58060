"""A file of people: what its lines say, and what is wrong with them. Pure; nothing is looked up.

The file is UTF-8 with a line of headings and one line for each person, cells parted by commas or
semicolons. A spreadsheet takes a cell that begins like a formula for one, so such a cell is refused
and not repaired: what is on record is what the file's author typed.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scif.kernel.text import fault_of
from scif.people.rules.countries import COUNTRIES

COLUMNS = ("name", "title", "organisation", "email", "citizenships")
NEEDED = ("name", "organisation", "email", "citizenships")
LONGEST_CELL = 200
_FORMULA = "=+-@"
_COUNTRY = re.compile(r"[A-Z]{2}")


class FileFault(ValueError):
    """The file as a whole cannot be read; the message says why, for its author."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong in one column of a line; an empty column is the whole line."""

    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person's line: its number in the file, its cells by column, what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    faults: tuple[CellFault, ...]

    @property
    def email(self) -> str:
        """The e-mail by which a person is known again, without case."""
        return self.cells["email"].casefold()

    @property
    def citizenships(self) -> tuple[str, ...]:
        """The countries' codes."""
        return tuple(self.cells["citizenships"].split())


def text_of_file(content: bytes, *, most_bytes: int) -> str:
    """The file's text. Raises :class:`FileFault` for what is empty, too large or no UTF-8 text."""
    if not content.strip():
        raise FileFault("The file is empty.")
    if len(content) > most_bytes:
        raise FileFault(f"The file has {len(content)} bytes; {most_bytes} are the most.")
    if content.startswith((b"%PDF", b"PK\x03\x04")) or content.count(b"\0") > len(content) // 4:
        raise FileFault("This is no CSV file, whatever its name says. Save the table as CSV UTF-8.")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise FileFault(
            f"Line {line} holds a NUL, which is no character. Remove it and upload the file again."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileFault(
            f"Line {line} is not in UTF-8. Save the table as CSV UTF-8 and upload it again."
        ) from error


def lines_of(text: str, *, most_rows: int) -> list[Line]:
    """The lines of a file's text, each with its faults; known e-mails are not its business.

    Raises :class:`FileFault` where the headings are missing, there is nobody, or there are too
    many.
    """
    rows = _rows(text)
    try:
        _number, head = next(rows)
    except StopIteration:
        raise FileFault("The file is empty.") from None
    columns = _columns(head)
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) == most_rows:
            raise FileFault(f"The file has more than {most_rows} people. Split it.")
        lines.append(_line(number, cells, columns))
    if not lines:
        raise FileFault("The file has headings and nobody below them.")
    return list(_told_apart(lines))


def countries_fault(text: str) -> str:
    """What is wrong with citizenships as typed, codes parted by blanks; empty if nothing is."""
    codes = text.split()
    wrong = [code for code in codes if not _COUNTRY.fullmatch(code)]
    if wrong:
        return f"{wrong[0]} is no country's code: two capital letters, such as PT; blanks between."
    unknown = [code for code in codes if code not in COUNTRIES]
    if unknown:
        return f"{unknown[0]} is the code of no country."
    if len(set(codes)) < len(codes):
        return "A country is named twice."
    return ""


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold anything, by their number in the file."""
    head = text.split("\n", 1)[0]
    parted = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileFault(f"Line {first} cannot be read: {error}.") from error
        if any(cell.strip() for cell in cells):
            yield first, cells


def _columns(head: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in head]
    wanted = ", ".join(COLUMNS)
    if not set(columns) & set(COLUMNS):
        raise FileFault(f"The first line must name the columns: {wanted}.")
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise FileFault(f"The first line does not name the column {missing[0]}. Name: {wanted}.")
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or len(columns) > len(COLUMNS):
        which = unknown[0] if unknown else "that stands there twice"
        raise FileFault(f"The first line has a column too many: {which}. Name: {wanted}.")
    return columns


def _line(number: int, cells: list[str], columns: list[str]) -> Line:
    known = dict.fromkeys(COLUMNS, "")
    if len(cells) != len(columns):
        few = f"It has {len(cells)} cells; the headings are {len(columns)}."
        return Line(number, known, (CellFault("", few),))
    known |= {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    known["citizenships"] = known["citizenships"].upper()
    faults = [CellFault(column, _fault(column, known[column])) for column in COLUMNS]
    return Line(number, known, tuple(fault for fault in faults if fault.message))


def _fault(column: str, cell: str) -> str:
    if not cell:
        return "It is empty." if column in NEEDED else ""
    if cell[0] in _FORMULA:
        return f"It begins with {cell[0]}, as a formula does."
    found = fault_of(cell, most=LONGEST_CELL)
    return found or (countries_fault(cell) if column == "citizenships" else "")


def _told_apart(lines: Iterable[Line]) -> Iterator[Line]:
    """Each e-mail stands in the file once; a later line with the same is faulty."""
    first: dict[str, int] = {}
    for line in lines:
        before = first.setdefault(line.email, line.number) if line.email else line.number
        if before == line.number:
            yield line
        else:
            twice = CellFault("email", f"Line {before} has the same.")
            yield Line(line.number, line.cells, (*line.faults, twice))

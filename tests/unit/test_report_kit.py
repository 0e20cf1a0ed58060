"""The PDF kit: letters, lines, tables over pages, codes, signatures' strokes."""

import io
import string
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from scif.kernel.figures import grouped
from scif.reporting.kit.faces import Style, runs_of
from scif.reporting.kit.parts import Link, draw_chain
from scif.reporting.kit.shapes import read_signature
from scif.reporting.kit.sheet import Foot, Marking, Sheet
from scif.reporting.kit.table import Column, Row, draw_table
from scif.reporting.kit.words import Span, draw_text, lay
from scif.reporting.rules.bidi import join_arabic, seen_order, seen_word
from scif.reporting.rules.code import code_read


def test_arabic_letters_are_joined_by_their_neighbours() -> None:
    assert join_arabic("محمد") == "\ufee3\ufea4\ufee4\ufeaa"
    assert join_arabic("دار") == "\ufea9\ufe8d\ufead"
    assert join_arabic("سلام") == "\ufeb3\ufefc\ufee1"


def test_a_right_to_left_word_is_turned_and_its_digits_are_not() -> None:
    assert seen_word("שלום") == "םולש"
    assert seen_word("(אב)12") == "12(בא)"


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["Dr", "אב", "גד", "Ltd"], [0, 2, 1, 3]),
        (["אב", "7", "גד"], [2, 1, 0]),
        (["one", "two"], [0, 1]),
        (["אב", "7"], [0, 1]),
    ],
)
def test_right_to_left_words_stand_in_the_order_in_which_they_are_seen(
    words: list[str], order: list[int]
) -> None:
    assert seen_order(words) == order


def drawn(text: str) -> str:
    """A text as it stands from left to right."""

    class Canvas:
        """What is drawn, by where it begins."""

        def __init__(self) -> None:
            self.strings: list[tuple[float, str]] = []

        def setFillColor(self, _colour: Any) -> None: ...  # noqa: N802  reportlab's names
        def setFont(self, _face: str, _size: float) -> None: ...  # noqa: N802  reportlab's names
        def drawString(self, x: float, _y: float, text: str) -> None:  # noqa: N802  reportlab's names
            self.strings.append((x, text))

    canvas = Canvas()
    draw_text(canvas, text, 0, 0, 9)
    ends = [x + lay([Span(text)], 9, 10_000)[0].width for x, text in canvas.strings]
    starts = [x for x, _text in canvas.strings[1:]]
    apart = [" " if start - end > 1 else "" for start, end in zip(starts, ends, strict=False)]
    return "".join(
        a + b for a, b in zip(["", *apart], [t for _x, t in canvas.strings], strict=True)
    )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("אב גד, Aviv Labs", "דג בא, Aviv Labs"),
        ("Passport, checked by אב גד, 10:04", "Passport, checked by דג בא, 10:04"),
        ("אב, גד", "דג ,בא"),
        ("One, two", "One, two"),
    ],
)
def test_a_sign_after_a_right_to_left_name_belongs_to_the_sentence(text: str, seen: str) -> None:
    assert drawn(text) == seen


@pytest.mark.parametrize("width", range(30, 90, 5))
def test_a_number_is_not_broken(width: int) -> None:
    number = grouped(1_000_000)
    lines = lay([Span(f"at most {number}\u00a0bits and {number} more")], 9, width)
    words = [word.text for line in lines for word in line.words]
    assert "1 000 000 bits" in words or width < lay([Span("1 000 000 bits")], 9, 1_000)[0].width
    assert "1 000 000" in words or width < lay([Span("1 000 000")], 9, 1_000)[0].width


@given(st.lists(st.text(st.sampled_from("abאבג12-"), min_size=1), max_size=8))
def test_no_word_is_lost_in_reordering(words: list[str]) -> None:
    assert sorted(seen_order(words)) == list(range(len(words)))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Cf", "Co", "Cc"]), max_size=30))
def test_every_letter_is_drawn_or_numbered(word: str) -> None:
    drawn = "".join(run.text for run in runs_of(word, Style.PLAIN))
    for letter in unicodedata.normalize("NFC", word):
        if unicodedata.category(letter) == "Co":
            assert f"[U+{ord(letter):04X}]" in drawn
    assert "\u202e" not in drawn


def test_one_face_draws_a_whole_word() -> None:
    for word in ("Ελευθερία", "Nguyễn", "王小明", "김철수", "محمد"):
        assert len(runs_of(word, Style.STRONG)) == 1


@given(
    st.lists(st.text(string.ascii_letters, min_size=1, max_size=60), min_size=1, max_size=20),
    st.floats(min_value=20, max_value=400),
)
def test_lines_keep_every_letter_and_the_width(words: list[str], width: float) -> None:
    lines = lay([Span(" ".join(words))], 9, width)
    assert "".join(word.text for line in lines for word in line.words) == "".join(words)
    assert all(line.width <= width + 0.1 for line in lines)


def sheet(file: io.BytesIO) -> Sheet:
    return Sheet(file, Marking("SECRET", "#9B1C17"), Foot("V-1, R-1"))


@pytest.mark.parametrize("count", [1, 2, 10])
def test_no_word_of_the_chain_lies_over_its_neighbours(count: int) -> None:
    file = io.BytesIO()
    made = sheet(file)
    links = [Link("Mandate", "01:17", "ok")] * count
    links[count // 2] = Link("Laptop", "17:07, 2 sessions, 58.7 kB", "warn")
    draw_chain(made, links)
    made.finish()
    drawn: dict[int, list[tuple[float, float]]] = {}
    told = []

    def see(text: str, _cm: Any, matrix: list[float], _font: Any, size: float) -> None:
        if text.strip():
            wide = lay([Span(text.strip(), Style.STRONG)], size, 10_000)[0].width
            drawn.setdefault(round(matrix[5]), []).append((matrix[4], matrix[4] + wide))
            told.append(text.strip())

    PdfReader(file).pages[0].extract_text(visitor_text=see)
    assert {"Laptop", "17:07,", "58.7"} <= {word for text in told for word in text.split()}
    for spans in drawn.values():
        spans.sort()
        assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_rows_are_fetched_as_they_are_drawn_and_heads_repeat() -> None:
    file, held = io.BytesIO(), [0, 0]
    page = sheet(file)

    def rows() -> Iterator[Row]:
        for number in range(300):
            held[0] = max(held[0], number - held[1])
            yield Row("(U)", [f"row {number}", "text"])
            held[1] = number

    count = draw_table(page, [Column("Item", 1), Column("Words", 3)], rows(), empty="None.")
    page.finish()
    pages = PdfReader(file).pages
    assert count == 300
    assert held[0] <= 1
    assert len(pages) > 4
    words = [each.extract_text() for each in pages]
    assert all("Item" in each and each.count("SECRET") == 2 for each in words)
    assert all(any(f"row {number}" in each for each in words) for number in (0, 150, 299))


@pytest.mark.parametrize("title", ["", "Things"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, *range(30, 80)])
def test_no_row_stands_alone_on_the_last_page(count: int, title: str) -> None:
    file = io.BytesIO()
    page = sheet(file)
    # Somewhere down the page, as a table of a report begins.
    page.y -= 7 * count
    rows = [Row("(U)", [f"row {number}."]) for number in range(count)]
    assert draw_table(page, [Column("Item", 1)], rows, empty="None.", title=title) == count
    page.finish()
    pages = [each.extract_text() for each in PdfReader(file).pages]
    shown = [sum(f"row {number}." in each for number in range(count)) for each in pages]
    assert sum(shown) == count
    assert shown[-1] >= min(3, count)
    # Heads stand over rows wherever they stand.
    assert all(there or "Item" not in each for there, each in zip(shown, pages, strict=True))


def test_a_row_longer_than_a_page_is_cut_between_lines() -> None:
    file = io.BytesIO()
    page = sheet(file)
    text = " ".join(f"word{number}" for number in range(3000))
    draw_table(page, [Column("Item", 1)], [Row("(U)", [text])], empty="None.")
    page.finish()
    shown = " ".join(each.extract_text() for each in PdfReader(file).pages)
    assert all(f"word{number}" in shown for number in (0, 1500, 2999))


@pytest.mark.parametrize(
    ("cell", "share", "column"),
    [
        ("26 Nov 2026, 12:00", 17, {"style": Style.FIGURES}),
        ("X-B7YHYP4K", 13, {"style": Style.STRONG, "name": True}),
    ],
)
def test_a_time_or_a_reference_is_set_smaller_rather_than_broken(
    cell: str, share: int, column: dict[str, Any]
) -> None:
    def height(share: int, **column: Any) -> float:
        page = sheet(io.BytesIO())
        top = page.y
        columns = [Column("When", share, **column), Column("Words", 100 - share)]
        draw_table(page, columns, [Row("(U)", [cell, "x"])], empty="None.")
        return top - page.y

    line = height(60, **column)
    assert height(share, **column) == line
    assert height(share, style=Style.STRONG) > line  # a name is broken there


def test_a_long_name_is_broken_at_its_hyphen() -> None:
    (whole,) = lay([Span("Oberschwarz-Wolfeschlegel")], 9, 1000)
    first, second = lay([Span("Oberschwarz-Wolfeschlegel")], 9, whole.width * 0.7)
    assert [word.text for line in (first, second) for word in line.words] == [
        "Oberschwarz-",
        "Wolfeschlegel",
    ]


@pytest.mark.parametrize("left", range(20, 200))
@pytest.mark.parametrize("lines", [1, 5, 11])
def test_a_title_never_stands_without_its_first_row(left: int, lines: int) -> None:
    file = io.BytesIO()
    page = sheet(file)
    while page.y - page.floor > left:
        page.write("line")
    tall = " ".join(["tall" * 8] * lines)
    row = Row("(U)", ["first", tall])
    columns = [Column("Item", 1), Column("Words", 1)]
    draw_table(page, columns, [row], empty="None.", title="Steps", note="at the desk")
    page.finish()
    shown = [each.extract_text() for each in PdfReader(file).pages]
    titled = [text for text in shown if "Steps" in text]
    assert len(titled) == 1
    assert "first" in titled[0]


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16))
def test_a_code_is_read_however_it_is_typed(letters: str) -> None:
    code = "-".join(letters[at : at + 4] for at in range(0, 16, 4))
    assert code_read(code) == code
    assert code_read(letters.lower()) == code
    assert code_read(f" {letters.replace('0', 'o').replace('1', 'l')} ") == code


@given(st.text(max_size=40))
def test_anything_else_is_no_code(text: str) -> None:
    code = code_read(text)
    assert code is None or len(code) == 19


@pytest.mark.parametrize("value", ["", "{}", "[]", '{"strokes": [["a"]]}', '{"strokes": 7}'])
def test_what_is_no_signature_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        read_signature(value)


def test_a_typed_signature_is_its_name() -> None:
    assert read_signature({"kind": "typed", "text": "M. Okafor"}) == "M. Okafor"

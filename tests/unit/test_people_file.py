"""A file of people: what is read of it, and the words for what is wrong, by line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.people.rules.people_file import COLUMNS, FileFault, Line, lines_of, text_of_file

HEAD = "name,title,organisation,email,citizenships\n"
ADA = "Ada New,Dr,Northgate,ada@northgate.example,PT BR\n"
OTHER = b'ada@northgate.example;pt br;"Ada New";Dr;Northgate\n'
MOST_BYTES, MOST_ROWS = 10_000, 50


def read(content: bytes) -> list[Line]:
    return lines_of(text_of_file(content, most_bytes=MOST_BYTES), most_rows=MOST_ROWS)


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + ADA).encode(),
        (HEAD + ADA).encode("utf-8-sig"),
        (HEAD + ADA).replace(",", ";").encode(),
        (HEAD + ADA).replace("\n", "\r\n").encode(),
        (HEAD + "\n" + ",,,,\n" + ADA).encode(),
        b"email;citizenships;Name;title;organisation\n" + OTHER,
    ],
    ids=["plain", "with a mark", "semicolons", "of Windows", "blank lines", "other order"],
)
def test_the_same_person_is_read(content: bytes) -> None:
    (line,) = read(content)
    assert not line.faults
    assert line.cells["name"] == "Ada New"
    assert line.cells["title"] == "Dr"
    assert line.cells["organisation"] == "Northgate"
    assert line.email == "ada@northgate.example"
    assert line.citizenships == ("PT", "BR")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ((HEAD + ADA).encode("utf-16"), "no CSV"),
        (HEAD.encode() + "José,,Northgate,j@n.example,PT\n".encode("latin-1"), "Line 2"),
        (b"%PDF-1.7\n1 0 obj\n", "no CSV"),
        (b"PK\x03\x04 a workbook", "no CSV"),
        (ADA.encode(), "first line must name the columns"),
        (b"name,title,organisation,email\nAda,,N,a@n.example\n", "citizenships"),
        (HEAD.replace("\n", ",clearance\n").encode(), "clearance"),
        (HEAD.replace("\n", ",name\n").encode(), "too many"),
        (HEAD.encode(), "nobody"),
        ((HEAD + ADA * (MOST_ROWS + 1)).encode(), "more than 50"),
        ((HEAD + ADA * 10_000).encode(), "10000 are the most"),
        ((HEAD + '"Ada,,Northgate,a@n.example,PT\n').encode(), "Line 2 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, words: str) -> None:
    with pytest.raises(FileFault, match=words):
        read(content)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        (",,Northgate,ada@n.example,PT", "name", "empty"),
        ("Ada,,,ada@n.example,PT", "organisation", "empty"),
        ("Ada,,Northgate,,PT", "email", "empty"),
        ("Ada,,Northgate,ada@n.example,", "citizenships", "empty"),
        ("=HYPERLINK(1),,Northgate,ada@n.example,PT", "name", "formula"),
        ("Ada,+1,Northgate,ada@n.example,PT", "title", "formula"),
        ("Ada,,-Northgate,ada@n.example,PT", "organisation", "formula"),
        ("Ada,,Northgate,@ada,PT", "email", "formula"),
        ("Ada\u202e,,Northgate,ada@n.example,PT", "name", "reading direction"),
        ("Ada\x07,,Northgate,ada@n.example,PT", "name", "no text"),
        ('"Ada\nNew",,Northgate,ada@n.example,PT', "name", "no text"),
        ("Ada,,Northgate,ada@n.example,Portugal", "citizenships", "PORTUGAL"),
        ("Ada,,Northgate,ada@n.example,PT PT", "citizenships", "twice"),
        ("Ada,,Northgate,ada@n.example,PT,more", "", "6 cells"),
        ("x" * 201 + ",,Northgate,ada@n.example,PT", "name", "201"),
    ],
)
def test_a_faulty_cell_is_named_by_line_and_column(cells: str, column: str, words: str) -> None:
    first, faulty = read(f"{HEAD}{ADA}{cells}\n".encode())
    assert not first.faults
    assert faulty.number == 3
    (fault,) = faulty.faults
    assert fault.column == column
    assert words in fault.message


def test_the_second_of_two_with_one_e_mail_is_faulty() -> None:
    again = ADA.replace("Ada New", "Ada Again").replace("ada@", "ADA@")
    first, second = read((HEAD + ADA + again).encode())
    assert not first.faults
    assert [(fault.column, fault.message) for fault in second.faults] == [
        ("email", "Line 2 has the same.")
    ]


@given(st.binary(max_size=400))
def test_no_bytes_bring_it_down(content: bytes) -> None:
    for given_file in (content, HEAD.encode() + content):
        try:
            lines = read(given_file)
        except FileFault:
            continue
        assert all(set(line.cells) == set(COLUMNS) for line in lines)

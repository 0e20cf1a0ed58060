"""The virtual card store: what is written is read, and a key opens only what it may."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.cards import (
    FREE,
    NEVER,
    Application,
    Card,
    CardError,
    CardFile,
    CardStore,
)

keys = st.binary(min_size=16, max_size=16)
files = st.builds(
    CardFile,
    data=st.binary(min_size=1, max_size=64),
    comm=st.sampled_from([0, 1, 3]),
    access=st.integers(0, 0xFFFF),
)
applications = st.builds(
    Application,
    keys=st.lists(keys, min_size=1, max_size=14),
    settings=st.integers(0, 255),
    files=st.dictionaries(st.integers(0, 31), files, max_size=4),
)
cards = st.builds(
    Card,
    uid=st.binary(min_size=7, max_size=7),
    master_key=keys,
    master_aes=st.booleans(),
    master_version=st.integers(0, 255),
    settings=st.integers(0, 255),
    applications=st.dictionaries(st.integers(1, 0xFFFFFF), applications, max_size=3),
)


@given(cards)
def test_a_card_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, card: Card
) -> None:
    store = CardStore(tmp_path_factory.getbasetemp() / "cards")
    store.save("card", card)
    assert store.load("card") == card
    assert list(store) == [("card", card)]


@given(application=applications, number=st.integers(0, 15), key=keys)
def test_a_file_opens_only_to_a_reading_key(
    application: Application, number: int, key: bytes
) -> None:
    card = Card(bytes(7), applications={1: application})
    for file_number, file in application.files.items():
        got = card.read(aid=1, file=file_number, key_number=number, key=key)
        read, both = file.access >> 12, file.access >> 4 & 0xF
        free = FREE in (read, both)
        fits = number in (read, both) and number < NEVER and number < len(application.keys)
        assert (got == file.data) if free or (fits and application.keys[number] == key) else not got
        if fits:
            own = application.keys[number]
            assert card.read(aid=1, file=file_number, key_number=number, key=own) == file.data


@pytest.mark.parametrize("name", ["", "../card", ".hidden", "a/b", "x" * 65])
def test_a_name_stays_in_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(CardError):
        CardStore(tmp_path).load(name)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"uid": "zz"}', '{"uid": 5}'])
def test_a_file_that_is_no_card_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "card-01.json").write_text(text, "utf-8")
    with pytest.raises(CardError):
        CardStore(tmp_path).load("card-01")


def test_a_new_card_is_blank_and_has_a_uid_of_its_own(tmp_path: Path) -> None:
    store = CardStore(tmp_path)
    first, second = store.create("card-01"), store.create("card-02")
    assert first.uid != second.uid
    assert (first.uid[0], len(first.uid), first.applications) == (4, 7, {})
    store.delete("card-01")
    store.delete("card-01")
    assert store.names() == ["card-02"]

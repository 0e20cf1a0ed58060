"""Cards that lie, at the desk reader: real libnfc and libfreefare between them and the driver.

Whatever a card says: the driver goes on, no number comes of it but one that is on the card, and the
next honest card is read.
"""

import ctypes.util
import mmap
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.drivers.base import Signal, Verb
from hardware.drivers.desfire_keys import AID, FILE, KeyNumber, card_key
from hardware.drivers.nfc import DeskReader, DeskTiming
from hardware.simulators.cards import Application, CardFile
from tests.hardware.desk_devices import Owner, cards, simulation
from tests.hardware.rig import Sim

pytestmark = [
    pytest.mark.nfc,
    pytest.mark.skipif(
        not (ctypes.util.find_library("nfc") and ctypes.util.find_library("freefare")),
        reason="libnfc or libfreefare is not installed",
    ),
]

MASTER = bytes.fromhex("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
# Silence is long enough that no busy machine makes a child silent that only waits for its turn.
FAST = DeskTiming(silence=4.0, first_pause=0.02, longest_pause=0.1)
HONEST, LIARS = bytes(range(16)), bytes(range(16, 32))
RIGHTS = 0x12F0
# What the driver asks of a card that it finds: select, authenticate (two answers), read.
SELECT, CHALLENGE, PROOF, READ = range(4)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sim]:
    directory = tmp_path_factory.mktemp("desk")
    with simulation(directory, {"kind": "nfc", "name": "desk", "port": "ttyDESK"}) as running:
        yield running


@pytest.fixture(scope="module")
def owner(desk: Sim) -> Iterator[Owner]:
    port = str(desk.directory / "ttyDESK")
    owner = Owner(DeskReader(device="desk", port=port, nfc_master=MASTER, timing=FAST))
    owner.driver.open()
    owner.wait_for(Signal.ONLINE)
    written(desk, "honest", HONEST)
    written(desk, "liar", LIARS)
    yield owner
    owner.driver.close()


@pytest.fixture(autouse=True)
def bare(desk: Sim) -> Iterator[None]:
    """Nothing is left on the reader for the next, however this one ended."""
    yield
    desk.do("lie", lies=[])
    desk.ask("remove")


def written(desk: Sim, name: str, data: bytes | None, *, master: bytes = MASTER) -> None:
    """A card with that content of our file; None: our application without the file."""
    store = cards(desk)
    card = store.load(name) if name in store.names() else store.create(name)
    keys = [card_key(master, key, card.uid) for key in KeyNumber]
    files = {} if data is None else {FILE: CardFile(data, access=RIGHTS)}
    card.applications[AID] = Application(keys, files=files)
    store.save(name, card)


def shown(desk: Sim, owner: Owner, name: str, lies: list[Any], *, again: bool = False) -> Any:
    """What is said of a card that tells these lies: the number, or None where it has none.

    ``"lost"`` where it never came to that. Afterwards the honest card is read.
    """
    before = len(owner.heard)
    desk.do("lie", lies=lies, again=again)
    desk.do("place", card=name)
    said: Any = "lost"
    for event in owner.quiet_for(0.5):
        if event.signal is Signal.CARD_PRESENT:
            said = event.data["number"]
    desk.do("lie", lies=[])
    desk.do("remove")
    desk.do("place", card="honest")
    owner.wait_for(Signal.CARD_PRESENT, after=before, number=HONEST)
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED, after=len(owner.heard))
    return said


@pytest.mark.parametrize("size", [1, 15, 17, 32])
def test_a_file_of_another_size_is_no_badge_of_ours(desk: Sim, owner: Owner, size: int) -> None:
    written(desk, f"size-{size}", bytes(size))
    assert shown(desk, owner, f"size-{size}", []) in (None, "lost", bytes(16))
    if size < 16:
        assert shown(desk, owner, f"size-{size}", []) in (None, "lost")


def test_an_application_without_the_file_is_no_badge(desk: Sim, owner: Owner) -> None:
    written(desk, "empty", None)
    assert shown(desk, owner, "empty", []) in (None, "lost")


def test_a_card_under_other_keys_has_no_number(desk: Sim, owner: Owner) -> None:
    written(desk, "foreign", HONEST, master=bytes(16))
    assert shown(desk, owner, "foreign", []) is None


each_lie = pytest.mark.parametrize(
    "lie",
    [
        {"flip": "010000"},
        {"flip": "80" + "00" * 10},
        {"keep": 0},
        {"keep": 1},
        {"keep": 9},
        {"keep": 0, "add": "9100"},
        {"keep": 0, "add": "91af"},
        {"keep": 0, "add": "ff" * 248 + "9100"},
        {"keep": 0, "add": "00" * 16 + "9100"},
        {"flip": "ff"},
    ],
)


@pytest.mark.parametrize("answer", [SELECT, CHALLENGE, PROOF, READ])
@each_lie
def test_a_damaged_or_forged_answer_gives_no_other_number(
    desk: Sim, owner: Owner, answer: int, lie: dict[str, Any]
) -> None:
    """What was lost on the way is asked for anew; then the card's own number may come."""
    assert shown(desk, owner, "liar", [None] * answer + [lie]) in (None, "lost", LIARS)


@each_lie
def test_a_card_that_lies_all_the_time_has_no_number(
    desk: Sim, owner: Owner, lie: dict[str, Any]
) -> None:
    assert shown(desk, owner, "liar", [lie], again=True) in (None, "lost")


def test_data_beyond_their_room_end_the_child_before_they_reach_anything(
    desk: Sim, owner: Owner
) -> None:
    """Of the card's own keys, so that it comes to the data: more frames than the room has bytes."""
    driver, before = owner.driver, len(owner.heard)
    assert isinstance(driver, DeskReader)
    child = driver.child_pid
    frames = mmap.PAGESIZE // 59 + 2
    more = {"keep": 0, "add": "00" * 59 + "91af"}
    desk.do("lie", lies=[None] * READ + [more] * frames)
    desk.do("place", card="liar")
    owner.wait_for(Signal.OFFLINE, after=before, reason="child_ended")
    desk.do("lie", lies=[])
    # Another child reads what lies there now, as it is.
    owner.wait_for(Signal.CARD_PRESENT, after=before, number=LIARS)
    told = {e.data["number"] for e in owner.heard[before:] if e.signal is Signal.CARD_PRESENT}
    assert told == {LIARS}
    assert driver.child_pid not in {child, None}
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED, after=before)


def test_an_answer_without_an_end_ends_with_the_child(desk: Sim, owner: Owner) -> None:
    endless = {"keep": 0, "add": "00" * 59 + "91af"}
    assert shown(desk, owner, "liar", [endless], again=True) in (None, "lost")


@pytest.mark.parametrize("answers", range(4))
def test_a_card_that_is_exchanged_in_mid_read_lends_nobody_its_number(
    desk: Sim, owner: Owner, answers: int
) -> None:
    """The number that is told belongs to the card whose serial number is told with it."""
    before = len(owner.heard)
    desk.do("remove", after=answers, then="honest")
    desk.do("place", card="liar")
    owner.wait_for(Signal.CARD_PRESENT, after=before, number=HONEST)
    uids = {name: cards(desk).load(name).uid.hex() for name in ("liar", "honest")}
    told = [e.data for e in owner.heard[before:] if e.signal is Signal.CARD_PRESENT]
    for each in told:
        if each["number"] is not None:
            name = "honest" if each["number"] == HONEST else "liar"
            assert each["uid"] == uids[name]
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED, after=len(owner.heard))


@pytest.mark.parametrize("answer", range(0, 16, 5))
def test_a_lie_while_it_is_encoded_fails_or_is_found_out(
    desk: Sim, owner: Owner, answer: int
) -> None:
    before = len(owner.heard)
    desk.do("place", card="liar")
    owner.wait_for(Signal.CARD_PRESENT, after=before)
    desk.do("lie", lies=[None] * answer + [{"flip": "0100ff"}])
    owner.wait_for(Signal.FAILED, command=owner.order(Verb.CARD_ENCODE))
    desk.do("lie", lies=[])
    desk.do("remove")
    owner.wait_for(Signal.CARD_REMOVED, after=before)
    written(desk, "liar", LIARS)


lies = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "keep": st.integers(0, 70),
        "flip": st.binary(max_size=40).map(bytes.hex),
        "add": st.binary(max_size=70).map(bytes.hex),
    },
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(lies, max_size=6))
def test_any_lies_are_borne(desk: Sim, owner: Owner, told: list[Any]) -> None:
    assert shown(desk, owner, "liar", told) in (None, "lost", LIARS)

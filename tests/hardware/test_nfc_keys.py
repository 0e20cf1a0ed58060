"""The keys of a card: NXP's published vector, and that no key gives away another."""

import pytest

from hardware.drivers.desfire_keys import (
    AID,
    SYSTEM,
    KeyNumber,
    card_key,
    diversify,
    reader_provision,
    site_key,
)
from hardware.simulators.reader import diversified

MASTER = bytes(range(16))
UID = bytes.fromhex("04782e21801d80")


def test_published_vector() -> None:
    """NXP AN10922, section 2.2.1: UID, AID and system identifier as diversification input."""
    key = bytes.fromhex("00112233445566778899aabbccddeeff")
    data = UID + bytes.fromhex("3042f5") + b"NXP Abu"
    assert diversify(key, data) == bytes.fromhex("a8dd63a3b89d54b37ca802473fda9175")


def test_every_key_is_another() -> None:
    other = bytes.fromhex("04782e21801d81")
    keys = {card_key(MASTER, number, uid) for number in KeyNumber for uid in (UID, other)}
    keys |= {site_key(MASTER, number) for number in KeyNumber} | {MASTER}
    assert len(keys) == 10


@pytest.mark.parametrize("length", [0, 15, 32])
def test_inputs_that_the_note_pads_otherwise_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 to 31"):
        diversify(MASTER, bytes(length))


def test_a_random_uid_is_refused() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        card_key(MASTER, KeyNumber.READ, UID[:4])


def test_a_door_reader_gets_the_reading_key_alone() -> None:
    provision = reader_provision(MASTER)
    assert provision["key"] == site_key(MASTER, KeyNumber.READ).hex()
    assert MASTER.hex() not in str(provision)


def test_a_door_reader_derives_the_key_that_the_desk_writes() -> None:
    key = diversified(site_key(MASTER, KeyNumber.READ), UID, AID, SYSTEM)
    assert key == card_key(MASTER, KeyNumber.READ, UID)

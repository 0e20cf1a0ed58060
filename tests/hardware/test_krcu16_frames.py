"""The locker board's frames: the maker's examples, and any bytes at all."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.krcu16_frames import (
    REPORT_FRAME,
    Parser,
    Status,
    status_request,
    unlock_request,
)


def report(board: int, shut: int, occupied: int) -> bytes:
    body = (
        bytes((2, board << 4, 0x35)) + shut.to_bytes(2, "little") + occupied.to_bytes(2, "little")
    )
    body += b"\x03"
    return body + bytes((sum(body) % 256,))


words = st.integers(0, 0xFFFF)
statuses = st.builds(Status, board=st.integers(0, 15), shut=words, occupied=words)


def test_published_examples() -> None:
    assert status_request(0) == bytes.fromhex("0200300335")
    assert unlock_request(1, 5) == bytes.fromhex("021531034b")


def test_first_bit_is_first_lock() -> None:
    frame = bytes.fromhex("02003501800240030000")[:8]
    frame += bytes((sum(frame) % 256,))
    assert Parser().feed(frame) == [Status(board=0, shut=0x8001, occupied=0x4002)]


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_survived_and_little_is_kept(pieces: list[bytes]) -> None:
    parser = Parser()
    for piece in pieces:
        parser.feed(piece)
        assert len(parser._pending) < REPORT_FRAME


@given(st.lists(statuses, max_size=6), st.integers(1, 20))
def test_reports_are_found_however_they_are_cut(sent: list[Status], cut: int) -> None:
    stream = b"".join(report(one.board, one.shut, one.occupied) for one in sent)
    parser = Parser()
    pieces = (stream[at : at + cut] for at in range(0, len(stream), cut))
    assert [status for piece in pieces for status in parser.feed(piece)] == sent


@given(statuses, st.binary(max_size=30))
def test_after_noise_the_next_but_one_report_is_found(status: Status, noise: bytes) -> None:
    frame = report(status.board, status.shut, status.occupied)
    assert Parser().feed(noise + frame * 3)[-1] == status


@given(statuses, st.integers(0, 8 * REPORT_FRAME - 1))
def test_a_flipped_bit_never_passes_as_a_report(status: Status, bit: int) -> None:
    frame = bytearray(report(status.board, status.shut, status.occupied))
    frame[bit // 8] ^= 1 << bit % 8
    assert Parser().feed(bytes(frame)) == []

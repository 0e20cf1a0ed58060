"""What devices send: OSDP, relay board, locker boards, the desk reader's child."""

import os
from collections.abc import Callable
from contextlib import suppress

from hardware.drivers import cu48, winnsen
from hardware.drivers.base import Signal
from hardware.drivers.krcu16_frames import REPORT_FRAME, Parser
from hardware.drivers.modbus_frames import MOST_HEARD, answer_in, frame_of, pulse, same
from hardware.drivers.nfc_words import FIELDS, Garbled, read_line
from hardware.drivers.osdp_channel import Exchange, Fall, head_of, why
from hardware.drivers.osdp_reports import Reports
from hardware.simulators.modbus import sealed
from tests.hardware.test_osdp_hostile import Bench

Target = Callable[[bytes], None]
# What bytes on a wire must never become: only a proven session gives these.
ACTS = {Signal.CARD, Signal.KEYPAD, Signal.INPUT, Signal.DELIVERED}


def osdp_frame_target() -> Target:
    """The header of a frame, and what is made of an answer to it."""

    def one(data: bytes) -> None:
        head_of(data)
        cut = data[0] if data else 0
        exchange = Exchange(data[:cut], reply=bytearray(data[cut:]))
        assert isinstance(why(exchange, bytes(16)), Fall)

    return one


def osdp_report_target() -> Target:
    """Events of libosdp with any content."""

    def one(data: bytes) -> None:
        reports = Reports()
        kind, sort, length = (data[at] if at < len(data) else 0 for at in range(3))
        for event in (kind % 8, None, "odd"):
            said = {"event": event, "type": sort % 6, "report": data[3:], "data": data[3:]}
            for signal, facts in reports.of({**said, "length": length}):
                if signal is Signal.CARD:
                    assert 0 < facts["bits"] <= 8 * len(facts["number"])
                if signal is Signal.KEYPAD:
                    assert set(facts["digits"]) <= set("0123456789#*")

    return one


def osdp_bus_target() -> Target:
    """Noise through the port and real libosdp: no card, no key, no input comes of it."""
    bench = Bench()

    def one(data: bytes) -> None:
        with suppress(BlockingIOError):
            os.write(bench.master, data[:4096])
        bench.signals.clear()
        for _ in range(2):
            bench.signals += [event.signal for event in bench.bus.turn(0.004)]
        with suppress(BlockingIOError):
            os.read(bench.master, 4096)
        assert not ACTS & set(bench.signals)

    return one


def locker_target() -> Target:
    """The locker board's bytes, in one piece and in many."""

    def one(data: bytes) -> None:
        whole, parser = Parser().feed(data), Parser()
        pieces = [status for byte in data for status in parser.feed(bytes([byte]))]
        assert pieces == whole
        for status in whole:
            assert 0 <= status.board < 16
        parser.feed(data)
        assert len(parser._pending) < REPORT_FRAME

    return one


def modbus_target() -> Target:
    """The relay board's answers; a write counts as obeyed only where it stands there whole."""

    def one(data: bytes) -> None:
        board = data[0] if data else 1
        asked = pulse(board, 0, 50)
        # Anybody on the line can reckon a CRC, and a fuzzer hardly guesses one.
        for heard in (data, sealed(data)):
            if same(asked, answer_in(heard, board)):
                assert frame_of(asked) in heard[:MOST_HEARD]

    return one


def cu48_target() -> Target:
    """The CU48 board's answers: of a board of one dialect, alone and whole, or nothing."""

    def one(data: bytes) -> None:
        board = data[1] if len(data) > 1 else 0
        for heard in (data, data + bytes((sum(data) & 0xFF,))):
            said = [cu48.shut_in(heard, board, dialect) for dialect in cu48.DIALECTS.values()]
            told = [shut for shut in said if shut is not None]
            assert len(told) <= 1
            for shut in told:
                assert shut.to_bytes(cu48.HOOK_BYTES, "little") == heard[4 : 4 + cu48.HOOK_BYTES]
                assert sum(heard[:-1]) & 0xFF == heard[-1]

    return one


def winnsen_target() -> Target:
    """The Winnsen board's answers: a state only from a whole frame about the lock asked for."""

    def one(data: bytes) -> None:
        station, lock = (data[0], data[1] % winnsen.LOCKS) if len(data) > 1 else (1, 0)
        heard = data[2:]
        shut = winnsen.shut_in(heard, station, lock)
        if shut is not None:
            head = bytes((winnsen.HEAD, winnsen.ANSWER_BYTES, winnsen.STATUS, station))
            told = lock + 1, int(not shut)
            frames = [head + bytes((*pair, winnsen.END)) for pair in (told, told[::-1])]
            assert any(frame in heard for frame in frames)

    return one


def desk_reader_target() -> Target:
    """A line of the desk reader's child."""

    def one(data: bytes) -> None:
        try:
            said = read_line(data)
        except Garbled:
            return
        assert set(said) == {"said", *FIELDS[said["said"]]}
        assert len(said.get("number") or bytes(16)) == 16

    return one

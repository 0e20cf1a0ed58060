"""Readers that lie: any bytes at all, well-formed nonsense, nonsense inside a proven session."""

import os
import tracemalloc
import tty
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.drivers.base import DeviceCommand, Signal, Verb
from hardware.drivers.osdp import OsdpBus
from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice
from hardware.simulators.osdp_device import Device
from hardware.simulators.osdp_frames import Frame, Nak, Reply, Splitter, encode

KEY = bytes(range(16))
Answer = tuple[Reply, bytes]


class Puppet:
    """A reader whose answers are dictated."""

    def __init__(self) -> None:
        self.next: Answer | None = None

    def capabilities(self) -> list[tuple[int, int, int]]:
        """A door controller with a lamp."""
        return [(1, 1, 2), (2, 2, 1), (4, 1, 1)]

    def report(self) -> Answer | None:
        """What was dictated, once."""
        said, self.next = self.next, None
        return said

    def obey(self, _command: int, _data: bytes) -> Answer | Nak:
        """Whatever was dictated, else an acknowledgement."""
        return self.report() or (Reply.ACK, b"")


class Bench:
    """The driver on one end of a pseudo-terminal, a puppet or plain bytes on the other."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        device = OsdpDevice("R1", 1, KEY)
        self.bus = OsdpBus(OsdpBusConfig(os.ttyname(self._slave), (device,), baud=115200))
        self.bus.open()
        self.puppet = Puppet()
        self._device = Device(address=1, scbk=KEY, equipment=self.puppet, capable=True)
        self._splitter = Splitter()
        self._now = 0.0
        self.signals: list[Signal] = []

    def close(self) -> None:
        """Pull everything apart."""
        self.bus.close()
        os.close(self.master)
        os.close(self._slave)

    def play(self, rounds: int) -> None:
        """Let the two talk."""
        for _ in range(rounds):
            self.signals += [event.signal for event in self.bus.turn(0.006)]
            self._now += 0.006
            with suppress(BlockingIOError):
                for raw in self._splitter.feed(os.read(self.master, 4096)):
                    answer = self._device.hear(raw, self._now)
                    if answer is not None:
                        os.write(self.master, answer)

    def online(self) -> bool:
        """Talk until the driver trusts the reader; whether it did."""
        self.signals.clear()
        for _ in range(400):
            self.play(1)
            if self.bus.submit(DeviceCommand("R1", Verb.HOLD, {"output": 0, "active": True}, "c")):
                return True
        return False


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One bench for all examples: what one leaves behind, the next must bear."""
    made = Bench()
    yield made
    made.close()


modest = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
nonsense = st.builds(
    Frame,
    address=st.sampled_from([0, 1, 2, 127]),
    sequence=st.integers(0, 3),
    code=st.integers(0, 255),
    data=st.binary(max_size=60),
    block=st.one_of(st.just(b""), st.binary(min_size=1, max_size=4)),
    mac=st.sampled_from([b"", b"abcd"]),
    reply=st.booleans(),
).map(encode)
answers = st.tuples(st.integers(0x40, 0xB1), st.binary(max_size=110))


@modest
@given(st.lists(st.one_of(st.binary(max_size=600), nonsense), max_size=5))
def test_no_bytes_on_the_wire_raise(bench: Bench, pieces: list[bytes]) -> None:
    for piece in pieces:
        with suppress(BlockingIOError):
            os.write(bench.master, piece)
        bench.play(2)


@modest
@given(answers)
def test_no_answer_of_a_trusted_reader_raises(bench: Bench, answer: tuple[int, bytes]) -> None:
    assert bench.online()
    bench.puppet.next = answer  # type: ignore[assignment]  # any code, also such as are none
    bench.play(12)


def test_after_all_that_the_reader_is_trusted_again(bench: Bench) -> None:
    assert bench.online()


def test_events_leave_next_to_nothing_behind(bench: Bench) -> None:
    """libosdp never releases an event; emptied, it is about 80 bytes and holds no number."""

    def taps(count: int) -> None:
        for _ in range(count):
            bench.puppet.next = (Reply.RAW, bytes([0, 0, 128, 0]) + bytes(16))
            bench.play(10)

    assert bench.online()
    tracemalloc.start()
    taps(10)
    bench.signals.clear()
    before, _ = tracemalloc.get_traced_memory()
    taps(50)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    cards = bench.signals.count(Signal.CARD)
    assert cards > 40
    assert (after - before) / cards < 250

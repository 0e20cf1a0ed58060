"""A simulated port takes as long as a wire, and hangs up like one."""

import os
from pathlib import Path

import pytest
import serial

from hardware.simulators.loop import Loop
from hardware.simulators.pty import PacedPty


@pytest.mark.parametrize("baud", [9600, 115200])
def test_both_ways_take_ten_bits_a_byte(tmp_path: Path, baud: int) -> None:
    loop = Loop()
    crossed: list[tuple[str, float]] = []

    def arrived(data: bytes) -> None:
        port.write(data)
        port.write(data)

    def wire(way: str, _data: bytes) -> None:
        crossed.append((way, loop.now()))
        if len(crossed) == 3:
            loop.call_later(0, loop.stop)

    port = PacedPty(
        loop,
        link=tmp_path / "tty",
        baud=baud,
        heard=arrived,
        wire=wire,
    )
    fd = os.open(tmp_path / "tty", os.O_RDWR | os.O_NOCTTY)
    begun = loop.now()
    os.write(fd, bytes(100))
    loop.run()
    assert [way for way, _ in crossed] == ["in", "out", "out"]
    assert all(at - begun >= n * 1000 / baud for n, (_, at) in enumerate(crossed, 1))
    answer = b""
    while len(answer) < 200:  # the kernel hands on what was written when it likes
        answer += os.read(fd, 4096)
    assert answer == bytes(200)
    os.close(fd)
    port.unplug()


def test_an_unplugged_port_hangs_up_and_drops_what_was_under_way(tmp_path: Path) -> None:
    loop = Loop()
    heard: list[bytes] = []
    port = PacedPty(loop, link=tmp_path / "tty", baud=9600, heard=heard.append)
    host = serial.Serial(str(tmp_path / "tty"), 9600, timeout=0, exclusive=True)
    host.write(b"half a frame")
    loop.call_later(0.001, port.unplug)
    loop.call_later(0.05, loop.stop)
    loop.run()
    with pytest.raises(serial.SerialException):
        host.read(1)
    assert not heard
    host.close()


def test_noise_flips_one_bit_and_is_repeatable(tmp_path: Path) -> None:
    def played(seed: int) -> list[bytes]:
        loop = Loop()
        out: list[bytes] = []
        port = PacedPty(
            loop,
            link=tmp_path / "tty",
            baud=115200,
            heard=lambda _data: None,
            wire=lambda _way, data: out.append(data),
            seed=seed,
        )
        port.noise["out"] = 0.5
        for _ in range(20):
            port.write(bytes(8))
        loop.call_later(0.1, loop.stop)
        loop.run()
        port.unplug()
        return out

    first = played(7)
    assert first == played(7) != played(8)
    assert {int.from_bytes(piece, "big").bit_count() for piece in first} == {0, 1}


def test_a_stalled_port_takes_no_byte_until_it_goes_on(tmp_path: Path) -> None:
    loop = Loop()
    heard: list[bytes] = []
    port = PacedPty(loop, link=tmp_path / "tty", baud=115200, heard=heard.append)
    host = serial.Serial(str(tmp_path / "tty"), timeout=0, write_timeout=0.1, exclusive=True)
    port.stall(active=True)
    with pytest.raises(serial.SerialTimeoutException):
        host.write(b"never")
    port.stall(active=False)
    host.write(b"now")
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert b"".join(heard) == b"now"
    port.stall(active=True)
    port.unplug()
    port.plug()
    assert not port.stalled
    host.close()
    port.unplug()

"""The supervisor over real processes: order, restarts, kills, and nothing left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import psutil
import pytest

from scif.runtime.child import wait_until

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    """Start the supervised example in the test's directory."""
    started: list[subprocess.Popen[str]] = []

    def begin(*names: str) -> subprocess.Popen[str]:
        popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.hardware.supervised", str(tmp_path)),
                *(f"+{name}" for name in names),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(popen)
        return popen

    yield begin
    for popen in started:
        popen.kill()
        popen.wait()
    assert wait_until(lambda: not _members(tmp_path), 10)


def _until(popen: subprocess.Popen[str], line: str) -> list[str]:
    """Read what it prints up to a line."""
    assert popen.stdout
    read: list[str] = []
    for text in popen.stdout:
        read.append(text.strip())
        if line in text:
            return read
    raise AssertionError(f"it ended without {line!r}: {read}")


def _members(directory: Path) -> list[int]:
    """Give the pids of all processes that work in the directory, the supervisor excepted."""
    return [process.pid for process in psutil.process_iter() if _is_member(process, directory)]


def _is_member(process: psutil.Process, directory: Path) -> bool:
    try:
        words = process.cmdline()
        ended = process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
    supervisor = words[-1:] == [str(directory)] or any(word.startswith("+") for word in words)
    return str(directory) in words and not ended and not supervisor


def _pid(directory: Path, name: str) -> int:
    """Give the pid of the newest process of that name."""
    paths = sorted(directory.glob(f"{name}.[0-9]*"), key=lambda path: path.stat().st_ctime_ns)
    return int(paths[-1].suffix[1:])


def test_sigterm_stops_the_last_started_first_and_leaves_nothing(
    start: Start, tmp_path: Path
) -> None:
    popen = start()
    _until(popen, "serving")
    assert wait_until(lambda: len(_members(tmp_path)) == 3, 10)
    popen.send_signal(signal.SIGTERM)
    assert popen.wait(20) == 0
    assert (tmp_path / "stopped").read_text().split() == ["mother", "first"]
    assert _members(tmp_path) == []


def test_a_kill_leaves_no_child_and_no_grandchild_and_the_next_start_works(
    start: Start, tmp_path: Path
) -> None:
    popen = start()
    _until(popen, "serving")
    assert wait_until(lambda: len(_members(tmp_path)) == 3, 10)
    popen.kill()
    again = start()
    _until(again, "serving")
    assert wait_until(lambda: len(_members(tmp_path)) == 3, 10)
    again.send_signal(signal.SIGINT)
    assert again.wait(20) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_children_die_even_when_supervisor_and_guardian_are_killed_together(
    start: Start, tmp_path: Path
) -> None:
    popen = start()
    _until(popen, "serving")
    assert wait_until(lambda: any(tmp_path.glob("daughter.[0-9]*")), 10)
    mother, first = _pid(tmp_path, "mother"), _pid(tmp_path, "first")
    for process in psutil.Process(popen.pid).children():
        if any(word.endswith("guardian.py") for word in process.cmdline()):
            process.kill()
    popen.kill()
    assert wait_until(lambda: not {mother, first} & set(_members(tmp_path)), 10)
    # Without its guardian nobody ends a grandchild that ignores SIGTERM.
    os.kill(_pid(tmp_path, "daughter"), signal.SIGKILL)


def test_a_process_that_dies_is_started_again_without_its_old_children(
    start: Start, tmp_path: Path
) -> None:
    popen = start()
    _until(popen, "serving")
    assert wait_until(lambda: len(_members(tmp_path)) == 3, 10)
    before = set(_members(tmp_path))
    os.kill(_pid(tmp_path, "mother"), signal.SIGKILL)
    said = _until(popen, "starting it again")[-1]
    assert said.startswith("mother was killed by signal 9 (log: ")
    _until(popen, "mother ready")
    assert wait_until(lambda: len(_members(tmp_path)) == 3, 10)
    assert len(before & set(_members(tmp_path))) == 1


def test_a_killed_guardian_is_replaced(start: Start, tmp_path: Path) -> None:
    popen = start()
    _until(popen, "serving")
    supervisor = psutil.Process(popen.pid)

    def guardians() -> list[int]:
        return [
            process.pid
            for process in supervisor.children()
            if process.status() != psutil.STATUS_ZOMBIE
            and any(word.endswith("guardian.py") for word in process.cmdline())
        ]

    (killed,) = guardians()
    os.kill(killed, signal.SIGKILL)
    # One look each time: of two, the first may find the killed one and the second none at all.
    assert wait_until(lambda: len(found := guardians()) == 1 and found != [killed], 10)
    popen.kill()
    assert wait_until(lambda: _members(tmp_path) == [], 10)


def test_a_second_start_says_in_one_line_that_it_runs(start: Start) -> None:
    first = start()
    _until(first, "serving")
    second = start()
    assert second.wait(20) == 1
    assert second.stdout
    (line,) = second.stdout.read().splitlines()
    assert f"already running (process {first.pid})" in line


def test_a_process_that_never_starts_is_named_with_its_reason(start: Start) -> None:
    popen = start("broken")
    assert popen.wait(30) == 1
    assert popen.stdout
    last = popen.stdout.read().splitlines()[-1]
    assert last.startswith("Cannot start: broken ended: the system library libnothere.so.1")


def test_a_second_signal_stops_by_force(start: Start, tmp_path: Path) -> None:
    popen = start("stubborn")
    _until(popen, "serving")
    popen.send_signal(signal.SIGINT)
    stopped = tmp_path / "stopped"
    assert wait_until(lambda: stopped.exists() and "stubborn" in stopped.read_text(), 10)
    popen.send_signal(signal.SIGINT)
    # Its time to stop by itself would be ten seconds.
    assert popen.wait(5) == 0

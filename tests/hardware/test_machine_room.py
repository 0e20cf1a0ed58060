"""The machine room over a real supervisor: what is taken away comes back, and nobody else asks."""

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from hardware.simulators.client import SimulatorClient, SimulatorError
from scif.runtime.child import wait_until
from scif.runtime.machines import MachineRoom
from scif.runtime.supervisor import Supervisor

NAMES = ("postgres", "gateway.g1", "sequencer")
NOBODY = 65534


@pytest.fixture(scope="module")
def place() -> Generator[Path]:
    """Where the supervised processes of this module are."""
    with tempfile.TemporaryDirectory(prefix="scif-room-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def supervised(place: Path) -> Generator[subprocess.Popen[str]]:
    """A supervisor over processes that bear the names of the real ones."""
    popen = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.hardware.supervised", str(place)),
            *(f"+{name}" for name in NAMES),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _until(popen, "serving")
    yield popen
    popen.terminate()
    assert popen.wait(20) == 0


@pytest.fixture
def room(supervised: subprocess.Popen[str], place: Path) -> SimulatorClient:
    return SimulatorClient(place, "machines")


def _until(popen: subprocess.Popen[str], line: str) -> str:
    """Read what the supervisor prints up to a line."""
    assert popen.stdout
    return next(text for text in popen.stdout if line in text)


def _pid(place: Path, name: str) -> int:
    """The newest process of that name."""
    paths = sorted(place.glob(f"{name}.[0-9]*"), key=lambda path: path.stat().st_ctime_ns)
    return int(paths[-1].suffix[1:])


def _longest_file(pid: int) -> tuple[int, int]:
    limits: tuple[int, int] = psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE)
    return limits


@pytest.mark.parametrize("name", ["gateway.g1", "sequencer"])
def test_what_is_killed_is_started_again(
    room: SimulatorClient, supervised: subprocess.Popen[str], place: Path, name: str
) -> None:
    before = _pid(place, name)
    room.ask("kill", name=name)
    assert f"{name} was killed by signal 9" in _until(supervised, "starting it again")
    _until(supervised, f"{name} ready")
    assert _pid(place, name) != before
    assert not psutil.pid_exists(before)


def test_what_is_taken_away_stays_away_and_comes_back_by_itself(
    room: SimulatorClient, supervised: subprocess.Popen[str], place: Path
) -> None:
    before = _pid(place, "postgres")
    asked = time.monotonic()
    room.ask("away", name="postgres", seconds=4)
    _until(supervised, "postgres was taken away; starting it again in")
    assert not psutil.pid_exists(before)
    assert 0 < room.ask("state")["machines"]["postgres"]["back_in"] <= 4
    with pytest.raises(SimulatorError, match="away already"):
        room.ask("away", name="postgres", seconds=1.5)
    _until(supervised, "postgres ready")
    assert time.monotonic() - asked >= 4
    assert _pid(place, "postgres") != before
    assert room.ask("state")["machines"]["postgres"]["back_in"] is None


def test_a_badge_is_held_to_a_reader_while_the_database_is_away(
    room: SimulatorClient, supervised: subprocess.Popen[str], place: Path
) -> None:
    """By the supervisor, where no page can ask for it."""
    with socket.socket(socket.AF_UNIX) as devices:
        devices.bind(str(place / "g1.sock"))
        devices.listen()
        devices.settimeout(10)
        tap = {"gateway": "g1", "reader": "R1", "card": "card-01"}
        room.ask("away", name="postgres", seconds=0.5, tap=tap)
        _until(supervised, "postgres was taken away")
        wire, _address = devices.accept()
        with wire:
            assert json.loads(wire.recv(1000)) == {
                "do": "tap",
                "reader": "R1",
                "card": "card-01",
            }
            wire.sendall(b'{"ok": true}\n')
    _until(supervised, "postgres ready")


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
def test_a_full_disk_is_the_kernels_and_ends(room: SimulatorClient, place: Path) -> None:
    pid = _pid(place, "gateway.g1")
    _soft, hard = before = _longest_file(pid)
    room.ask("fill", name="gateway.g1", seconds=60)
    assert _longest_file(pid) == (0, hard)
    assert 0 < room.ask("state")["machines"]["gateway.g1"]["full_for"] <= 60
    room.ask("free", name="gateway.g1")
    assert _longest_file(pid) == before
    room.ask("fill", name="gateway.g1", seconds=0.1)
    assert wait_until(lambda: _longest_file(pid) == before, 5)
    assert room.ask("state")["machines"]["gateway.g1"]["full_for"] is None


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
def test_a_gateway_that_dies_on_a_full_disk_comes_back_with_room(
    room: SimulatorClient, supervised: subprocess.Popen[str], place: Path
) -> None:
    room.ask("fill", name="gateway.g1", seconds=60)
    room.ask("kill", name="gateway.g1")
    _until(supervised, "gateway.g1 ready")
    assert _longest_file(_pid(place, "gateway.g1"))[0] != 0
    assert room.ask("state")["machines"]["gateway.g1"]["full_for"] is None
    room.ask("free", name="gateway.g1")


@pytest.mark.parametrize(
    "forged",
    [
        {"do": "kill", "name": "postgres"},
        {"do": "kill", "name": "first"},
        {"do": "kill", "name": "gateway.g9"},
        {"do": "kill", "name": "../gateway.g1"},
        {"do": "kill"},
        {"do": "away", "name": "gateway.g1", "seconds": 1},
        {"do": "away", "name": "first", "seconds": 1},
        {"do": "away", "name": "postgres", "seconds": 3600},
        {"do": "away", "name": "postgres", "seconds": 0},
        {"do": "away", "name": "postgres", "seconds": float("nan")},
        {"do": "away", "name": "postgres", "seconds": "1"},
        {"do": "away", "name": "postgres", "seconds": 1, "tap": {"gateway": "g9"}},
        {"do": "away", "name": "postgres", "seconds": 1, "tap": "R1"},
        {
            "do": "away",
            "name": "postgres",
            "seconds": 1,
            "tap": {"gateway": "../g1", "reader": "R1", "card": "card-01"},
        },
        {"do": "fill", "name": "postgres", "seconds": 1},
        {"do": "fill", "name": "gateway.g1", "seconds": -1},
        {"do": "free", "name": "first"},
        {"do": "stop", "name": "postgres"},
        {"name": "postgres"},
        ["kill", "gateway.g1"],
        "kill gateway.g1",
        None,
    ],
    ids=str,
)
def test_any_other_word_is_refused_and_nothing_happens(
    room: SimulatorClient, place: Path, forged: object
) -> None:
    before = room.ask("state")["machines"]
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(5)
        wire.connect(str(place / "machines.sock"))
        wire.sendall(json.dumps(forged).encode() + b"\n")
        answer = json.loads(wire.recv(10_000))
    assert answer["ok"] is False
    assert answer["error"]
    assert room.ask("state")["machines"] == before


def test_only_what_may_be_asked_for_is_shown(room: SimulatorClient) -> None:
    assert set(room.ask("state")["machines"]) == {"postgres", "gateway.g1", "sequencer"}


@pytest.fixture
def reachable_room() -> Generator[Path]:
    """A room whose folder everybody may enter, so that its socket alone stands in the way."""
    with tempfile.TemporaryDirectory(prefix="scif-room-") as name:
        place = Path(name)
        place.chmod(0o755)
        room = MachineRoom(Supervisor(print, -1), place / "machines.sock", place)
        yield place / "machines.sock"
        room.close()
        assert not (place / "machines.sock").exists()


def test_the_socket_is_its_owners(reachable_room: Path) -> None:
    assert stat.S_IMODE(reachable_room.stat().st_mode) == 0o600
    assert reachable_room.stat().st_uid == os.geteuid()


@pytest.fixture
def another_user() -> Generator[None]:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_another_user_cannot_connect(reachable_room: Path, another_user: None) -> None:
    with socket.socket(socket.AF_UNIX) as wire, pytest.raises(PermissionError):
        wire.connect(str(reachable_room))

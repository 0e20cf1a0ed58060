"""What stops `make demo` is said in one line, without a traceback."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from scif.runtime.errors import explain_log
from scif.runtime.lock import lock_installation

PROJECT = Path(__file__).resolve().parents[2]
ROOT = os.geteuid() == 0


@pytest.fixture
def var() -> Generator[Path]:
    """A directory for an installation, which the servers' user may enter."""
    directory = Path(tempfile.mkdtemp(prefix="scif-refusal-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def _refusal(var: Path, *options: str, command: tuple[str, ...] = ("demo", "--once")) -> str:
    """Start the demonstration, which must refuse; give its line."""
    done = subprocess.run(
        [sys.executable, "-m", "scif.runtime", *command, *options],
        cwd=PROJECT,
        env={**os.environ, "SCIF_VAR": str(var), "SCIF_KEYS": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("Cannot start: ")


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.parametrize("text", ["80000", "0", "abc", "-1"])
def test_what_is_no_port(var: Path, text: str) -> None:
    line = _refusal(var, f"--port={text}")
    assert line == f"{text} is no port; take one up to 65535: make demo PORT=8001"


def test_a_command_beside_a_demonstration_that_does_not_run(var: Path) -> None:
    assert "does not run" in _refusal(var, command=("manage", "why", "Ann", "M1"))


def test_a_port_in_use(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = _refusal(var, "--port", str(port))
    assert line == f"Port {port} is in use; free it, or take another: make demo PORT=8001"


def test_a_second_start(var: Path) -> None:
    held = lock_installation(var)
    line = _refusal(var)
    os.close(held)
    assert f"already running (process {os.getpid()})" in line


def test_a_file_in_the_place_of_the_directory(var: Path) -> None:
    (var / "file").touch()
    assert _refusal(var / "file").startswith(f"{var / 'file'}: ")


@pytest.mark.skipif(not ROOT, reason="only root may mount a small disk")
def test_a_full_disk(var: Path) -> None:
    disk = var / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        line = _refusal(disk, "--port", _free_port())
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert "no space left on the disk" in line


@pytest.mark.skipif(not ROOT, reason="only root may mount")
def test_a_read_only_directory_for_root(var: Path) -> None:
    disk = var / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        line = _refusal(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert line == f"{disk}/lock: the file system is read-only"


@pytest.mark.skipif(ROOT, reason="root may write anywhere")
def test_a_directory_that_may_not_be_written(var: Path) -> None:
    var.chmod(0o555)
    line = _refusal(var)
    var.chmod(0o755)
    assert line == f"{var}/lock: permission denied"


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "x\nimport: libfoo.so.6: cannot open shared object file: No such file or directory\n",
            "the system library libfoo.so.6 is missing",
        ),
        ("FATAL: could not write: No space left on device", "no space left on the disk"),
        (
            (
                "[Errno 98] error while attempting to bind on address ('127.0.0.9', 8022):"
                " address already in use\n"
            ),
            "its address 127.0.0.9:8022 is in use",
        ),
        ("[Errno 98] Address already in use\nbye", "its address or socket is in use"),
        ("Traceback (most recent call last):\n  x\nKeyError: 'a'\n", "KeyError: 'a'"),
        ("", "it wrote nothing to its log"),
    ],
)
def test_a_log_is_read_for_its_reason(log: str, reason: str) -> None:
    assert explain_log(log) == reason

"""The auditor's console: the file alone, as it lies on a terminal."""

import json
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from terminals.harness.stand_in.app import NOTICE
from tests.bench.table import ROOT
from tests.harness.rig import ENGAGEMENT, Rig, running, stand_in_policy


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Generator[Rig]:
    """A stand-in, and the console's file in a folder of its own."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copy(ROOT / "terminals" / "harness" / "console.py", folder / "console.py")
    with running(folder) as rig:
        rig.push(stand_in_policy())
        yield rig


def _console(rig: Rig, *words: str, typed: str = "") -> tuple[int, str]:
    host, port = rig.addresses[ENGAGEMENT]
    done = subprocess.run(
        [sys.executable, "-I", "console.py", f"http://{host}:{port}", *words],
        cwd=rig.folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


COMMANDS = [
    "complete the model",
    "stream the model",
    "logprobs the model",
    "activations hidden the model",
    "gradients the model",
    "weights output",
    "documents",
    "document system-card",
    "jobs",
    "taken",
    'ask complete {"prompt":"the","max_tokens":1}',
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_answered_and_says_what_is_left(rig: Rig, command: str) -> None:
    status, said = _console(rig, *command.split())
    assert status == 0
    assert NOTICE in said
    assert "left: " in said


def test_it_offers_what_the_policy_allows_and_nothing_else(rig: Rig) -> None:
    document = stand_in_policy(("black_box",))
    document["operations"]["their_probe"] = document["operations"]["complete"]
    rig.push({**document, "version": rig.link.account(ENGAGEMENT).version + 1})
    try:
        before = rig.spent()
        _, said = _console(rig, typed="quit\n")
        assert "complete WORDS" in said
        assert "one of: their_probe" in said
        for none_of_it in ("logprobs", "activations", "weights", "documents"):
            assert none_of_it not in said
        assert rig.spent() == before
        status, refused = _console(rig, "weights", "output")
        assert status == 1
        assert "operation_unknown" in refused
    finally:
        rig.push({**stand_in_policy(), "version": rig.link.account(ENGAGEMENT).version + 1})
    _, said = _console(rig, typed="help\nquit\n")
    assert said.count("weights LAYER") == 2


def test_where_nobody_says_what_is_allowed_all_commands_are_told(rig: Rig) -> None:
    done = subprocess.run(
        [sys.executable, "console.py", "http://127.0.0.1:1"],
        cwd=rig.folder,
        input="quit\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "weights LAYER" in done.stdout


def test_a_job_by_hand(rig: Rig) -> None:
    steps = [{"probe": "entropy", "prompt": "the room"}]
    (rig.folder / "job.json").write_text(json.dumps({"name": "one", "steps": steps}))
    _, said = _console(rig, "submit", "job.json")
    job = next(line.split()[-1] for line in said.splitlines() if line.startswith("job: "))
    _, session = _console(rig, typed=f"status {job}\nresult {job}\nquit\n")
    assert "finished" in session
    assert '"entropy"' in session


def test_a_refusal_is_a_status_and_a_sentence(rig: Rig) -> None:
    status, said = _console(rig, "document", "the-weights")
    assert status == 1
    assert "refused (request_unfit)" in said


@pytest.mark.parametrize("words", [["open"], ["submit", "no-such-file"], ["ask", "x", "{"]])
def test_what_is_no_command_asks_nothing(rig: Rig, words: list[str]) -> None:
    before = rig.spent()
    assert _console(rig, *words)[0] == 1
    assert rig.spent() == before


def test_no_harness_is_said(tmp_path: Path, rig: Rig) -> None:
    done = subprocess.run(
        [sys.executable, "console.py", "http://127.0.0.1:1", "jobs"],
        cwd=rig.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no answer" in done.stdout

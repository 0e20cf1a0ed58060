"""The scripted visit at its player: what ends it, and what is said of that."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from scif.runtime.visit.play import Step, play_steps
from scif.runtime.visit.scene import Scene
from scif.runtime.visit.session import Page


def _gone(scene: Scene) -> None:
    raise ConnectionError("terminating connection due to administrator command")


def _played(*, stopping: bool) -> tuple[bool, str]:
    written = io.StringIO()
    steps = [
        Step("door", "She goes in", lambda scene: None),
        Step("door", "She goes out", _gone),
        Step("report", "It is written down", lambda scene: None),
    ]
    scene = Scene("http://127.0.0.1:1", Path("nowhere"))
    passed = play_steps(Console(file=written), scene, steps, lambda: stopping)
    return passed, written.getvalue()


def test_a_step_that_fails_is_named() -> None:
    with pytest.raises(ConnectionError):
        _played(stopping=False)


def test_a_stop_that_was_asked_for_is_no_failure_of_the_visit() -> None:
    passed, said = _played(stopping=True)
    assert not passed
    assert "She goes in" in said
    assert "NOT as expected" not in said
    assert "It is written down" not in said


def test_a_refusal_of_the_api_is_told_in_words() -> None:
    text = '{"code":"x","message":"Not admitted.","remedy":"","reasons":[{"what":"A card."}]}'
    assert Page("/", 409, text).words == "Not admitted. A card."

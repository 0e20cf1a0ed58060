"""The kiosk image's files agree with the agent and with the inspection's questions."""

import ast
import re
import sys
from pathlib import Path

import pytest

from terminals.agent import agent
from terminals.rules.checklist import CHECKLIST, checklist_failed
from terminals.rules.heartbeat import KINDS
from tests.architecture.sources import ROOT

PLACE = ROOT / "deploy" / "terminal"
AGENT = ROOT / "terminals" / "agent" / "agent.py"


def test_the_agent_reads_its_configuration_and_watches_what_can_be_heard() -> None:
    config = agent.Config.read(PLACE / "agent.json")
    assert set(config.watched) <= KINDS
    assert (config.misses, config.period) == (3, 1.0)
    assert config.url.startswith("https://")


@pytest.mark.parametrize("broken", ["{}", "[]", '{"terminal": 1, "more": 2}'])
def test_a_broken_configuration_stops_the_agent(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "agent.json"
    path.write_text(broken)
    with pytest.raises(TypeError):
        agent.Config.read(path)


def test_the_agent_is_short_and_needs_nothing_but_python() -> None:
    text = AGENT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    modules = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert modules <= sys.stdlib_module_names


def test_the_recipe_takes_files_that_are_there() -> None:
    text = (PLACE / "mkosi.conf").read_text(encoding="utf-8")
    named = re.findall(r"^\s+(\S+):/\S+$", text, re.MULTILINE)
    assert len(named) > 5
    assert [name for name in named if not (PLACE / name).exists()] == []


def test_each_question_is_spoken_of_in_the_recipe() -> None:
    page = (PLACE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z, ]+) \|", page, re.MULTILINE)
    told = {code for row in rows for code in row.split(", ")}
    assert {item.code for item in CHECKLIST} == told


def test_a_question_that_nobody_answered_has_failed() -> None:
    codes = tuple(item.code for item in CHECKLIST)
    assert checklist_failed({}) == codes
    assert checklist_failed(dict.fromkeys(codes, True)) == ()
    assert checklist_failed(dict.fromkeys(codes, True) | {"boot": False}) == ("boot",)

"""The kiosk image's files agree with the programs in it and with the inspection's questions."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminals.agent import agent, check, sign_in
from terminals.rules.checklist import CHECKLIST, SOUND, checklist_failed
from terminals.rules.heartbeat import KINDS
from tests.architecture.sources import ROOT

PLACE = ROOT / "deploy" / "terminal"
PROGRAMS = ROOT / "terminals" / "agent"
UNITS = sorted([*PLACE.glob("*.service"), *PLACE.glob("*.timer")])
# Programs of the distribution that units and configurations name, and the packages they are in.
PACKAGED = {
    "/usr/bin/python3": "python3",
    "/usr/bin/systemctl": "systemd",
}
# Started by name: tpm2 by the agent, nft by the check, both of ssh by the sign-in program.
BY_NAME = {"tpm2": "tpm2-tools", "nft": "nftables", "ssh": "openssh-client"}
KERNEL = ("/dev/", "/proc/", "/sys/")


def recipe() -> str:
    return (PLACE / "mkosi.conf").read_text(encoding="utf-8")


def trees() -> dict[str, str]:
    """What the recipe puts into the image: where from, by where to."""
    return {to: where for where, to in re.findall(r"^\s+(\S+):(/\S+)$", recipe(), re.MULTILINE)}


def packages() -> set[str]:
    block = re.search(r"^Packages=\n((?:\s+\S+\n)+)", recipe(), re.MULTILINE)
    assert block is not None
    return set(block[1].split())


def values(unit: Path, *keys: str) -> list[str]:
    text = unit.read_text(encoding="utf-8")
    return [
        value for key in keys for value in re.findall(rf"^{key}=(.*)$", text, re.MULTILINE) if value
    ]


def users() -> set[str]:
    lines = (PLACE / "sysusers.conf").read_text(encoding="utf-8").splitlines()
    return {"root", *(line.split()[1] for line in lines if line.startswith("u "))}


def made() -> set[str]:
    """Directories that exist before any unit starts, or with the unit that owns them."""
    lines = (PLACE / "tmpfiles.conf").read_text(encoding="utf-8").splitlines()
    kept = {line.split()[1] for line in lines if line.startswith("d ")}
    own = {f"/run/{name}" for unit in UNITS for name in values(unit, "RuntimeDirectory")}
    return kept | own


def named() -> Iterator[tuple[str, str]]:
    """Each absolute path that a unit or a configuration names, with who names it."""
    texts = {
        unit.name: "\n".join(
            values(unit, "ExecStart", "ExecStartPre", "ReadWritePaths", "WorkingDirectory")
        )
        for unit in UNITS
    }
    for name in ("agent.json", "sign_in.json"):
        texts[name] = (PLACE / name).read_text(encoding="utf-8")
    for who, text in texts.items():
        for path in re.findall(r"(?<![\w:/.}])(/[\w/.*@-]+)", text):
            yield who, path


def is_there(path: str) -> bool:
    if path.startswith(KERNEL):
        return True
    if path in PACKAGED:
        return PACKAGED[path] in packages()
    inside = [path, *map(str, Path(path).parents)]
    return any(each in trees() or each in made() for each in inside)


def test_the_programs_read_their_configurations() -> None:
    config = agent.Config.read(PLACE / "agent.json")
    assert set(config.watched) <= KINDS
    assert (config.misses, config.period) == (3, 1.0)
    assert config.url.startswith("https://")
    shown = sign_in.Config.read(PLACE / "sign_in.json")
    assert shown.window == config.window
    assert shown.console[-1] == f"http://127.0.0.1:{shown.port}"
    for pattern in (config.ssh_pids, config.session_keys):
        assert str(Path(pattern).parent) == shown.directory


@pytest.mark.parametrize("broken", ["{}", "[]", '{"terminal": 1, "more": 2}'])
@pytest.mark.parametrize("config", [agent.Config, sign_in.Config])
def test_a_broken_configuration_stops_the_program(
    tmp_path: Path, broken: str, config: type[agent.Config]
) -> None:
    path = tmp_path / "program.json"
    path.write_text(broken)
    with pytest.raises(TypeError):
        config.read(path)


def test_the_programs_are_short_and_need_nothing_but_python() -> None:
    assert len((PROGRAMS / "agent.py").read_text(encoding="utf-8").splitlines()) <= 300
    for path in PROGRAMS.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        modules = {
            each.name for node in nodes if isinstance(node, ast.Import) for each in node.names
        }
        modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        foreign = {each for each in modules if not each.startswith("terminals.agent.")}
        assert {each.split(".")[0] for each in foreign} <= sys.stdlib_module_names, path.name


def test_the_recipe_takes_files_that_are_there() -> None:
    assert len(trees()) > 5
    own = {where for where in trees().values() if where.startswith("site/")}
    assert [where for where in {*trees().values()} - own if not (PLACE / where).exists()] == []
    page = (PLACE / "README.md").read_text(encoding="utf-8")
    assert [where for where in own if f"| `{where}` |" not in page] == []


def test_what_units_and_configurations_name_is_in_the_image() -> None:
    found = list(named())
    assert {"/usr/bin/python3", "/etc/terminal/ca.pem", "/run/terminal/ssh"} <= {
        path for _who, path in found
    }
    assert [(who, path) for who, path in found if not is_there(path)] == []
    assert set(BY_NAME.values()) <= packages()


def test_the_modules_that_units_start_are_in_the_image() -> None:
    to = "/usr/lib/python3/dist-packages/terminals/agent"
    assert (PLACE / trees()[to]).resolve() == PROGRAMS
    started = [
        name for unit in UNITS for line in values(unit, "ExecStart")
        for name in re.findall(r"-m terminals\.agent\.(\w+)", line)
    ]  # fmt: skip
    assert sorted(started) == ["agent", "check", "sign_in"]
    assert all((PROGRAMS / f"{name}.py").exists() for name in started)


def test_users_are_made_and_units_are_started() -> None:
    for unit in UNITS:
        assert set(values(unit, "User", "Group")) <= users(), unit.name
    lines = (PLACE / "tmpfiles.conf").read_text(encoding="utf-8").splitlines()
    assert {line.split()[3] for line in lines if line.startswith("d ")} <= users()
    preset = (PLACE / "terminal.preset").read_text(encoding="utf-8").splitlines()
    for unit in UNITS:
        timed = unit.with_suffix(".timer")
        assert f"enable {unit.name}" in preset or f"enable {timed.name}" in preset
    assert preset[-1] == "disable *"


def test_what_a_unit_writes_it_may_write() -> None:
    """Below a file system that is read-only, and past owners where it has to be."""
    (agents,) = (unit for unit in UNITS if unit.name == "terminal-agent.service")
    config = agent.Config.read(PLACE / "agent.json")
    written = values(agents, "ReadWritePaths")
    assert str(Path(config.session_keys).parent) in written
    assert str(Path(config.window).parent) in {
        f"/run/{name}" for name in values(agents, "RuntimeDirectory")
    }
    assert set(values(agents, "CapabilityBoundingSet")[0].split()) == {
        "CAP_DAC_OVERRIDE",
        "CAP_KILL",
    }
    (kiosk,) = (unit for unit in UNITS if unit.name == "kiosk.service")
    assert values(kiosk, "ReadWritePaths") == [
        sign_in.Config.read(PLACE / "sign_in.json").directory
    ]
    # To darken is to restart: what comes up again knows nothing of the session before.
    assert config.blank[-1] == kiosk.name
    assert values(kiosk, "Restart") == ["always"]


def test_the_packet_filter_lets_through_where_the_programs_go() -> None:
    rules = (PLACE / "nftables.conf").read_text(encoding="utf-8")
    agents = re.search(r"https://([\d.]+)/", agent.Config.read(PLACE / "agent.json").url)
    assert agents is not None
    host, _colon, port = sign_in.Config.read(PLACE / "sign_in.json").centre.partition(":")
    for address, number in ((agents[1], "443"), (host, port)):
        assert f"ip daddr {address} tcp dport {number} accept" in rules


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_finds_nothing_wrong_with_the_units() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, UNITS)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    about = [line for line in done.stderr.splitlines() if str(PLACE) in line]
    assert about == []


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


def test_what_a_laptop_can_ask_itself_are_questions_of_the_checklist() -> None:
    assert check.SOUND == SOUND
    assert {item.code for item in CHECKLIST} - set(check.CHECKS) == {"case", "attached"}

"""Production's description agrees with the demonstration, with the schema, and with the settings.

Neither image nor units are run here; what can be checked without doing so is.
"""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from scif.runtime.keys import SIGNING_KEYS, SYMMETRIC_KEYS
from scif.runtime.places import make_places
from scif.runtime.postgres import OWNER, Postgres
from scif.runtime.processes import CONTROL, GATEWAY, INGESTER, SEQUENCER, WEB, Installation
from scif.runtime.supervisor import Process
from scif.runtime.valkey import Valkey
from tests.architecture.sources import ROOT

GATEWAY_NAME = "MAIN"
VAR = "/var/lib/scif"
SERVERS = {"postgres", "valkey"}
# What each process may hold; docs/keys.md says what for.
KEYS = {
    "migrate": set[str](),
    "web": {"control.ed25519", "control.pub", "osdp.master", "pin.hmac", "report.crt"},
    "worker": {"control.ed25519", "report.p12"},
    "beat": set[str](),
    "sequencer": {"journal.ed25519"},
    "ingester": {"control.ed25519", "edge.MAIN.pub", "osdp.master", "pin.hmac"},
    "control": {
        *("control.pub", "harness.ed25519", "laptops.pem", "pin.hmac", "session_ca.ed25519"),
    },
    "gateway.MAIN": {
        *("control.pub", "pin.hmac", "nfc.master"),
        *("store.MAIN.aes", "edge.MAIN.ed25519", "readers.MAIN.siv"),
    },
}
COMPLETE = {
    "DJANGO_SETTINGS_MODULE": "scif.settings.production",
    "ALLOWED_HOSTS": "scif.example",
    "JOURNAL_ORIGIN": "scif.example/journal",
    "DB_HOST": "/run/postgresql",
    "DB_NAME": "scif",
    "DB_USER": "scif_web",
    "DB_PASSWORD": "secret",
    "VALKEY_URL": "unix:///run/valkey/valkey.sock",
    "SCIF_KEYS": "/run/keys",
    "SCIF_VAR": VAR,
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return loaded


@pytest.fixture
def demo(tmp_path: Path) -> dict[str, Process]:
    """The demonstration's processes with one gateway, by name; nothing is started."""
    places = make_places(tmp_path)
    installation = Installation(places, Postgres(places), Valkey(places), port=8000)
    processes = [
        *installation.servers(),
        installation.migrate(),
        installation.pages(),
        *installation.services([GATEWAY_NAME]),
        *installation.helpers(),
    ]
    places.remove_sockets()
    return {process.name: process for process in processes}


def started(process: Process) -> list[str]:
    """What a process of the demonstration runs, as production would write it."""
    program, *words = process.start.args[0]  # type: ignore[attr-defined] # a partial of Child
    var = str(process.start.keywords["log"].parent.parent)  # type: ignore[attr-defined] # a partial of Child
    there = [word.replace(var, VAR).replace("127.0.0.1", "0.0.0.0") for word in words]
    return ["python" if program == sys.executable else program, *there]


def test_compose_keeps_to_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests/architecture/vendor/compose-spec.json").read_text("utf-8"))
    faults = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(compose)
    ]
    assert not faults


def test_compose_runs_the_processes_of_the_demonstration(
    compose: dict[str, Any], demo: dict[str, Process]
) -> None:
    assert set(compose["services"]) == set(demo)
    for name in set(demo) - SERVERS:
        assert sorted(compose["services"][name]["command"]) == sorted(started(demo[name])), name


def test_each_process_has_its_own_database_role(compose: dict[str, Any]) -> None:
    roles = {
        "migrate": OWNER,
        "sequencer": SEQUENCER,
        "ingester": INGESTER,
        "control": CONTROL,
        "gateway.MAIN": f"{GATEWAY}MAIN",
    }
    for name, service in compose["services"].items():
        if name not in SERVERS:
            role = roles.get(name, WEB)
            assert service["environment"]["DB_USER"] == role
            assert service["environment"]["DB_PASSWORD_FILE"].endswith(role.replace("scif_", "db_"))


def test_a_process_of_the_demonstration_and_a_unit_have_the_role_of_compose(
    compose: dict[str, Any], demo: dict[str, Process]
) -> None:
    for name in set(demo) - SERVERS:
        role = compose["services"][name]["environment"]["DB_USER"]
        assert demo[name].start.keywords["env"]["DB_USER"] == role  # type: ignore[attr-defined] # a partial of Child
        unit = ROOT / f"deploy/systemd/scif-{name.replace('.MAIN', '@')}.service"
        file = role.removeprefix("scif_").replace("gateway_MAIN", "gateway-%i")
        assert f"EnvironmentFile=/etc/scif/{file}.env\n" in unit.read_text("utf-8"), name


def test_each_process_holds_its_own_keys_and_no_other(compose: dict[str, Any]) -> None:
    for name, keys in KEYS.items():
        held = {
            Path(secret["target"]).name: compose["secrets"][secret["source"]]["file"]
            for secret in compose["services"][name]["secrets"]
            if isinstance(secret, dict)
        }
        assert set(held) == keys, name
        assert {Path(file).name for file in held.values()} == keys, name
    made = {f"{name}.ed25519" for name in SIGNING_KEYS} | set(SYMMETRIC_KEYS)
    made |= {"report.p12", "report.crt", "laptops.pem"}
    assert made <= set().union(*KEYS.values())


def test_every_secret_volume_and_name_is_declared_and_used(compose: dict[str, Any]) -> None:
    used = {
        secret["source"] if isinstance(secret, dict) else secret
        for service in compose["services"].values()
        for secret in service.get("secrets", ())
    }
    assert used == set(compose["secrets"])
    volumes = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
    }
    # A path, or one that the environment names, is a directory of the host.
    assert {name for name in volumes if not name.startswith((".", "$"))} == set(compose["volumes"])


def test_only_web_and_control_have_a_network_and_nothing_simulates(compose: dict[str, Any]) -> None:
    networked = [
        name
        for name, service in compose["services"].items()
        if service.get("network_mode") != "none"
    ]
    assert networked == ["web", "control"]
    assert "SIMULATORS" not in json.dumps(compose)
    assert "SCIF_SIM_DIR" not in json.dumps(compose)


def test_the_image_takes_pinned_requirements_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "--require-hashes -r /tmp/base.txt" in text
    assert text.count("\nFROM ") == 2
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER scif$", last, re.MULTILINE)
    for copied in re.findall(r"^COPY (?!--from)(\S+(?: \S+)*) \S+$", text, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name


def test_units_run_the_processes_of_the_demonstration(demo: dict[str, Process]) -> None:
    units = {path.stem: path for path in (ROOT / "deploy/systemd").glob("*.service")}
    wanted = {f"scif-{name.replace('.MAIN', '@')}" for name in set(demo) - SERVERS}
    assert set(units) == wanted
    for name in set(demo) - SERVERS:
        text = units[f"scif-{name.replace('.MAIN', '@')}"].read_text("utf-8")
        found = re.search(r"^ExecStart=(.+?)(?<!\\)$", text, re.MULTILINE | re.DOTALL)
        assert found, name
        words = found[1].replace("\\\n", " ").replace("%i", GATEWAY_NAME).replace("%%", "%").split()
        assert words[0] == "/opt/scif/venv/bin/python"
        expected = [word.replace("0.0.0.0", "127.0.0.1") for word in started(demo[name])[1:]]
        assert sorted(words[1:]) == sorted(expected), name


def test_a_unit_is_given_its_own_keys_and_no_other() -> None:
    common = (ROOT / "deploy/systemd/scif.env").read_text("utf-8")
    # A file of settings would overrule what the unit says.
    assert "SCIF_KEYS" not in common
    for name, keys in KEYS.items():
        path = ROOT / f"deploy/systemd/scif-{name.replace('.MAIN', '@')}.service"
        text = path.read_text("utf-8").replace("%i", GATEWAY_NAME)
        given = set(re.findall(r"^LoadCredential=(\S+):/etc/scif/keys/\1$", text, re.MULTILINE))
        assert given == keys, name
        assert ("SCIF_KEYS=%d" in text) == bool(keys), name


def _production(*words: str, **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(64),
        **COMPLETE,
        **changed,
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


def test_django_finds_nothing_wrong_with_a_complete_production() -> None:
    done = _production("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"DJANGO_SETTINGS_MODULE"}))
def test_a_missing_setting_stops_the_start(name: str) -> None:
    done = _production("check", **{name: ""})
    assert done.returncode != 0
    assert name in done.stderr


@pytest.mark.parametrize(
    "changed",
    [
        {"SECRET_KEY": "demo-key-not-for-production"},
        {"SIMULATORS": "1"},
        {"SCIF_SIM_DIR": "/run/sim"},
    ],
)
def test_production_refuses_what_belongs_to_the_demonstration(changed: dict[str, str]) -> None:
    done = _production("check", **changed)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr

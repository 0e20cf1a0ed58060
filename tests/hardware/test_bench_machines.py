"""The machine room's page over a supervised process, a broker and a gateway of its own."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from access.services.unlock import unlock_request
from hardware.gateway.process import GatewayProcess
from hardware.models import Command, InboxEvent
from hardware.services.dispatch import commands_send
from scif.alarms.models import Alarm
from scif.celery import app
from scif.facilities.models import Portal
from scif.people.models import Person
from scif.runtime.postgres import Postgres
from tests.flows.desk_world import actor_named
from tests.hardware.bench_rig import gateway, machine_room
from tests.hardware.desk_devices import until
from tests.hardware.rig import ROOT, Sim
from tests.logins import signed_in
from tests.roles import ingest

PAGE = "/bench/b7/machines/"
QUEUE = "gateway.b7"


@pytest.fixture
def guard(bench_world: None) -> Client:
    """A guard of b7, signed in."""
    return signed_in("m.okafor")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A supervisor over processes that bear the names of the real ones; where they leave marks."""
    with machine_room() as place:
        monkeypatch.setenv("SCIF_MACHINE_ROOM", str(place / "machines.sock"))
        yield place


def _act(client: Client, act: str) -> str:
    answer = client.post(f"{PAGE}act/", {"act": act}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _text(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def _pids(place: Path, name: str) -> list[int]:
    return [int(path.suffix[1:]) for path in place.glob(f"{name}.[0-9]*")]


def test_every_fault_says_what_to_see_where_and_the_way_back(
    guard: Client, bench: Sim, place: Path
) -> None:
    text = _text(guard)
    for words in (
        "The database is gone",
        "The broker is gone",
        "Gateway b7 dies",
        "The disk of Gateway b7 is full",
        "A process of the centre dies",
        "Somebody holds the broker",
        "talks with the key that everybody knows",
    ):
        assert words in text
    faults = text.split('<section class="fault"')[1:]
    assert len(faults) == 7
    for fault in faults:
        assert fault.count("You should see") == fault.count("Way back") == 1
        assert 'class="where"><a href="/' in fault
        assert "<button" in fault


def test_a_killed_gateway_is_another_process_soon(guard: Client, bench: Sim, place: Path) -> None:
    (before,) = _pids(place, QUEUE)
    assert "started again" in _act(guard, "kill:b7")
    until(lambda: len(_pids(place, QUEUE)) == 2)
    assert not psutil.pid_exists(before)


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_goes_and_the_page_says_for_how_long(
    guard: Client, bench: Sim, place: Path, name: str
) -> None:
    assert "comes back by itself" in _act(guard, name)
    until(lambda: "Away, started again in" in _text(guard))
    assert "away already" in _act(guard, name)


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits are Linux's")
def test_a_disk_is_filled_and_freed(guard: Client, bench: Sim, place: Path) -> None:
    (pid,) = _pids(place, QUEUE)
    assert "writes nothing any more" in _act(guard, "fill:b7")
    assert psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE)[0] == 0
    assert "Full for" in _text(guard)
    assert "writes again" in _act(guard, "free:b7")
    assert psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE)[0] != 0


def test_a_reader_gets_the_default_key_and_its_own_again(
    guard: Client, bench: Sim, place: Path
) -> None:
    code = next(r for r in ("R1", "R2", "R3", "R4") if f'value="default:{r}"' in _text(guard))
    assert bench.reader(code)["keyed"]
    assert "Done." in _act(guard, f"default:{code}")
    assert not bench.reader(code)["keyed"]
    assert "It has the default key" in _text(guard)
    assert "Done." in _act(guard, f"undo-default:{code}")
    assert bench.reader(code)["keyed"]


@pytest.mark.parametrize(
    "act", ["", "kill:ml", "kill:b7-x", "kill:web", "fill:ml", "forge:ml", "stop:b7", "default:b7"]
)
def test_any_other_act_is_refused(guard: Client, bench: Sim, place: Path, act: str) -> None:
    assert "This cannot be done here." in _act(guard, act)
    assert len(_pids(place, QUEUE)) == 1


def test_a_poll_brings_what_has_changed_and_nothing_else(
    guard: Client, bench: Sim, place: Path
) -> None:
    seen = _text(guard).split('name="seen" value="')[1].split('"')[0]
    poll = {"HX-Request": "true"}
    assert guard.get(PAGE, {"seen": seen}, headers=poll).status_code == 204
    _act(guard, "fill:b7")
    told = guard.get(PAGE, {"seen": seen}, headers=poll).content.decode()
    assert 'id="bench-machines"' in told
    assert "Full for" in told


def test_without_a_supervisor_it_says_so_and_kills_nothing(guard: Client, bench: Sim) -> None:
    assert "Nobody supervises this system." in _text(guard)
    for act in ("postgres", "valkey", "kill:b7", "kill:sequencer", "fill:b7", "free:b7"):
        assert "Nobody supervises" in _act(guard, act)


def test_a_supervisor_that_is_gone_is_said_to_be(
    guard: Client, bench: Sim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCIF_MACHINE_ROOM", str(tmp_path / "machines.sock"))
    assert "Nobody supervises this system." in _text(guard)
    assert "do not answer" in _act(guard, "postgres")


def test_without_script_the_page_comes_back_with_the_answer(guard: Client, bench: Sim) -> None:
    answer = guard.post(f"{PAGE}act/", {"act": "stop"}, follow=True)
    assert "This cannot be done here." in answer.content.decode()


def test_strangers_see_nothing_and_nobody_is_tricked(guard: Client, settings: Settings) -> None:
    assert guard.get("/bench/ml/machines/").status_code == 404
    assert guard.post("/bench/ml/machines/act/", {"act": "postgres"}).status_code == 404
    assert signed_in("i.carvalho").get(PAGE).status_code == 404
    assert "/login/" in Client().get(PAGE)["Location"]
    assert guard.get(f"{PAGE}act/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="m.okafor"))
    assert strict.post(f"{PAGE}act/", {"act": "postgres"}).status_code == 403


def test_settings_without_virtual_devices_have_no_machine_room(
    guard: Client, settings: Settings
) -> None:
    settings.SIMULATORS = False
    for name in ("bench-machines", "bench-machines-act"):
        assert guard.get(reverse(name, args=["b7"])).status_code == 404
        assert guard.post(reverse(name, args=["b7"]), {"act": "postgres"}).status_code == 404
    code = """
import django
from django.conf import settings
from django.urls import Resolver404, resolve
django.setup()
settings.SIMULATORS = False
for page in ("/bench/b7/machines/", "/bench/b7/machines/act/"):
    try:
        resolve(page)
    except Resolver404:
        continue
    raise SystemExit("there is a machine room")
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# Orders


def _deliver(running: GatewayProcess) -> None:
    """Take the next order from the broker to the gateway, as its worker does."""
    with app.connection_for_read() as broker, broker.SimpleQueue(QUEUE) as queue:
        message = queue.get(timeout=10)
        (envelope, signature), _options, _embedded = message.payload
        message.ack()
    running.gateway.submit_command(envelope, signature)


def _refused() -> list[str]:
    ingest()
    events = InboxEvent.objects.filter(kind="command.refused", gateway="b7", quarantine="")
    events = events.exclude(applied_at=None)
    return [str(event.body["reason"]) for event in events.order_by("seq")]


def test_false_orders_are_refused_each_for_its_reason_and_alarmed(
    guard: Client, bench: Sim, postgres: Postgres, tmp_path: Path
) -> None:
    okafor = Person.objects.get(name="Michael Okafor")
    with gateway(postgres, tmp_path) as running:
        assert "No order has gone to" in _act(guard, "repeat:b7")
        expected: list[str] = []
        assert "must refuse it" in _act(guard, "forge:b7")
        _deliver(running)
        expected.append("signature")
        until(lambda: _refused() == expected)
        assert set(_alarms().values_list("subject", flat=True)) >= {"b7: signature"}

        actor = actor_named("m.okafor")
        portal = Portal.objects.filter(zone__area__facility__code="b7").order_by("code")[0]
        genuine = unlock_request(portal_id=portal.pk, person_id=okafor.pk, actor=actor)
        assert commands_send() == 1
        _deliver(running)
        until(lambda: _received(genuine))

        for act, reason in (("alter", "signature"), ("repeat", "repeated"), ("delay", "expired")):
            assert "must refuse it" in _act(guard, f"{act}:b7")
            _deliver(running)
            expected.append(reason)
            until(lambda: _refused() == expected)
    late = Command.objects.exclude(pk=genuine.pk).get()
    assert (late.state, late.reason) == ("refused", "expired")


def _alarms() -> QuerySet[Alarm]:
    return Alarm.objects.filter(kind="command_refused", subject__startswith="b7", closed_at=None)


def _received(command: Command) -> bool:
    ingest()
    events = InboxEvent.objects.filter(kind="command.received", gateway="b7")
    return events.filter(body__command_id=str(command.pk)).exists()

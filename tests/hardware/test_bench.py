"""The bench's page over real virtual devices: what it shows, does, refuses, and hides."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from hardware.models import InboxEvent
from hardware.services.delivery import delivery_watch
from hardware.services.ingest import INGESTER
from scif.alarms.models import Alarm
from scif.facilities.models import Facility
from scif.gateway import clock_of
from scif.kernel.clock import now
from scif.runtime.postgres import Postgres
from tests.hardware.bench_rig import (
    answering,
    gateway,
    virtual_devices,
)
from tests.hardware.desk_devices import until
from tests.hardware.rig import ROOT, Sim
from tests.logins import signed_in
from tests.roles import ingest

PAGE = "/bench/b7/"


@pytest.fixture
def guard(bench_world: None) -> Client:
    """A guard of b7, signed in."""
    return signed_in("m.okafor")


def _act(client: Client, device: str, act: str) -> str:
    verb, _, lock = act.partition(":") if device == "K1" else (act, "", "")
    fields = {"at": device, "act": verb, "lock": lock}
    answer = client.post(f"{PAGE}act/", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _marks(text: str) -> dict[str, list[str]]:
    marks: dict[str, list[str]] = {}
    for name, value in re.findall(r'data-mark name="(\w+)" value="([^"]*)"', text):
        marks.setdefault(name, []).append(value)
    return marks


def _text(client: Client, at: str = "R3") -> str:
    answer = client.get(PAGE, {"at": at})
    assert answer.status_code == 200
    return answer.content.decode()


def test_cards_say_what_they_are(guard: Client, bench: Sim) -> None:
    text = _text(guard)
    for words in ("G-77 Michael Okafor<span>guard", "Blank card<span>card-01", "Unknown card"):
        assert words in text


def test_cards_lie_in_piles_and_are_found_by_their_words(guard: Client, bench: Sim) -> None:
    text = _text(guard)
    piles = [text.index(words) for words in ("Of who works here", "Not of this", "Blank, erased")]
    assert piles == sorted(piles)
    for find, found, gone in (
        ("okafor", "G-77 Michael Okafor", "Unknown card"),
        ("CARD-03", "Unknown card", "Michael Okafor<span>"),
        ("nobody", "No card matches.", "Blank card"),
    ):
        shown = guard.get(PAGE, {"at": "R3", "find": find}).content.decode()
        assert found in shown
        assert gone not in shown


def test_a_card_of_one_facility_is_unknown_at_the_other(guard: Client, bench: Sim) -> None:
    text = signed_in("e.hughes").get("/bench/ml/").content.decode()
    assert "Okafor" not in text
    assert "Unknown card<span>card-02" in text


def board(bench: Sim) -> dict[str, Any]:
    found: dict[str, Any] = bench.do("state")["state"]["b7-io"]["boards"]["IO1"]
    return found


@pytest.mark.parametrize(
    ("device", "act", "met"),
    [
        ("R3", "cover", lambda bench: bench.reader("R3")["tamper"]),
        ("R3", "cable", lambda bench: not bench.reader("R3")["powered"]),
        ("R3", "supply", lambda bench: bench.reader("R3")["on_battery"]),
        ("R3", "default", lambda bench: not bench.reader("R3")["keyed"]),
        ("R3", "clear", lambda bench: bench.reader("R3")["clear"]),
        ("R3", "other", lambda bench: bench.reader("R3")["other_key"]),
        ("R3", "stall", lambda bench: bench.do("state")["state"]["b7-osdp"]["stalled"]),
        ("IO1", "stall", lambda bench: bench.do("state")["state"]["b7-io"]["stalled"]),
        ("R3", "slow:0.1", lambda bench: bench.do("state")["state"]["b7-osdp"]["slow"] == 0.1),
        ("R3", "noise:0.2", lambda bench: bench.do("state")["state"]["b7-osdp"]["noise"] == 0.2),
        ("R3", "loss:0.2", lambda bench: bench.do("state")["state"]["b7-osdp"]["loss"] == 0.2),
        ("R3", "prop", lambda bench: bench.door("D3")["open"]),
        ("R3", "press", lambda bench: any(bench.reader("R3")["inputs"])),
        ("IO1", "cable", lambda bench: not board(bench)["powered"]),
        ("IO1", "in:4", lambda bench: board(bench)["inputs"][4]),
        ("R3", "force", lambda bench: bench.door("D3")["open"]),
        ("R3", "leave", lambda bench: bench.door("D3")["open"]),
        ("R4", "bus", lambda bench: not bench.do("state")["state"]["b7-osdp"]["plugged"]),
        ("K1", "jam:6", lambda bench: bench.do("state")["state"]["b7-lockers"]["jammed"][6]),
        ("K1", "open:6", lambda bench: not bench.do("state")["state"]["b7-lockers"]["shut"][6]),
        ("N1", "place:card-01", lambda bench: bench.do("state")["state"]["b7-desk"]["card"]),
        ("N1", "silent", lambda bench: bench.do("state")["state"]["b7-desk"]["silent"]),
        ("b7", "clock:-90", lambda bench: bench.do("state")["skew"] == -90),
    ],
)
def test_a_hand_moves_the_device(
    guard: Client, bench: Sim, device: str, act: str, met: Callable[[Sim], object]
) -> None:
    assert not met(bench)
    assert "Done." in _act(guard, device, act)
    assert met(bench)
    undo = {"cover", "cable", "bus", "jam:6", "silent", "supply", "default", "clear", "in:4"}
    if act in undo | {"other", "stall"}:
        assert "Done." in _act(guard, device, f"undo-{act}")
        assert not met(bench)


@pytest.mark.parametrize(
    ("device", "act", "why"),
    [
        ("R3", "push", "D3 is locked"),
        ("R3", "tap:../b7", "not a card"),
        ("R3", "rekey:00", "cannot do that"),
        ("R3", "jam:1", "cannot do that"),
        ("K1", "jam:x", "cannot do that"),
        ("IO1", "in:9", "no input 9"),
        ("IO1", "in:x", "cannot do that"),
        ("IO1", "force", "nothing here"),
        ("R3", "clone:../b7", "not a card"),
        ("K1", "jam:99", "numbered 0 to 15"),
        ("N1", "noise:9", "between 0 and 1"),
        ("N1", "", "cannot do that"),
        ("R3", "slow:1e9", "60 s at the most"),
        ("IO1", "slow:nan", "60 s at the most"),
        ("R3", "tap:\0", "not a card"),
        ("b7", "clock:86401", "by a day at the most"),
        ("b7", "clock:nan", "by a day at the most"),
        ("b7", "clock:x", "cannot do that"),
        ("b7", "push", "cannot do that"),
        ("R3", "clone:\0", "not a card"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    guard: Client, bench: Sim, device: str, act: str, why: str
) -> None:
    assert why in _act(guard, device, act)


def test_a_code_that_no_device_can_have_is_not_found(guard: Client, bench: Sim) -> None:
    for code in ("R3\0", "nothing"):
        answer = guard.post(f"{PAGE}act/", {"at": code, "act": "push"})
        assert answer.status_code == 404
        assert guard.get(PAGE, {"at": code}).status_code < 500


def test_without_script_the_page_comes_back_with_the_answer(guard: Client, bench: Sim) -> None:
    answer = guard.post(f"{PAGE}act/", {"at": "R3", "act": "push"}, follow=True)
    assert "D3 is locked" in answer.content.decode()


def test_a_poll_sends_what_has_changed(guard: Client, bench: Sim) -> None:
    seen = _marks(_text(guard))
    quiet = guard.get(f"{PAGE}state/", {"at": "R3", **seen}).content.decode()
    assert "bench-plan" not in quiet
    assert "<tr" not in quiet
    bench.do("force", door="D3")
    bench.do("type", reader="R3", digits="4711#")
    told = guard.get(f"{PAGE}state/", {"at": "R3", **seen}).content.decode()
    assert "bench-plan" in told
    assert "Leaf opens" in told
    assert "5 keys typed" in told
    assert "4711" not in told
    later = guard.get(f"{PAGE}state/", {"at": "R3", **_marks(told)}).content.decode()
    assert "<tr" not in later


def test_a_process_that_begins_anew_is_heard_from_its_start(guard: Client) -> None:
    with virtual_devices() as first:
        for _ in range(20):
            first.do("cover", reader="R3", open=True)
        seen = _marks(_text(guard))
    with virtual_devices() as second:
        second.do("force", door="D4")
        told = guard.get(f"{PAGE}state/", {"at": "R3", **seen}).content.decode()
    assert "Leaf opens" in told


def test_devices_away_are_said_to_be_away(guard: Client) -> None:
    assert "The virtual devices of b7 do not answer" in _text(guard)
    assert "do not answer" in _act(guard, "R3", "push")


def test_a_blank_card_comes_out_of_the_box(guard: Client, bench: Sim) -> None:
    assert "card-04 lies in the drawer" in _act(guard, "N1", "blank")
    assert "Blank card<span>card-04" in _text(guard, "N1")


def test_a_uid_can_be_copied_and_is_no_badge(guard: Client, bench: Sim) -> None:
    assert "copy-01 lies in the drawer" in _act(guard, "R3", "clone:card-02")
    assert "UID copy<span>copy-01" in _text(guard)
    assert bench.do("tap", reader="R3", card="copy-01")["read"] == "uid"


def test_the_panels_say_what_can_be_broken(guard: Client, bench: Sim) -> None:
    words_of_a_reader = ("Lose key", "Another key", "No Secure Channel", "Fail supply")
    for words in (*words_of_a_reader, "Prop door open", "Block line", "Noise", "Lose frames"):
        assert words in _text(guard)
    _act(guard, "R3", "loss:0.2")
    assert 'class="btn on" form="bench-act" name="act" value="loss:0"' in _text(guard)
    shown = _text(guard, "IO1")
    for words in ("Panel: alarm", "Panel: trouble", "Open cover", "Cut its supply", "Cut bus"):
        assert words in shown
    assert "Cut the broker" in _text(guard, "b7")


def test_other_facilities_and_strangers_see_nothing(guard: Client) -> None:
    assert guard.get("/bench/ml/").status_code == 404
    assert guard.get("/bench/nowhere/").status_code == 404
    assert guard.post("/bench/ml/act/", {"at": "M1R", "act": "push"}).status_code == 404
    assert guard.post(f"{PAGE}act/", {"at": "M1R", "act": "push"}).status_code == 404
    assert signed_in("i.carvalho").get(PAGE).status_code == 404
    assert "/login/" in Client().get(PAGE)["Location"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="m.okafor"))
    assert strict.post(f"{PAGE}act/", {"at": "R3", "act": "push"}).status_code == 403
    assert guard.get(f"{PAGE}act/").status_code == 405


def test_without_virtual_devices_nothing_answers(guard: Client, settings: Settings) -> None:
    settings.SIMULATORS = False
    for name in ("bench", "bench-state", "bench-act"):
        assert guard.get(reverse(name, args=["b7"])).status_code == 404


def test_settings_without_virtual_devices_have_no_address() -> None:
    code = """
import django
from django.conf import settings
from django.urls import Resolver404, resolve
django.setup()
settings.SIMULATORS = False
try:
    resolve("/bench/b7/")
except Resolver404:
    raise SystemExit(0)
raise SystemExit("there is a bench")
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_facility_without_devices_has_a_page(guard: Client) -> None:
    Facility.objects.filter(code="b7").update(floor_plan={"width": 10, "height": 10})
    assert _text(guard)


def test_a_read_is_followed_from_the_card_to_the_decision(
    guard: Client, bench: Sim, postgres: Postgres, tmp_path: Path
) -> None:
    with gateway(postgres, tmp_path):
        seen = _marks(_text(guard))
        assert "Done." in _act(guard, "R3", "tap:card-03")

        def decided() -> bool:
            ingest()
            return InboxEvent.objects.filter(kind="door.read", body__outcome="refused").exists()

        until(decided)
        text = guard.get(f"{PAGE}state/", {"at": "R3", **seen}).content.decode()
        assert "Gateway b7 decides" in _text(guard)
        # A busy machine's gateway may lose its reader for a moment and find it again.
        until(lambda: "Secure Channel up, " in _text(guard))
    assert re.search(r"Refused in \d+ ms", text)
    assert "Unknown card held to it" in text
    assert "Card read, handed to the gateway" in text
    assert re.search(r"53 80 [0-9A-F]{2} .* RAW \+ MAC", text)
    assert "Please see the guard" in text
    assert re.search(r"<dt>Guard</dt><dd>\w.+</dd><dt>Officer</dt><dd>.+Policy ", text)


def test_a_clock_set_wrong_is_told_and_lets_nobody_in_but_everybody_out(
    guard: Client, bench: Sim, postgres: Postgres, tmp_path: Path
) -> None:
    known = list(InboxEvent.objects.values_list("pk", flat=True))

    def events(kind: str, **body: object) -> QuerySet[InboxEvent]:
        ingest()
        match = {f"body__{name}": value for name, value in body.items()}
        return InboxEvent.objects.filter(kind=kind, **match).exclude(pk__in=known)

    def seen(kind: str, **body: object) -> bool:
        return events(kind, **body).exists()

    def alarm() -> bool:
        ingest()
        delivery_watch(actor=INGESTER)
        return Alarm.objects.filter(kind="clock_offset", subject="b7", closed_at=None).exists()

    with gateway(postgres, tmp_path):
        assert "Set clock 90 s ahead" in _text(guard, "b7")
        assert not alarm()
        assert "Done." in _act(guard, "b7", "clock:90")
        assert "Clock set +90 s off" in _text(guard, "b7")
        until(lambda: seen("clock.jumped"))
        until(alarm)
        assert re.search(r"clock (89|90)\.\d s ahead", _text(guard, "b7"))
        # The line of readers begins anew after a jump: libosdp goes by the wall clock.
        until(lambda: answering() and seen("device.online", device="R3X"))
        assert "Done." in _act(guard, "R3", "tap:card-02")
        until(lambda: seen("door.read", reader="R3", outcome="refused"))
        read = events("door.read", reader="R3").get()
        codes = {each["code"] for each in read.body["objections"]}
        assert "clock_off" in codes
        assert read.clock_offset_ms is not None
        assert -91_000 < read.clock_offset_ms < -89_000
        assert "Done." in _act(guard, "R3X", "tap:card-02")
        until(lambda: seen("door.read", reader="R3X", outcome="granted"))
        assert re.search(r"edge journal \d+, clock (89|90)\.\d s ahead", _text(guard, "b7"))
        assert "Done." in _act(guard, "b7", "clock:0")
        assert "Clock set right" in _text(guard, "b7")
        until(lambda: not alarm())


def test_a_reader_with_another_key_is_told_and_lets_nobody_in(
    guard: Client, bench: Sim, postgres: Postgres, tmp_path: Path
) -> None:
    known = list(InboxEvent.objects.values_list("pk", flat=True))

    def seen(kind: str, **body: object) -> bool:
        ingest()
        match = {f"body__{name}": value for name, value in {"device": "R3", **body}.items()}
        return InboxEvent.objects.filter(kind=kind, **match).exclude(pk__in=known).exists()

    with gateway(postgres, tmp_path):
        assert "Done." in _act(guard, "R3", "other")
        assert "Exchanged for one with another key" in _text(guard)  # later lines push it out
        until(lambda: seen("device.insecure", reason="wrong_key"))
        ingest()  # it may have come between the look and the ingester's before
        assert Alarm.objects.filter(kind="device_insecure", subject="R3", closed_at=None).exists()
        reads = InboxEvent.objects.filter(kind="door.read").exclude(pk__in=known)
        assert "Done." in _act(guard, "R3", "tap:card-02")
        shown = _text(guard)
        assert "Talks without Secure Channel" in shown or "No gateway talks to it" in shown
        known += InboxEvent.objects.values_list("pk", flat=True)
        assert "Done." in _act(guard, "R3", "undo-other")
        until(lambda: seen("device.online"))
        assert not reads.exists()


def test_without_virtual_devices_a_gateway_has_the_systems_clock(
    settings: Settings, tmp_path: Path
) -> None:
    """Even beside a file that says otherwise."""
    settings.PORT_DIR = tmp_path
    (tmp_path / "b7.skew").write_text("90")
    assert timedelta(seconds=80) < clock_of("b7")() - now() <= timedelta(seconds=90)
    settings.SIMULATORS = False
    assert clock_of("b7") is now

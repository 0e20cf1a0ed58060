"""The laptop's agent with a TPM in software, speaking to the centre's own address."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from terminals.agent.agent import Agent, Config, Tpm, https_post, live
from terminals.models import Attestation, Heartbeat, Terminal
from terminals.selectors.heartbeat import check_last
from terminals.services.attestation import attestation_ask
from terminals.services.enrolment import terminal_confirm, terminal_enrol, terminal_seal
from terminals.services.lock import terminal_lock
from tests.flows.desk_world import make_world
from tests.flows.terminal_world import Store, ticking
from tests.soft_tpm import HANDLE, SoftTpm, soft_tpm

INDEX = "0x1500010"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("seeded_world"),
    pytest.mark.tpm,
]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture(scope="module")
def tpm() -> Iterator[SoftTpm]:
    with soft_tpm() as running:
        running.measure(11, b"\x0b" * 32)
        yield running


@dataclass
class Laptop:
    """A laptop in the store, with its agent; ``away`` takes its network away."""

    store: Store
    terminal: Terminal
    tpm: SoftTpm
    place: Path
    agent: Agent = field(init=False)
    away: bool = False
    sent: list[tuple[bytes, str]] = field(default_factory=list)

    def start(self) -> None:
        """The agent as the image starts it."""
        work = self.place / "work"
        work.mkdir(exist_ok=True)
        # A child that stands for ssh: ends only when it is killed.
        self.ssh = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        (self.place / "ssh.pid").write_text(str(self.ssh.pid))
        (self.place / "session.key").write_bytes(b"secret")
        (self.place / "seal").write_text("whole")
        config = Config(
            identity=INDEX,
            url="/terminals/{terminal}/heartbeat/",
            ca="",
            window=str(self.place / "window"),
            handle=HANDLE,
            blank=["touch", str(self.place / "dark")],
            ssh_pids=str(self.place / "*.pid"),
            session_keys=str(self.place / "session.*"),
            watched={
                "seal": [str(self.place / "seal")],
                "usb": [str(self.place / "usb*")],
                "check": [str(self.place / "result")],
            },
        )
        tpm = Tpm(HANDLE, work, self.tpm.env)
        self.tpm.inscribe(INDEX, {"terminal": str(self.terminal.pk), "serial": "SN-01"})
        self.agent = Agent(config, tpm.identity(INDEX), tpm, self.post, begun=1)

    def post(self, body: bytes, signature: str) -> bytes:
        """To the centre's address, unless the network is away."""
        if self.away:
            raise OSError("no route")
        self.sent.append((body, signature))
        return self.deliver(body, signature)

    def deliver(self, body: bytes, signature: str) -> bytes:
        response = Client().post(
            self.agent.config.url.format(terminal=self.terminal.pk),
            body,
            content_type="application/json",
            headers={"X-Signature": signature},
        )
        if response.status_code != 200:
            raise OSError(response.status_code)
        return bytes(response.content)

    def dark(self) -> bool:
        """Whether all three happened: screen, ssh, key."""
        ended = self.ssh.wait(10) if self.agent.still else self.ssh.poll()
        return (
            (self.place / "dark").exists()
            and ended is not None
            and not (self.place / "session.key").exists()
        )


@pytest.fixture
def laptop(tpm: SoftTpm, tmp_path: Path) -> Iterator[Laptop]:
    store = Store(make_world())
    values = {number: value.hex() for number, value in tpm.pcrs().items()}
    terminal = terminal_enrol(
        facility_id=store.world.facility.pk,
        asset_tag="LT-01",
        serial="SN-01",
        image_id=store.image(pcrs=values).pk,
        attestation_public=tpm.public,
        endorsement_public=tpm.endorsement_public,
        actor=store.first,
    )
    terminal_seal(terminal_id=terminal.pk, place="lid", number="S-1", reason="", actor=store.first)
    terminal_confirm(
        terminal_id=terminal.pk,
        endorsement_sha256=terminal.endorsement_sha256,
        actor=store.second,
    )
    found = Laptop(store, terminal, tpm, tmp_path)
    found.start()
    yield found
    found.ssh.kill()
    found.ssh.wait(10)


def kinds() -> list[str]:
    return [entry.fields["kind"] for entry in Outbox.objects.order_by("pk")]


def test_it_is_heard_and_answers_a_nonce_in_its_next_word(laptop: Laptop) -> None:
    assert laptop.agent.step()
    assert Heartbeat.objects.get().seq == 1
    asked = attestation_ask(terminal_id=laptop.terminal.pk, actor=laptop.store.guard)
    assert laptop.agent.step()
    assert laptop.agent.nonce == asked.nonce
    assert laptop.agent.step()
    assert Attestation.objects.get().outcome == "accepted"
    assert not laptop.agent.nonce
    assert not laptop.dark()


def test_three_words_without_an_answer_darken_it(laptop: Laptop) -> None:
    assert laptop.agent.step()
    laptop.away = True
    assert [laptop.agent.step() for _ in range(2)] == [False, False]
    assert not laptop.dark()
    laptop.agent.step()
    assert laptop.dark()
    laptop.away = False
    assert laptop.agent.step()
    assert "terminal.shut_seen" in kinds()


def test_a_lock_from_afar_darkens_it(laptop: Laptop) -> None:
    terminal_lock(terminal_id=laptop.terminal.pk, reason="Talks", actor=laptop.store.guard)
    assert laptop.agent.step()
    assert laptop.dark()


def test_a_seal_that_breaks_is_quarantine_and_a_stick_an_alarm(laptop: Laptop) -> None:
    (laptop.place / "usb1").write_text("stick")
    assert laptop.agent.step()
    assert Alarm.objects.get().kind == "terminal_usb"
    (laptop.place / "seal").write_text("broken")
    assert laptop.agent.step()
    assert laptop.store.again(laptop.terminal).state == "quarantined"
    assert laptop.dark()


def test_what_it_finds_of_itself_is_told_and_a_fault_is_an_alarm(laptop: Laptop) -> None:
    (laptop.place / "result").write_text("as built")
    assert laptop.agent.step()
    assert "terminal.check_seen" in kinds()
    sound = check_last(laptop.terminal)
    assert sound is not None
    assert sound.sound
    assert not Alarm.objects.exists()
    (laptop.place / "result").write_text("not as built: ports (usb1)")
    assert laptop.agent.step()
    assert Alarm.objects.get().kind == "terminal_check_failed"
    told = check_last(laptop.terminal)
    assert told is not None
    assert (told.said, told.sound) == ("not as built: ports (usb1)", False)


def test_what_was_seen_while_it_was_away_is_told_later(laptop: Laptop) -> None:
    laptop.away = True
    (laptop.place / "usb1").write_text("stick")
    laptop.agent.step()
    laptop.away = False
    laptop.agent.step()
    assert "terminal.usb_seen" in kinds()


def test_a_word_is_heard_once_and_no_altered_one(laptop: Laptop) -> None:
    laptop.agent.step()
    body, signature = laptop.sent[0]
    with pytest.raises(OSError, match="403"):
        laptop.deliver(body, signature)
    with pytest.raises(OSError, match="403"):
        laptop.deliver(body.replace(b'"seq": 1', b'"seq": 9'), signature)
    with pytest.raises(OSError, match="403"):
        laptop.deliver(body, "no hexadecimal digits")


def test_an_answer_that_is_none_counts_as_missed(laptop: Laptop) -> None:
    answers: list[Any] = [
        b"",
        json.dumps({"seq": 99, "nonce": None, "still": False, "session": None}).encode(),
        json.dumps({"seq": 3, "nonce": "; reboot", "still": False, "session": None}).encode(),
    ]
    laptop.agent.post = lambda body, signature: bytes(answers.pop(0))
    assert [laptop.agent.step() for _ in range(3)] == [False] * 3
    assert laptop.dark()


def test_it_speaks_to_one_place_over_https_only(laptop: Laptop) -> None:
    with pytest.raises(ValueError, match="https only"):
        https_post(laptop.agent.config, "any")


def test_a_late_step_shifts_none_after_it(laptop: Laptop) -> None:
    class EndError(Exception):
        pass

    time, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        time[0] += seconds + (0.3 if len(slept) == 2 else 0)
        if len(slept) == 4:
            raise EndError

    laptop.away = True
    with pytest.raises(EndError):
        live(laptop.agent, sleep, lambda: time[0])
    assert slept == [1.0, 1.0, 0.7, 1.0]

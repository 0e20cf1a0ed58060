"""The gateway inside a real Celery worker: a process with threads, a broker, and neither."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from redis import Redis

from scif.kernel.canonical import canonical_json
from scif.runtime.keys import make_gateway_key

ROOT = Path(__file__).resolve().parents[2]
SIGNER = Ed25519PrivateKey.generate()
QUEUE = "gateway.gtest"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    keys.mkdir()
    public = SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    (keys / "control.pub").write_text(public.hex())
    make_gateway_key(keys, "gtest")
    return tmp_path


@pytest.fixture
def start(place: Path) -> Generator[Callable[[str], subprocess.Popen[bytes]]]:
    """Start a worker with a broker of this address and a database that is not there."""
    children: list[subprocess.Popen[bytes]] = []

    def start(broker: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "VALKEY_URL": broker,
            "SCIF_VAR": str(place),
            "SCIF_KEYS": str(place / "keys"),
            "DB_HOST": str(place / "nothing-here"),
            "DJANGO_SETTINGS_MODULE": "scif.settings.test",
        }
        with (place / "worker.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.hardware.gateway_worker", "gtest", "-c", "2"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        children.append(child)
        return child

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()


def journal(place: Path) -> list[tuple[str, dict[str, object]]]:
    """Kinds and bodies in the worker's edge journal."""
    path = place / "gateways" / "gtest" / "edge.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute("SELECT kind, body FROM event ORDER BY seq").fetchall()
        except sqlite3.OperationalError:
            return []  # its tables are being made
    return [(kind, json.loads(body)) for kind, body in rows]


def until(place: Path, true: Callable[[], object], seconds: float = 30) -> None:
    end, pause = time.monotonic() + seconds, threading.Event()
    while not true():
        assert time.monotonic() < end, (place / "worker.log").read_text()
        pause.wait(0.05)


def kinds(place: Path) -> list[str]:
    return [kind for kind, _ in journal(place)]


def test_it_starts_with_broker_and_database_both_away(
    place: Path, start: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    child = start(f"unix://{place}/no-broker.sock")
    until(place, lambda: "gateway.started" in kinds(place))
    assert child.poll() is None


def send_unlock(target: str) -> None:
    """A genuine order, by the broker; the gateway answers it in its journal."""
    now = datetime.now(UTC)
    envelope = canonical_json(
        {
            "id": str(uuid4()),
            "gateway": "gtest",
            "target": target,
            "verb": "unlock",
            "args": {"person_id": "p"},
            "actor": "guard-1",
            "nonce": uuid4().hex,
            "issued_at": now.isoformat(),
            "deadline": (now + timedelta(seconds=60)).isoformat(),
        }
    )
    with Celery(broker=settings.CELERY_BROKER_URL) as app:
        app.send_task(
            "hardware.command",
            args=[envelope.decode(), SIGNER.sign(envelope).hex()],
            queue=QUEUE,
            ignore_result=True,
        )


def test_a_command_from_the_broker_reaches_the_gateway_and_the_worker_ends_cleanly(
    place: Path, start: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    child = start(os.environ["VALKEY_URL"])
    send_unlock("D9")
    until(place, lambda: "command.failed" in kinds(place))
    assert dict(journal(place))["command.failed"]["reason"] == "no_such_portal"
    child.send_signal(signal.SIGTERM)
    child.wait(20)
    assert child.returncode == 0


def test_the_doors_do_not_wait_for_what_they_do_not_need(place: Path) -> None:
    seen = "import sys, scif.gateway; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{seen}; assert 'django.db' not in sys.modules"],
        cwd=ROOT,
        env={**os.environ, "SCIF_VAR": str(place), "DJANGO_SETTINGS_MODULE": "scif.settings.test"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "access" in loaded
    assert not loaded & {"celery", "kombu", "psycopg", "redis", "channels", "reportlab"}


NOT_MESSAGES = (
    b"not json",
    b"\xff\xfe\x00",
    b"[]",
    b"{}",
    b"null",
    b'{"body": 7, "headers": [], "properties": {}}',
    b'{"body": "e30=", "headers": {}, "properties": {"delivery_info": {}, "delivery_tag": 1}}',
    (
        b'{"body": "!", "headers": {"task": "x"}, "content-type": "application/x-python-serialize",'
        b' "content-encoding": "binary", "properties": {"body_encoding": "base64",'
        b' "delivery_tag": "t", "delivery_info": {"exchange": "", "routing_key": "q"}}}'
    ),
)


def test_nothing_that_lies_in_the_broker_ends_the_doors(
    place: Path, start: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    child = start(os.environ["VALKEY_URL"])
    until(place, lambda: "gateway.started" in kinds(place))
    with Redis.from_url(os.environ["VALKEY_URL"]) as broker:
        for poison in NOT_MESSAGES:
            broker.lpush(QUEUE, poison)
    with Celery(broker=settings.CELERY_BROKER_URL) as app:
        app.control.shutdown()
    send_unlock("D9")
    until(place, lambda: "command.failed" in kinds(place), 60)
    assert child.poll() is None
    assert kinds(place).count("gateway.started") == 1

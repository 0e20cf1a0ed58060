"""The demonstration's facility b7 with its virtual devices and its gateway, for tests of the bench.

Simulators run in a process of their own; the gateway runs in threads of the test, with the
product's decision, and speaks to the test's database as its own role.
"""

import hashlib
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from access.decider import AccessDecider
from access.events import BadgeChanged
from access.models import Badge, BadgeAssignment
from hardware.drivers.desfire_keys import AID, FILE, KeyNumber, card_key
from hardware.gateway.process import GatewayProcess
from hardware.models import GatewayStatus
from hardware.simulators.cards import Application, CardFile
from hardware.simulators.skew import skewed
from scif.console.bench.world import card_store, directory
from scif.facilities.models import Facility
from scif.kernel.clock import now
from scif.kernel.events import publish
from scif.kernel.keys import KeyStore
from scif.people.models import Person
from scif.runtime.keys import make_gateway_key
from scif.runtime.postgres import Postgres
from tests.hardware.desk_devices import until
from tests.hardware.rig import ROOT, Sim, simulators
from tests.roles import ingest

GATEWAY = "b7"
BADGE = "G-77"


def seed() -> None:
    """The demonstration's world, and a drawer of three cards: a blank, a guard's, a stranger's."""
    call_command("seed_demo", history=False)
    drawer_empty(keep=())
    card_store().create("card-01")
    badge_give(encode("card-02"), BADGE, "Michael Okafor")
    encode("card-03")


@contextmanager
def machine_room() -> Iterator[Path]:
    """A supervisor over processes that bear the names of the real ones; where they leave marks.

    Its socket is `machines.sock` there.
    """
    with tempfile.TemporaryDirectory(prefix="scif-room-") as name:
        names = ("postgres", "valkey", "gateway.b7", "sequencer", "ingester")
        popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.hardware.supervised", name),
                *(f"+{each}" for each in names),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert popen.stdout
        assert any("serving" in line for line in popen.stdout)
        try:
            yield Path(name)
        finally:
            popen.terminate()
            popen.communicate(timeout=60)


def drawer_empty(*, keep: tuple[str, ...] = ("card-01", "card-02", "card-03")) -> None:
    """Throw away the cards that are not to be kept."""
    for name in card_store().names():
        if name not in keep:
            card_store().delete(name)


def encode(name: str) -> bytes:
    """A card that a desk reader has written; its number."""
    store = card_store()
    card, number = store.create(name), secrets.token_bytes(16)
    master = KeyStore(settings.KEY_DIR).secret("nfc.master")
    keys = [card_key(master, key, card.uid) for key in KeyNumber]
    card.applications[AID] = Application(keys, files={FILE: CardFile(number, access=0x12F0)})
    store.save(name, card)
    return number


def badge_give(number: bytes, code: str, name: str) -> Badge:
    """A badge in somebody's hand, known to the doors."""
    with transaction.atomic():
        badge = Badge.objects.create(
            facility=Facility.objects.get(code="b7"),
            code=code,
            kind="guard",
            state="issued",
            number_sha256=hashlib.sha256(number).hexdigest(),
        )
        person = Person.objects.get(name=name)
        BadgeAssignment.objects.create(badge=badge, person=person, issued_at=now())
        publish(BadgeChanged(badge.pk))
    return badge


@contextmanager
def virtual_devices() -> Iterator[Sim]:
    """The devices of b7, as the seed wrote them down."""
    config = json.loads((directory() / f"{GATEWAY}.json").read_text())
    with simulators(directory(), config) as sim:
        yield sim


@contextmanager
def gateway(postgres: Postgres, var: Path) -> Iterator[GatewayProcess]:
    """The gateway b7, once it has told the centre that its readers answer."""
    make_gateway_key(settings.KEY_DIR, GATEWAY)
    name = f"scif_gateway_{GATEWAY}"
    role = {"USER": name, "PASSWORD": postgres.password(name)}
    running = GatewayProcess(
        GATEWAY,
        directory=var / GATEWAY,
        keys=settings.KEY_DIR,
        database={**connections["default"].settings_dict, **role},
        decider=AccessDecider(KeyStore(settings.KEY_DIR).secret("pin.hmac")),
        ports=directory(),
        clock=skewed(directory(), GATEWAY, now),
    )
    running.start()
    try:
        until(answering)
        yield running
    finally:
        running.stop()


def answering() -> bool:
    """Whether the centre has heard that every reader has its Secure Channel."""
    ingest()
    status = GatewayStatus.objects.filter(gateway=GATEWAY).first()
    devices = status.state.get("devices", {}) if status else {}
    return all(devices.get(code, {}).get("secure") for code in ("R3", "R3X", "R4", "R4X"))

"""The processes of the demonstration: what each runs, as which database role, when it is ready.

The same commands, with a server's own PostgreSQL and Valkey, are the services of production.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scif.runtime.child import Child
from scif.runtime.laptops import Laptops
from scif.runtime.places import Places, listens
from scif.runtime.postgres import DATABASE, OWNER, PORT, Postgres
from scif.runtime.supervisor import Process
from scif.runtime.valkey import Valkey

PROJECT = Path(__file__).resolve().parent.parent.parent
SETTINGS = "scif.settings.demo"
WEB, SEQUENCER, INGESTER = "scif_web", "scif_sequencer", "scif_ingester"
CONTROL = "scif_control"
GATEWAY = "scif_gateway_"  # with the gateway's code behind it
_CELERY = ("-m", "celery", "-A", "scif.celery")
_WORKER = ("worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
_CELERY_READY = " ready."


@dataclass(frozen=True)
class Installation:
    """The servers and files that the processes share."""

    places: Places
    postgres: Postgres
    valkey: Valkey
    port: int

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, role: str, name: str) -> dict[str, str]:
        """Give the environment of a process that connects to the database as `role`."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "SCIF_VAR": str(self.places.var),
            "SCIF_KEYS": str(self.places.keys),
            "SCIF_SIM_DIR": str(self.places.simulators),
            "SCIF_MACHINE_ROOM": str(self.places.machine_room),
            "DB_HOST": str(self.postgres.socket_directory),
            "DB_PORT": str(PORT),
            "DB_NAME": DATABASE,
            "DB_USER": role,
            "DB_PASSWORD": self.postgres.password(role),
            "DB_APP": name,
            "VALKEY_URL": self.valkey.url,
            "PYTHONUNBUFFERED": "1",
            **self.laptops.environment(),
        }

    @property
    def laptops(self) -> Laptops:
        """The bastion's and the harness's files and addresses."""
        return Laptops(self.places)

    def beyond(self, engagements: Sequence[str]) -> list[Process]:
        """The bastion and a stand-in for the lab's harness; no database, no key of the centre."""
        laptops = self.laptops
        env = {"PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1"}
        return [
            self._python(
                *("bastion", "Bastion", *laptops.bastion()),
                env=env,
                ready=_says("Listening on port"),
            ),
            self._python(
                *("harness", "Stand-in for a lab's harness", *laptops.harness(engagements)),
                env=env,
                ready=_says('"ready"'),
            ),
        ]

    def _python(
        self,
        name: str,
        title: str,
        *arguments: str,
        role: str = WEB,
        env: Mapping[str, str] | None = None,
        ready: Callable[[Child], bool] | None = None,
        once: bool = False,
    ) -> Process:
        start = partial(
            Child,
            [sys.executable, *arguments],
            env=env or self.environment(role, name),
            log=self.places.log / f"{name}.log",
            cwd=PROJECT,
        )
        seconds = 600 if once else 60
        return Process(name, title, start, ready=ready, once=once, ready_seconds=seconds)

    def servers(self) -> list[Process]:
        """PostgreSQL and Valkey."""
        return [
            Process(
                "postgres",
                "PostgreSQL",
                self.postgres.start,
                ready=lambda _: self.postgres.ready(),
                stop_signal=self.postgres.stop_signal,
                death_signal=self.postgres.death_signal,
            ),
            Process("valkey", "Valkey", self.valkey.start, ready=lambda _: self.valkey.ready()),
        ]

    def migrate(self) -> Process:
        """Bring the database's tables up to date, as their owner."""
        return self._python(
            "migrate", "Tables", "manage.py", "migrate", "--noinput", role=OWNER, once=True
        )

    def seed(self) -> Process:
        """Write the demonstration's facilities, people and history, and the device files.

        As the ingester, since a week of door events goes through the inbox.
        """
        return self._python(
            "seed", "Demonstration data", "manage.py", "seed_demo", role=INGESTER, once=True
        )

    def simulators(self) -> list[Process]:
        """One process for each device file that the seed wrote; no keys, no database."""
        return [self._simulator(path) for path in sorted(self.places.simulators.glob("*.json"))]

    def _simulator(self, path: Path) -> Process:
        name = json.loads(path.read_text())["name"]
        env = {"PATH": os.environ.get("PATH", ""), "SCIF_SIM_DIR": str(self.places.simulators)}
        control = self.places.simulators / f"{name}.sock"
        return self._python(
            f"simulator.{name}",
            f"Virtual devices {name}",
            *("-m", "hardware.simulators", str(path)),
            env={**env, "PYTHONUNBUFFERED": "1"},
            ready=lambda _: listens(control),
        )

    def pages(self) -> Process:
        """The web: what people wait for first."""
        uvicorn = ("-m", "uvicorn", "scif.asgi:application", "--host", "127.0.0.1")
        return self._python(
            *("web", "Web", *uvicorn, "--port", str(self.port)),
            *("--no-access-log", "--lifespan", "off", "--timeout-graceful-shutdown", "3"),
            # A live screen's messages are a few words: packing each costs more than it saves.
            *("--ws-per-message-deflate", "false"),
            ready=lambda _: _answers(self.address),
        )

    def services(self, gateways: Sequence[str]) -> list[Process]:
        """What doors wait for: a gateway for each of the names, and the record."""
        return [
            self._python(
                "sequencer", "Journal sequencer", "manage.py", "sequencer", role=SEQUENCER
            ),
            self._python("ingester", "Ingester", "manage.py", "ingester", role=INGESTER),
            *(
                self._python(
                    *(f"gateway.{name}", f"Gateway {name}", "-m", "scif.gateway", name),
                    role=f"{GATEWAY}{name}",
                    ready=_says(_CELERY_READY),
                )
                for name in gateways
            ),
        ]

    def helpers(self) -> list[Process]:
        """What works beside them, and may come last."""
        beat = self.places.var / "beat"
        beat.mkdir(exist_ok=True)
        return [
            self._python(
                *("worker", "Worker", *_CELERY, *_WORKER, "-Q", "work", "-n", "work@%h"),
                *("--concurrency", "2"),
                ready=_says(_CELERY_READY),
            ),
            self._python(
                *("beat", "Schedule", *_CELERY, "beat", "--pidfile="),
                *("--schedule", str(beat / "schedule")),
            ),
            self._python(
                *("control", "Laptop sessions", "manage.py", "terminals_control"),
                role=CONTROL,
                ready=_says("listening for laptops"),
            ),
        ]


def _says(text: str) -> Callable[[Child], bool]:
    return lambda child: text in child.output()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/", timeout=2):  # noqa: S310  our own loopback address
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False

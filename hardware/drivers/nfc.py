"""The desk reader: a PN532 on a serial port, driven by libnfc in a child process.

A chip that falls silent blocks libnfc for ever. So the child says at every turn that it is alive;
when it stops saying so it is killed, and another is started after a pause that grows.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.drivers.installed import BusConfig
from hardware.drivers.nfc_words import read_line
from scif.kernel.keys import KeyStore

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")  # the rest may hold secrets
# libnfc must not look for readers of its own accord: it would open other devices' ports.
LIBNFC = {"LIBNFC_AUTO_SCAN": "false", "LIBNFC_LOG_LEVEL": "0"}
MAX_LINE = 65536
WORDS = {Verb.CARD_ENCODE: "encode", Verb.CARD_ERASE: "erase"}


@dataclass(frozen=True, slots=True)
class DeskTiming:
    """Times of a desk reader, in seconds."""

    silence: float = 3.0  # without a word from the child: kill it
    start: float = 8.0  # the same until it has opened the reader
    first_pause: float = 0.5  # before the next child; doubles with each that fails
    longest_pause: float = 30.0


class DeskReader:
    """Driver of one desk reader.

    ONLINE forgets what lay on the reader: a card that is there is reported anew.

    INVARIANT: `turn` waits for nothing but the child's pipe, and for that only its budget.
    INVARIANT: the key goes to the child by its pipe alone.
    """

    def __init__(
        self,
        *,
        device: str,
        port: str,
        nfc_master: bytes,
        baud: int = 115200,
        timing: DeskTiming | None = None,
    ) -> None:
        self.device = device
        self.port = port
        self.baud = baud
        self.timing = timing or DeskTiming()
        self._master = nfc_master
        self._child: subprocess.Popen[bytes] | None = None
        self._ended: list[subprocess.Popen[bytes]] = []
        self._heard = bytearray()
        self._heard_at = 0.0
        self._online: bool | None = None
        self._next_start = 0.0
        self._pause = self.timing.first_pause
        self._waiting: list[str] = []
        self._events: list[DeviceEvent] = []

    @property
    def child_pid(self) -> int | None:
        """The process that talks to the chip now."""
        return self._child.pid if self._child is not None else None

    def open(self) -> None:
        """Start the child; `turn` starts the next one if it fails."""
        self._start(time.monotonic())

    def close(self) -> None:
        """Kill the child."""
        child = self._child
        self._lose("closed")
        if child is not None:
            with suppress(subprocess.TimeoutExpired):
                child.wait(1.0)

    def traffic(self) -> Mapping[str, Traffic]:
        """Nothing: libnfc keeps its frames to itself."""
        return {}

    def submit(self, command: DeviceCommand) -> bool:
        """Take CARD_ENCODE or CARD_ERASE for the card that lies on the reader.

        Where the command names a ``uid``, another card than that one fails as ``card_changed``.
        """
        if not self._online or self._child is None or self._child.stdin is None:
            return False
        word = WORDS.get(command.verb)
        if word is None:
            self._fail(command.command_id, "unsupported")
            return True
        asked = {"do": word, "id": command.command_id, **command.args}
        request = json.dumps(asked).encode() + b"\n"
        try:
            os.write(self._child.stdin.fileno(), request)
        except OSError:  # full or broken: the child hears nothing, and its silence ends it
            return False
        self._waiting.append(command.command_id)
        return True

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Hear the child; returns early when there is something to report."""
        end = time.monotonic() + budget
        while True:
            now = time.monotonic()
            self._ended = [child for child in self._ended if child.poll() is None]
            if self._child is None and now >= self._next_start:
                self._start(now)
            if self._child is None:
                select.select([], [], [], max(0.0, min(end, self._next_start) - now))
            else:
                self._listen(self._child, max(0.0, end - now))
            if self._events or time.monotonic() >= end:
                break
        events, self._events = self._events, []
        return events

    def _start(self, now: float) -> None:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        try:
            child = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
                [sys.executable, "-m", "hardware.drivers.nfc_child", self.port, str(self.baud)],
                cwd=ROOT,
                env=environment | LIBNFC,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        except OSError:
            self._lose("no_process")
            return
        self._child, self._heard_at = child, now
        self._heard.clear()
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            with suppress(OSError):  # a child that died at once is noticed by its silence
                os.write(
                    child.stdin.fileno(),
                    json.dumps({"master": self._master.hex()}).encode() + b"\n",
                )

    def _listen(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        patience = self.timing.silence if self._online else self.timing.start
        left = self._heard_at + patience - time.monotonic()
        if left <= 0:
            self._lose("silent")
            return
        if child.stdout is None or not select.select([child.stdout], [], [], min(seconds, left))[0]:
            return
        data = os.read(child.stdout.fileno(), MAX_LINE)
        self._heard_at = time.monotonic()
        self._heard += data
        while self._child is child and b"\n" in self._heard:
            line, _, rest = bytes(self._heard).partition(b"\n")
            self._heard[:] = rest
            try:
                self._obey(read_line(line))
            except ValueError:  # garbled, or about a command that nobody gave
                self._lose("garbled")
        if self._child is child and (not data or len(self._heard) > MAX_LINE):
            self._lose("child_ended" if not data else "garbled")

    def _obey(self, line: dict[str, Any]) -> None:
        """Turn one line of the child into events."""
        match line["said"]:
            case "alive":
                pass
            case "ready":
                self._online, self._pause = True, self.timing.first_pause
                self._emit(Signal.ONLINE, {"secure": False})
            case "present":
                self._emit(Signal.CARD_PRESENT, {"uid": line["uid"], "number": line["number"]})
            case "removed":
                self._emit(Signal.CARD_REMOVED, {})
            case "encoded" | "erased" as said:
                facts = {"uid": line["uid"], "number": line["number"]}
                self._waiting.remove(line["id"])
                if said == "encoded":
                    self._emit(Signal.CARD_ENCODED, facts, line["id"])
                self._emit(Signal.DELIVERED, facts, line["id"])
            case "failed":
                self._waiting.remove(line["id"])
                self._fail(line["id"], line["reason"])
            case "fatal":
                self._lose(line["reason"])

    def _lose(self, reason: str) -> None:
        """Kill the child, say why once, and wait before the next."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
            self._ended.append(child)
        self._next_start = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, self.timing.longest_pause)
        for command_id in self._waiting:
            self._fail(command_id, "unconfirmed")
        self._waiting.clear()
        if self._online is not False:
            self._online = False
            self._emit(Signal.OFFLINE, {"reason": reason})

    def _fail(self, command_id: str, reason: str) -> None:
        self._emit(Signal.FAILED, {"reason": reason}, command_id)

    def _emit(self, signal: Signal, data: dict[str, Any], command_id: str | None = None) -> None:
        self._events.append(DeviceEvent(self.device, signal, time.monotonic(), data, command_id))


def build(bus: BusConfig, keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError, KeyMissingError."""
    return DeskReader(
        device=bus.only().code,
        port=bus.port,
        nfc_master=keys.secret("nfc.master"),
        baud=bus.baud,
    )

"""The agent on a locked-down laptop: says each second that it is there, and falls silent loudly.

Python's standard library and tpm2-tools, nothing else. It decides nothing and nobody trusts it:
what counts is what its TPM signs. Each second it sends a heartbeat, signed by the attestation key;
the answer may hold a nonce, which the next heartbeat answers with a quote. After ``misses``
heartbeats without an answer, or when told to keep still, it blanks the screen, kills ssh and wipes
the session's key; the way back is to authenticate at the laptop anew (``sign_in.py``).

    python3 -m terminals.agent.agent /etc/terminal/agent.json
"""

import argparse
import glob
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from terminals.agent.window import Window

MOST_ANSWER = 4096
MOST_EVENTS = 16
MOST_SEEN = 200
TOOL_SECONDS = 5
PCRS = "sha256:0,7,11"

Post = Callable[[bytes, str], bytes]


@dataclass(frozen=True)
class Config:
    """``/etc/terminal/agent.json``; paths and patterns are those of the image.

    ``url`` has a place for the laptop's id; ``identity`` is the TPM's NV index that holds it, so
    that one image serves all laptops; ``window`` is the sign-in program's socket. ``period`` and
    ``timeout`` are seconds; ``watched`` names, for each kind of event, the files whose names and
    contents must stay as they are; ``blank`` is the command that darkens the screen.
    """

    identity: str
    url: str
    ca: str
    window: str
    handle: str
    blank: Sequence[str]
    ssh_pids: str
    session_keys: str
    watched: Mapping[str, Sequence[str]]
    period: float = 1.0
    timeout: float = 0.8
    misses: int = 3

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Read the file; what is missing or unknown stops the agent, and with it the kiosk."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Identity:
    """Which laptop this is: its id at the centre, and the maker's serial number."""

    terminal: str
    serial: str


class Signer(Protocol):
    """What the agent needs of a TPM: TPMT_SIGNATURE; TPMS_ATTEST over a nonce, and its own."""

    def sign(self, body: bytes) -> bytes: ...
    def quote(self, nonce: str) -> tuple[bytes, bytes]: ...


class Tpm:
    """The laptop's TPM, by tpm2-tools; files in a directory of memory."""

    def __init__(self, handle: str, place: Path, env: Mapping[str, str] | None = None) -> None:
        self._handle, self._place = handle, place
        self._env = dict(env) if env is not None else None

    def sign(self, body: bytes) -> bytes:
        """TPMT_SIGNATURE over a text; the ticket says that it is none of the TPM's own words."""
        (self._place / "body").write_bytes(body)
        self._tool("hash", "-C", "o", "-g", "sha256", "-o", "digest", "-t", "ticket", "body")
        self._tool(
            *("sign", "-c", self._handle, "-g", "sha256", "-s", "ecdsa", "-d"),
            *("-t", "ticket", "-o", "signature", "digest"),
        )
        self._flush()
        return (self._place / "signature").read_bytes()

    def quote(self, nonce: str) -> tuple[bytes, bytes]:
        """TPMS_ATTEST over the nonce, in hex, and TPMT_SIGNATURE."""
        self._tool(
            *("quote", "-c", self._handle, "-l", PCRS, "-q", nonce, "-g", "sha256"),
            *("-m", "quote", "-s", "quoted"),
        )
        self._flush()
        return (self._place / "quote").read_bytes(), (self._place / "quoted").read_bytes()

    def identity(self, index: str) -> Identity:
        """What two people wrote into the TPM when the laptop was enrolled."""
        self._tool("nvread", index, "-o", "identity")
        return Identity(**json.loads((self._place / "identity").read_bytes()))

    def _flush(self) -> None:
        # Without a resource manager whatever was loaded stays until nothing fits any more.
        self._tool("flushcontext", "-t")

    def _tool(self, *words: str) -> None:
        subprocess.run(  # noqa: S603  fixed words of this file and its configuration, no shell
            ["tpm2", *words],  # noqa: S607  the image's own
            cwd=self._place,
            env=self._env,
            check=True,
            capture_output=True,
            timeout=TOOL_SECONDS,
        )


def https_post(config: Config, terminal: str) -> Post:
    """Send to the one address, whose certificate only the image's own authority may have made."""
    if not config.url.startswith("https://"):
        raise ValueError("the agent speaks https only")
    url = config.url.format(terminal=terminal)
    context = ssl.create_default_context(cafile=config.ca)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )

    def post(body: bytes, signature: str) -> bytes:
        headers = {"X-Signature": signature, "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers)  # noqa: S310  https by its configuration
        with opener.open(request, timeout=config.timeout) as answer:
            found: bytes = answer.read(MOST_ANSWER)
            return found

    return post


def seen(patterns: Sequence[str]) -> dict[str, str]:
    """What stands in the watched files, by path."""
    found = {}
    for path in sorted(path for pattern in patterns for path in glob.glob(pattern)):  # noqa: PTH207  patterns are absolute
        try:
            found[path] = Path(path).read_text(errors="replace")[:MOST_SEEN].strip()
        except OSError:
            found[path] = "-"
    return found


@dataclass
class Agent:
    """One laptop's agent; ``step`` is one second of its life."""

    config: Config
    identity: Identity
    tpm: Signer
    post: Post
    begun: int
    seq: int = 0
    missed: int = 0
    still: bool = False
    session: dict[str, Any] | None = None
    nonce: str | None = None
    events: list[dict[str, str]] = field(default_factory=list)
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = {kind: seen(each) for kind, each in self.config.watched.items()}

    def step(self) -> bool:
        """Look, speak, hear; says whether an answer came. Keeps still where it has to."""
        self.look()
        try:
            self.hear(self.speak())
        except Exception:
            self.missed += 1
            if self.missed >= self.config.misses and not self.still:
                self.shut("no answer")
            return False
        self.missed = 0
        return True

    def look(self) -> None:
        """Note what has changed in the watched files; of very much, the newest."""
        for kind, patterns in self.config.watched.items():
            before, now = self.known[kind], seen(patterns)
            for path in sorted({*before, *now}):
                if before.get(path) != now.get(path):
                    self.note(kind, f"{path}: {now.get(path, 'gone')}")
            self.known[kind] = now

    def note(self, kind: str, text: str) -> None:
        """Keep an event until it was heard."""
        plain = "".join(letter if letter.isprintable() else " " for letter in text)
        self.events = [*self.events, {"kind": kind, "seen": plain[:MOST_SEEN]}][-MOST_EVENTS:]

    def speak(self) -> bytes:
        """Send one heartbeat; gives the answer."""
        self.seq += 1
        answer = None
        if self.nonce is not None:
            quote, signature = self.tpm.quote(self.nonce)
            answer = {"nonce": self.nonce, "quote": quote.hex(), "signature": signature.hex()}
        said = {
            "terminal": self.identity.terminal,
            "begun": self.begun,
            "seq": self.seq,
            "events": self.events,
            "answer": answer,
        }
        body = json.dumps(said).encode()
        return self.post(body, self.tpm.sign(body).hex())

    def hear(self, answer: bytes) -> None:
        """Take the orders; an answer to another heartbeat is none."""
        orders: dict[str, Any] = json.loads(answer)
        if orders["seq"] != self.seq:
            raise ValueError("an answer to something else")
        nonce = orders["nonce"]
        # Hex and nothing else: it becomes a word of a command.
        self.nonce = bytes.fromhex(nonce).hex() if nonce is not None else None
        self.events, self.session = [], orders["session"]
        if orders["still"] is not False and not self.still:
            self.shut("told to keep still")
        elif orders["still"] is False:
            self.still = False

    def word(self) -> dict[str, Any]:
        """What the sign-in program is told, through the window."""
        return {"still": self.still, "serial": self.identity.serial, "session": self.session}

    def shut(self, why: str) -> None:
        """Blank the screen, kill ssh, wipe the session's key. What fails stops nothing else."""
        self.still = True
        self.note("shut", why)
        for act in (self._wipe, self._kill, self._blank):
            try:
                act()
            except Exception as error:
                sys.stderr.write(f"{act.__name__}: {error}\n")

    def _wipe(self) -> None:
        """The session's private key and certificate lie in memory; overwritten, then gone."""
        for path in map(Path, glob.glob(self.config.session_keys)):  # noqa: PTH207  a pattern, absolute
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                os.fsync(file.fileno())
            path.unlink()

    def _kill(self) -> None:
        for path in map(Path, glob.glob(self.config.ssh_pids)):  # noqa: PTH207  a pattern, absolute
            try:
                os.kill(int(path.read_text()), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                continue  # ended already, or not yet begun

    def _blank(self) -> None:
        subprocess.run(  # noqa: S603  a command of the image's own configuration
            list(self.config.blank), check=True, capture_output=True, timeout=TOOL_SECONDS
        )


def live(agent: Agent, wait: Callable[[float], None], monotonic: Callable[[], float]) -> None:
    """A step each period, for ever; a late one does not shift those after it."""
    due = monotonic()
    while True:
        agent.step()
        due = max(due + agent.config.period, monotonic() - agent.config.period)
        wait(max(0.0, due - monotonic()))


def main() -> None:
    """Run until the laptop is switched off."""
    parser = argparse.ArgumentParser(description="Agent of a locked-down laptop")
    parser.add_argument("config", type=Path)
    config = Config.read(parser.parse_args().config)
    with tempfile.TemporaryDirectory(prefix="agent-") as place:
        tpm = Tpm(config.handle, Path(place))
        identity = tpm.identity(config.identity)
        post = https_post(config, identity.terminal)
        agent = Agent(config, identity, tpm, post, begun=int(time.time() * 1000))
        window = Window(Path(config.window), agent.word, tpm.quote)
        live(agent, window.wait, time.monotonic)


if __name__ == "__main__":
    main()

"""The bastion beside plain `sshd`, in the same run and by turns: connecting, typing, streaming;
then how soon it cuts. Clients are stock `ssh`; servers and harness are processes of their own.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scif.runtime.libraries import SSH, SSHD, install
from terminals.bastion.wire import Scope
from tests.bastion.crowd import streams
from tests.bastion.harness import Harness
from tests.bastion.papers import Papers
from tests.bastion.process import Spawned
from tests.bastion.rig import PATIENCE, Laptop, config_of
from tests.bench.plain_sshd import LOGIN, PRINCIPAL, plain_sshd
from tests.bench.table import ROOT, Row, row

KEYS = 400
MEGABYTES = 96
GIGABYTES = MEGABYTES / 1000
CUT_SESSIONS, LOCK_SESSIONS = 60, 200
STREAM = 40_000  # bytes a second for each session that is cut
MOST_CUT_MS, MOST_LOCK_MS = 50, 200
LEAST_SHARE = 0.6


@dataclass
class Side:
    """One of the two servers: how a client connects to it, and what was measured. Times in ms."""

    connect: Callable[[], Awaitable[Laptop]]
    process: int  # of the server
    cpu: dict[str, float] = field(default_factory=dict)  # its seconds for all streams of a way
    connects: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)  # MB/s
    up: list[float] = field(default_factory=list)


def measure(long: bool) -> list[Row]:
    """Both servers by turns, so that they see the same machine."""
    if lacking := install([SSH, SSHD]):
        return [row(f"bastion beside sshd: {lacking}", "both there", "missing", "", ok=False)]
    with tempfile.TemporaryDirectory() as directory:
        return asyncio.run(_measure(Path(directory), long))


async def _measure(directory: Path, long: bool) -> list[Row]:
    async with _servers(directory) as (made, ours, plain):
        for _ in range(150 if long else 40):
            for side in (ours, plain):
                await _connect(side)
        for side in (ours, plain):
            await _type(side)
        for _ in range(9 if long else 3):
            for side in (ours, plain):
                await _stream(side, "down", side.down, _stream_down)
                await _stream(side, "up", side.up, _stream_up)
        rows = _beside(ours, plain)
        cuts = [each for _ in range(5 if long else 1) for each in await _cuts(made)]
        rows += _cut_rows(cuts, await _lock(made))
    return rows


@asynccontextmanager
async def _servers(directory: Path) -> AsyncIterator[tuple[Spawned, Side, Side]]:
    papers = Papers(directory)
    config = config_of(directory, papers, lease=4_000_000, report_seconds=1.0)
    async with AsyncExitStack() as stack:
        harness = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bastion.harness",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        stack.push_async_callback(harness.wait)
        stack.callback(harness.kill)
        assert harness.stdout is not None
        beside = Harness()
        beside.port = int(await harness.stdout.readline())
        made = Spawned(config, papers, beside)
        stack.push_async_callback(made.close)
        await made.start()
        stack.push_async_callback(made.stop)
        sshd, port = await stack.enter_async_context(plain_sshd(directory, papers))
        to = f"127.0.0.1:{beside.port}"

        async def through_bastion() -> Laptop:
            return await made.connect(await made.admit())

        async def through_sshd() -> Laptop:
            paper = papers.certificate(PRINCIPAL, command="")
            return await made.ssh(paper, "-W", to, f"{LOGIN}@127.0.0.1", port=port)

        yield made, Side(through_bastion, made.process.pid), Side(through_sshd, sshd.pid)


async def _end(laptop: Laptop) -> None:
    laptop.process.terminate()
    await laptop.over()


async def _connect(side: Side) -> None:
    """From the start of `ssh` to the first byte of the harness."""
    begun = time.perf_counter()
    laptop = await side.connect()
    laptop.stdin.write(b"echo\n")
    if not await laptop.says(b"x"):
        raise RuntimeError("no byte came back")
    side.connects.append((time.perf_counter() - begun) * 1000)
    await _end(laptop)


async def _type(side: Side) -> None:
    laptop = await side.connect()
    laptop.stdin.write(b"echo\n")
    for _ in range(KEYS):
        begun = time.perf_counter()
        await laptop.says(b"k")
        side.keys.append((time.perf_counter() - begun) * 1000)
    await _end(laptop)


async def _stream(
    side: Side, way: str, rates: list[float], stream: Callable[[Side], Awaitable[float]]
) -> None:
    before = _cpu(side.process)
    rates.append(await stream(side))
    side.cpu[way] = side.cpu.get(way, 0.0) + _cpu(side.process) - before


def _cpu(process: int) -> float:
    """Seconds of the processor, its children's included: `sshd` has some for a connection."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    except FileNotFoundError:
        return 0.0  # ended just now; its parent's count has it
    ticks = sum(int(each) for each in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(_cpu(int(child)) for child in children)


async def _stream_down(side: Side) -> float:
    """MB a second, from the first byte that arrives."""
    left = MEGABYTES * 1_000_000
    laptop = await side.connect()
    laptop.stdin.write(f"pour {left + 1}\n".encode())
    await asyncio.wait_for(laptop.stdout.readexactly(1), PATIENCE)
    begun = time.perf_counter()
    while left:
        left -= len(await asyncio.wait_for(laptop.stdout.read(1_000_000), PATIENCE))
    took = time.perf_counter() - begun
    await _end(laptop)
    return MEGABYTES / took


async def _stream_up(side: Side) -> float:
    """MB a second, from a connection that stands to the harness's having them all."""
    left, chunk = MEGABYTES * 1_000_000, bytes(1_000_000)
    laptop = await side.connect()
    laptop.stdin.write(f"take {left}\n".encode())
    await asyncio.wait_for(laptop.stdout.readexactly(1), PATIENCE)
    begun = time.perf_counter()
    while left:
        laptop.stdin.write(chunk)
        await laptop.stdin.drain()
        left -= len(chunk)
    await laptop.rest()
    took = time.perf_counter() - begun
    await _end(laptop)
    return MEGABYTES / took


async def _cuts(made: Spawned) -> list[float]:
    """60 sessions that stream, cut one by one: ms from the order to each one's last byte."""
    found = []
    for stream in await streams(made, CUT_SESSIONS, rate=STREAM):
        begun = time.monotonic()
        await made.link.lock(Scope.GRANT, stream.grant_id, "badge_out")
        await stream.ended()
        found.append(max(0.0, stream.last - begun) * 1000)
    return found


async def _lock(made: Spawned) -> tuple[float, float, float]:
    """200 sessions at once: ms to the confirmation, the last byte of all, the last client's end."""
    await made.link.lock(Scope.ALL, "", "grants of what was measured before")
    held = await streams(made, LOCK_SESSIONS, rate=STREAM // 4)
    made.unlink()  # one that does nothing else takes its place: the newest link counts
    control = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.lock_order", str(made.config.control_socket),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert control.stdin is not None
    assert control.stdout is not None
    await control.stdout.readline()
    begun = time.monotonic()
    control.stdin.write(b"now\n")
    for stream in held:
        await stream.ended()
    confirmed, locked = json.loads(await control.stdout.readline())
    await control.wait()
    if locked != LOCK_SESSIONS:
        raise RuntimeError(f"{locked} sessions were locked")
    last = max(stream.last for stream in held) - begun
    over = max(stream.over for stream in held) - begun
    return confirmed * 1000, max(0.0, last) * 1000, over * 1000


def _beside(ours: Side, plain: Side) -> list[Row]:
    p95, plain_p95 = _at(ours.connects, 0.95), _at(plain.connects, 0.95)
    rows = [
        row(
            f"bastion: connect to the harness's first byte, p95 of {len(ours.connects)}"
            " (sshd with a principals command)",
            round(plain_p95, 1),
            round(p95, 1),
            "ms",
            ok=p95 <= plain_p95,
        ),
        _told("  median", statistics.median(ours.connects), "ms"),
        _told("  median of sshd", statistics.median(plain.connects), "ms"),
        _told(f"  keystroke's echo, median of {KEYS}", statistics.median(ours.keys), "ms"),
        _told("  p99", _at(ours.keys, 0.99), "ms"),
        _told("  median of sshd", statistics.median(plain.keys), "ms"),
        _told("  p99 of sshd", _at(plain.keys, 0.99), "ms"),
    ]
    for way, mine, theirs in (("down", ours.down, plain.down), ("up", ours.up, plain.up)):
        mine_mb, their_mb = statistics.median(mine), statistics.median(theirs)
        share = mine_mb / their_mb
        rows += [
            row(
                f"bastion: AES-GCM stream {way} beside sshd",
                f"≥ {LEAST_SHARE}",
                round(share, 2),
                "times",
                ok=share >= LEAST_SHARE,
            ),
            _told("  bastion", mine_mb, "MB/s"),
            _told("  sshd", their_mb, "MB/s"),
            _told("  bastion's processor", ours.cpu[way] / len(mine) / GIGABYTES, "s/GB"),
            _told("  sshd's processor", plain.cpu[way] / len(mine) / GIGABYTES, "s/GB"),
        ]
    return rows


def _cut_rows(cuts: list[float], lock: tuple[float, float, float]) -> list[Row]:
    confirmed, last, over = lock
    p99 = _at(cuts, 0.99)
    return [
        row(
            f"bastion: order → last byte, {CUT_SESSIONS} sessions that stream, p99 of {len(cuts)}",
            MOST_CUT_MS,
            round(p99, 1),
            "ms",
            ok=p99 <= MOST_CUT_MS,
        ),
        _told("  median", statistics.median(cuts), "ms"),
        row(
            f"bastion: lock of {LOCK_SESSIONS} sessions → the last byte of all",
            MOST_LOCK_MS,
            round(last, 1),
            "ms",
            ok=last <= MOST_LOCK_MS,
        ),
        row("  → confirmed", MOST_LOCK_MS, round(confirmed, 1), "ms", ok=confirmed <= MOST_LOCK_MS),
        _told("  → the last `ssh` has ended", over, "ms"),
    ]


def _told(name: str, value: float, unit: str) -> Row:
    return row(name, None, round(value, 2), unit, ok=True)


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]

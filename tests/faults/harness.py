"""`kill -9` of a harness adapter while clients ask in parallel: what left is in the ledger.

The real process at real sockets. Each client adds up, by a second opinion, what the answers cost
that it has heard whole; the ledger that the next process opens must not say less. So that many
kills are cheap, a process that has imported everything forks the one that is killed.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import IO

from terminals.harness.ledger import Ledger
from tests.bench.table import ROOT, Row, on_disk, row
from tests.harness.opinion import query_bits
from tests.harness.rig import ENGAGEMENT, Rig, stand_in_policy

CHANNELS = 4
MOST_SECONDS = 0.2  # from the first question to the kill


def play(chance: random.Random, long: bool) -> list[Row]:
    """Kill at moments that the seed chooses; look into the ledger each time."""
    kills = 1000 if long else 40
    under: Counter[str] = Counter()
    answers, uncertain, most_uncertain = 0, 0, 0
    with tempfile.TemporaryDirectory(dir=on_disk()) as name:
        rig = Killed(Path(name))
        try:
            for number in range(kills):
                rig.start()
                if number == 0:
                    rig.push(stand_in_policy())
                before = rig.spent()
                heard = _asked_until_killed(rig, chance)
                ledger = Ledger(rig.folder / "ledger.sqlite")
                spent = {meter.value: n for meter, n in ledger.spent(ENGAGEMENT).items()}
                ledger.close()
                for meter, amount in spent.items():
                    under[meter] += amount < before[meter] + heard[meter]
                answers += heard["queries"]
                flight = spent["queries"] - before["queries"] - heard["queries"]
                uncertain += flight
                most_uncertain = max(most_uncertain, flight)
        finally:
            rig.end()
    return [
        row(
            f"A1 {kills} x kill -9 of a harness adapter: {meter} counted below what left",
            0,
            under[meter],
            "times",
            ok=not under[meter],
        )
        for meter in ("queries", "tokens_in", "tokens_out", "bits")
    ] + [
        row("  answers that left before a kill", "≥ 1", answers, "answers", ok=answers > 0),
        row(
            f"  queries counted and not heard, at one kill, {CHANNELS} channels",
            CHANNELS,
            most_uncertain,
            "queries",
            ok=most_uncertain <= CHANNELS,
        ),
        row("  the same, in all", None, uncertain, "queries", ok=True),
    ]


class Killed(Rig):
    """A rig whose process is forked from one that has imported everything."""

    zygote: subprocess.Popen[str] | None = None
    pid = 0

    def start(self) -> "Killed":
        """Fork a process; returns when its sockets are there."""
        if self.zygote is None:
            config = self.configure()
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.harness", str(config)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        stdin, stdout = self._pipes()
        stdin.write("\n")
        stdin.flush()
        self.pid = int(stdout.readline())
        self.heard_ready(stdout.readline())
        return self

    def kill(self) -> None:
        """As by `kill -9`; returns when it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._pipes()[1].readline() == "gone\n"

    def end(self) -> None:
        """End the process that forks."""
        if self.zygote is not None:
            for pipe in self._pipes():
                pipe.close()
            self.zygote.wait(30)

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.zygote is not None
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        return self.zygote.stdin, self.zygote.stdout


def _asked_until_killed(rig: Killed, chance: random.Random) -> Counter[str]:
    """Ask on all channels, kill; what the answers cost that were heard whole."""
    totals: list[Counter[str]] = [Counter() for _ in range(CHANNELS)]
    seeds = [chance.randrange(2**32) for _ in totals]
    threads = [
        threading.Thread(target=_channel, args=(rig, random.Random(seed), total))
        for seed, total in zip(seeds, totals, strict=True)
    ]
    for thread in threads:
        thread.start()
    threading.Event().wait(chance.uniform(0, MOST_SECONDS))
    rig.kill()
    for thread in threads:
        thread.join()
    return sum(totals, Counter())


def _channel(rig: Killed, chance: random.Random, total: Counter[str]) -> None:
    connection = rig.connection()
    try:
        while True:
            operation = chance.choice(["complete", "logprobs"])
            body = json.dumps({"prompt": f"the {chance.random()}"}, separators=(",", ":")).encode()
            connection.request("POST", f"/v1/{operation}", body)
            with connection.getresponse() as response:
                raw = response.read()
            answer = json.loads(raw)["answer"]
            written = json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()
            total["queries"] += 1
            total["tokens_in"] += -(-len(body) // 4)
            total["tokens_out"] += -(-len(written) // 4)
            total["bits"] += query_bits(operation, answer)
    except (OSError, http.client.HTTPException):
        connection.close()


def _fork(config: str) -> None:
    """For each line that comes, a fresh process of the stand-in; says when it is gone."""
    from terminals.harness.stand_in.__main__ import main

    sys.argv = ["stand_in", "--config", config]
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdout.write(f"{os.getpid()}\n")
            main()
            os._exit(0)
        os.waitpid(pid, 0)
        sys.stdout.write("gone\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _fork(sys.argv[1])

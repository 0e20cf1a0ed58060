"""Anomaly detection before scenarios that were written apart from it (tests/bench/scenarios).

``python -m tests.bench.anomaly > docs/anomaly-figures.md`` writes the figures as a page;
``python -m tests.bench.anomaly tuning`` shows the same for the people that the shipped numbers were
set on, who are others than those of the page.
"""

import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from terminals.anomaly.policy import Part
from terminals.anomaly.wording import amount
from tests.bench.anomaly_trial import (
    TAP,
    Caught,
    Watched,
    caught,
    known,
    people,
    quantile,
    resampled,
    wilson,
)
from tests.bench.scenarios.honest import honest
from tests.bench.scenarios.tap import Tap
from tests.bench.scenarios.wrong import SCENARIOS, Scenario, commanded, leak
from tests.bench.table import Row, row

RUNS, RUNS_LONG = 60, 300
PEOPLE, PEOPLE_LONG = 40, 150
SESSIONS, SESSIONS_LONG = 20, 40  # honest ones of each person, after those of the baseline
WEEK = 30.0  # hours at the terminal
FIRST = 1000  # session numbers that no baseline holds
LEAKS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
# What a proof of concept reached with 8 sessions of each: every one, and these delays.
LEAST_SHARE = 0.95
LATEST = {"burst": 795.0, "scripted keys": 80.0}
MOST_FALSE = 0.8
WHOLE = Tap(pause=math.inf)


@dataclass(frozen=True)
class Tally:
    """Sessions of one scenario."""

    name: str
    found: list[Caught]

    @property
    def hits(self) -> int:
        """In how many there was an alarm."""
        return sum(each.part is not None for each in self.found)

    @property
    def share(self) -> str:
        """How many, and the interval."""
        low, high = wilson(self.hits, len(self.found))
        return f"{self.hits} of {len(self.found)} ({low:.0%} to {high:.0%})"

    def delay(self, share: float) -> float:
        """Seconds from the onset to the alarm, missed ones infinitely late."""
        return quantile((each.delay for each in self.found), share)

    def lost(self, share: float) -> float:
        """Bytes down from the onset to the alarm, of those found."""
        return quantile((each.lost for each in self.found if each.part), share)

    @property
    def parts(self) -> str:
        """By which part the first alarm was."""
        count = Counter(str(each.part) for each in self.found if each.part)
        return ", ".join(f"{part} {times}" for part, times in count.most_common())


@dataclass(frozen=True)
class Quiet:
    """Alarms in honest sessions: by person how many and in how many weeks, and by part."""

    people: list[tuple[float, float]]
    parts: Counter[Part]

    @property
    def rate(self) -> float:
        """False alarms per auditor-week."""
        return sum(each[0] for each in self.people) / self.weeks

    @property
    def weeks(self) -> float:
        """Auditor-weeks in all."""
        return sum(each[1] for each in self.people)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of it, from drawing the people anew."""
        return resampled(self.people)


@dataclass(frozen=True)
class Figures:
    """All that is measured. ``fresh``: of people whom the detector has never seen."""

    caught: list[Tally]
    fresh: list[Tally]
    leaks: list[Tally]
    commands: list[Tally]
    quiet: Quiet
    microseconds: float


def figures(seed: str, *, long: bool) -> Figures:
    """Play every scenario with the people of a seed."""
    runs = RUNS_LONG if long else RUNS
    everybody = people(seed, PEOPLE_LONG if long else PEOPLE)
    watched = [known(who) for who in everybody]
    strangers = [Watched(who) for who in everybody]
    found = [_tally(name, play, watched, runs) for name, play in SCENARIOS.items()]
    leaks = [_tally(f"{x:g}", partial(leak, times=x), watched, runs) for x in LEAKS]
    commands = [
        _tally("gaps of 2 s and more are left out", commanded, watched, runs),
        _tally("every gap is counted", commanded, watched, runs, WHOLE),
    ]
    # Last: the baselines learn from these sessions.
    begun = time.process_time()
    quiet = _quiet(watched, SESSIONS_LONG if long else SESSIONS)
    intervals = quiet.weeks * WEEK * 3600 / TAP.seconds
    return Figures(
        caught=found,
        fresh=[_tally(name, play, strangers, runs) for name, play in SCENARIOS.items()],
        leaks=leaks,
        commands=commands,
        quiet=quiet,
        microseconds=(time.process_time() - begun) / intervals * 1e6,
    )


def _tally(name: str, play: Scenario, watched: list[Watched], runs: int, tap: Tap = TAP) -> Tally:
    turns = [(watched[number % len(watched)], FIRST + number) for number in range(runs)]
    return Tally(name, [caught(who, play(who.who, number), tap) for who, number in turns])


def _quiet(watched: list[Watched], sessions: int) -> Quiet:
    """Honest sessions, one after the other; the baseline goes on learning."""
    pairs, parts = [], Counter[Part]()
    for each in watched:
        alarms, seconds = 0, 0.0
        for number in range(FIRST, FIRST + sessions):
            session = honest(each.who, number)
            found = list(each.session(session))
            alarms += len(found)
            parts.update(alarm.part for alarm in found)
            seconds += session.seconds
        pairs.append((float(alarms), seconds / 3600 / WEEK))
    return Quiet(pairs, parts)


def measure(long: bool) -> list[Row]:
    """Rows of the run; those without a target say how it is."""
    return list(_rows(figures("measuring", long=long)))


def _rows(all_: Figures) -> Iterator[Row]:
    for each in all_.caught:
        share = each.hits / len(each.found)
        yield row(
            f"anomaly, {each.name}: sessions found",
            f"≥ {LEAST_SHARE:.0%}",
            each.share,
            "",
            ok=share >= LEAST_SHARE,
        )
        latest = LATEST.get(each.name)
        yield row(
            f"  {each.name}: onset to alarm, p95 (median {_late(each.delay(0.5))})",
            f"≤ {latest:.0f} s" if latest else None,
            _late(each.delay(0.95)),
            "",
            ok=latest is None or each.delay(0.95) <= latest,
        )
        yield row(
            f"  {each.name}: down before the alarm, p95 (median {amount(each.lost(0.5))})",
            None,
            amount(each.lost(0.95)),
            "",
            ok=True,
        )
    for each in all_.leaks:
        yield row(f"  leak of {each.name} medians: found", None, each.share, "", ok=True)
    low, high = all_.quiet.interval
    yield row(
        f"anomaly, false alarms, {all_.quiet.weeks:.0f} auditor-weeks of {WEEK:.0f} h",
        MOST_FALSE,
        round(all_.quiet.rate, 2),
        f"a week ({low:.2f} to {high:.2f})",
        ok=all_.quiet.rate <= MOST_FALSE,
    )
    for each in all_.fresh:
        yield row(f"  newcomer, {each.name}: found", None, each.share, "", ok=True)
    for each in all_.commands:
        yield row(f"  typed command by command, {each.name}: found", None, each.share, "", ok=True)
    yield row("  one interval, made and judged", None, round(all_.microseconds, 1), "µs", ok=True)


def document(all_: Figures) -> str:
    """The figures as a page."""
    low, high = all_.quiet.interval
    parts = ", ".join(f"{part} {count}" for part, count in all_.quiet.parts.most_common())
    lines = [
        "# Anomaly detection: figures",
        "",
        "Written by `python -m tests.bench.anomaly`; [anomaly.md](anomaly.md) says what they mean.",
        "Shares with their 95 % interval (Wilson). Sessions of 4 h, intervals of 5 s, people with",
        "12 sessions behind them. *Down before the alarm* counts all bytes from the onset on.",
        "",
        *_table(
            ("Scenario", "Found", "Delay, median", "p95", "Down before, median", "p95", "By"),
            all_.caught,
        ),
        "",
        f"**False alarms:** {all_.quiet.rate:.2f} a week of {WEEK:.0f} h at the terminal",
        f"(95 %: {low:.2f} to {high:.2f}, people drawn anew), over {all_.quiet.weeks:.0f} weeks;",
        f"by part: {parts}.",
        "",
        "## A leak, by its rate",
        "A leak of x adds x times what the person takes in a median five minutes.",
        "",
        *_table(
            ("x", "Found", "Delay, median", "p95", "Down before, median", "p95", "By"), all_.leaks
        ),
        "",
        *_bars(all_.leaks),
        "",
        "## People whom the detector has never seen",
        "",
        *_table(
            ("Scenario", "Found", "Delay, median", "p95", "Down before, median", "p95", "By"),
            all_.fresh,
        ),
        "",
        "## A program that types command by command and waits",
        "Its pauses would hide its rhythm: the bastion leaves them out.",
        "",
        *_table(
            ("Counting", "Found", "Delay, median", "p95", "Down before, median", "p95", "By"),
            all_.commands,
        ),
    ]
    return "\n".join(lines)


def _table(heads: tuple[str, ...], tallies: list[Tally]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for each in tallies:
        late = [_late(each.delay(share)) for share in (0.5, 0.95)]
        lost = [amount(each.lost(share)) if each.hits else "-" for share in (0.5, 0.95)]
        yield f"| {' | '.join((each.name, each.share, *late, *lost, each.parts or '-'))} |"


def _late(seconds: float) -> str:
    if seconds == float("inf"):
        return "never"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def _bars(tallies: list[Tally]) -> Iterator[str]:
    yield "```"
    for each in tallies:
        share = each.hits / len(each.found)
        yield f"{each.name:>4}  {'█' * round(share * 40):<40} {share:.0%}"
    yield "```"


def main() -> None:
    """The page, to standard output."""
    seed = "tuning" if "tuning" in sys.argv[1:] else "measuring"
    sys.stdout.write(document(figures(seed, long="--long" in sys.argv[1:])) + "\n")


if __name__ == "__main__":
    main()

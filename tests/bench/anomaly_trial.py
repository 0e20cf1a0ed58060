"""The detector before the scenarios: people with a history, a session, and what came of it."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from access.rules.facts import PolicyFacts
from access.rules.policy_keys import KEYS
from terminals.anomaly.baseline import Baseline
from terminals.anomaly.detector import State, observe, reviewed
from terminals.anomaly.diary import Diary
from terminals.anomaly.parts import JUDGES, Judge
from terminals.anomaly.policy import AnomalyPolicy, Part, Usual, prior_of
from tests.bench.scenarios.honest import Session, honest
from tests.bench.scenarios.people import Auditor, auditor
from tests.bench.scenarios.tap import Tap
from tests.bench.scenarios.wrong import HISTORY

SHIPPED = PolicyFacts("shipped", {key: each.entry() for key, each in KEYS.items()})
POLICY = AnomalyPolicy.of(SHIPPED)
TAP = Tap()


@dataclass
class Alarm:
    """A part's alarm; seconds into the session; bytes that had come down since the onset."""

    part: Part
    at: float
    lost: int


@dataclass
class Watched:
    """One person under the detector: baseline, and the state that lives on between sessions."""

    who: Auditor
    policy: AnomalyPolicy = POLICY
    judges: Mapping[Part, Judge] = field(default_factory=lambda: JUDGES)
    baseline: Baseline = field(default_factory=Baseline)
    state: State = field(default_factory=State.new)

    @property
    def usual(self) -> Usual:
        """What the detector takes for usual of this person."""
        return self.baseline.usual(prior_of(SHIPPED, self.who.kind), self.policy)

    def session(self, session: Session, tap: Tap = TAP) -> Iterator[Alarm]:
        """Its alarms. Each is reviewed at once, so that the next one is one more.

        A session that is played to its end is learnt from.
        """
        usual, diary, lost = self.usual, Diary(self.policy), 0
        onset = session.onset or 0.0
        at = 0.0
        for interval in tap.intervals(session.packets, session.begins):
            at += tap.seconds
            if at > onset:
                lost += interval.features.bytes_down
            self.state, measured, findings = observe(
                self.state, interval, usual, self.policy, self.judges
            )
            diary.note(measured)
            for finding in findings:
                self.state = reviewed(self.state, finding.part)
                yield Alarm(finding.part, at, lost)
        self.baseline = self.baseline.learned(diary.session(), self.policy)


def people(seed: str, count: int) -> list[Auditor]:
    """So many auditors; ``tuning`` and ``measuring`` are the seeds that never mix."""
    return [auditor(f"{seed} {number}") for number in range(count)]


def known(who: Auditor, sessions: int = HISTORY, policy: AnomalyPolicy = POLICY) -> Watched:
    """A person with a history, whose alarms until now have been reviewed."""
    watched = Watched(who, policy)
    for number in range(sessions):
        list(watched.session(honest(who, number)))
    watched.state = State.new()
    return watched


@dataclass(frozen=True)
class Caught:
    """What came of one session: by which part first, how late, and what had left by then."""

    part: Part | None
    delay: float = math.inf
    lost: int = 0


def caught(watched: Watched, session: Session, tap: Tap = TAP) -> Caught:
    """The first alarm from the onset on, by any part. The person is as before afterwards."""
    trial = Watched(watched.who, watched.policy, watched.judges, watched.baseline, watched.state)
    onset = session.onset or 0.0
    for alarm in trial.session(session, tap):
        if alarm.at > onset:
            return Caught(alarm.part, alarm.at - onset, alarm.lost)
    return Caught(None)


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    share, z2 = hits / of, z * z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def resampled(pairs: Sequence[tuple[float, float]], times: int = 2000) -> tuple[float, float]:
    """The 95 % interval of a ratio of sums, from drawing the people anew (bootstrap).

    Alarms of one person come together: counting them as independent would flatter the interval.
    """
    chance = random.Random(1)
    ratios = []
    for _ in range(times):
        drawn = chance.choices(pairs, k=len(pairs))
        ratios.append(sum(each[0] for each in drawn) / max(sum(each[1] for each in drawn), 1e-9))
    ratios.sort()
    return ratios[int(times * 0.025)], ratios[int(times * 0.975)]


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share lies; infinite where there is none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else math.inf

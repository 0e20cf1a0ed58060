"""Auditors and their habits. Times in seconds, sizes in bytes."""

import random
from dataclasses import dataclass

# How the time is spent, by kind of engagement: reading, asking the model, jobs, skimming, thinking.
KINDS: dict[str, tuple[float, ...]] = {
    "black_box": (1, 6, 0, 1, 2),
    "grey_box": (2, 4, 2, 1, 2),
    "white_box": (2, 2, 5, 1, 2),
    "outside_the_box": (4, 2, 0, 2, 2),
    "documents": (7, 0, 0, 2, 2),
}


@dataclass(frozen=True)
class Auditor:
    """One person at one engagement."""

    name: str
    kind: str
    key_gap: float  # median between the keys of a word
    key_sigma: float  # of its logarithm
    word_pause: float  # times the gap, between words
    words_a_minute: float  # read
    page: int  # characters of a screen or page
    answer: float  # median length of an answer
    output: float  # median size of what a job gives
    echo: bool  # whether the harness sends each key back
    begins: float  # hour of the local day at which a session mostly begins
    lasts: float  # hours that one mostly lasts
    sprawl: float  # how much one day differs from another


def auditor(seed: object) -> Auditor:
    """The auditor of a seed."""
    chance = random.Random(f"auditor {seed}")
    kind = chance.choice(list(KINDS))
    return Auditor(
        name=str(seed),
        kind=kind,
        key_gap=min(max(chance.lognormvariate(-1.75, 0.3), 0.09), 0.4),
        key_sigma=chance.uniform(0.3, 0.55),
        word_pause=chance.uniform(1.3, 2.5),
        words_a_minute=min(max(chance.gauss(238, 45), 140), 380),
        page=chance.randint(1200, 3200),
        answer=chance.uniform(600, 2500),
        output=chance.uniform(8_000, 40_000) * (2 if kind == "white_box" else 1),
        echo=chance.random() < 0.5,
        begins=chance.choice((8.5, 9.0, 9.5, 10.0, 13.0, 14.0)),
        lasts=chance.uniform(2.5, 4.5),
        sprawl=chance.uniform(0.2, 0.5),
    )

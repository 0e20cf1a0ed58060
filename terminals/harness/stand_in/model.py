"""The toy: a network of one hidden layer over a few words, random, never trained.

Words → vectors (newest counts most) → hidden layer (tanh) → scores of the next word. Everything
follows from the seed, in plain Python.
"""

import hashlib
import math
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

Vector = list[float]
Matrix = list[Vector]

WORDS = (  # noqa: SIM905  # a list of 48 lines reads worse
    "the a an of and to in is it that for on with as by at from this model answer question weight "
    "layer token prompt risk test result probe room door guard auditor report paper number value "
    "high low near far not very safe open shut read ."
).split()
WIDTH = 16
FADE = 0.6  # how much less each word counts than the one after it
LAYERS = ("embedding", "hidden", "output")


class ToyModel:
    """1,792 numbers (7 kB as float32) that answer like a model and know nothing."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # a toy's numbers, no secret
        self._layers: dict[str, Matrix] = {
            "embedding": _random(chance, len(WORDS), WIDTH, 1.0),
            "hidden": _random(chance, WIDTH, WIDTH, 0.5),
            "output": _random(chance, len(WORDS), WIDTH, 1.0),
        }

    @property
    def size(self) -> int:
        """How many numbers it is made of."""
        return sum(len(row) for layer in self._layers.values() for row in layer)

    def continued(self, prompt: str, words: int, temperature: float = 0.8) -> Iterator[str]:
        """Words after a prompt; the same for the same prompt."""
        chance = random.Random(hashlib.sha256(prompt.encode()).digest())  # noqa: S311  # an answer that repeats, no secret
        tokens = tokens_of(prompt)
        for _ in range(words):
            scores = self._scores(self._hidden(tokens))
            weights = [math.exp(score / temperature) for score in scores]
            (token,) = chance.choices(range(len(WORDS)), weights)
            tokens.append(token)
            yield WORDS[token]

    def ranked(self, prompt: str) -> list[tuple[str, float]]:
        """Every word with its logarithm of probability (nats), the likeliest first."""
        logprobs = _log_softmax(self._scores(self._hidden(tokens_of(prompt))))
        return sorted(zip(WORDS, logprobs, strict=True), key=lambda pair: -pair[1])

    def activations(self, prompt: str, layer: str) -> Vector:
        """What a layer says at the end of a prompt."""
        tokens = tokens_of(prompt)
        if layer == "embedding":
            return self._context(tokens)
        hidden = self._hidden(tokens)
        return hidden if layer == "hidden" else self._scores(hidden)

    def surprise(self, prompt: str) -> float:
        """Mean of -log p of each word after the first, in nats; 0 for a single word."""
        tokens = tokens_of(prompt)
        losses = [
            -_log_softmax(self._scores(self._hidden(tokens[: place + 1])))[following]
            for place, (_, following) in enumerate(pairwise(tokens))
        ]
        return math.fsum(losses) / len(losses) if losses else 0.0

    def gradients(self, prompt: str) -> dict[str, float]:
        """Norm of the gradient of log p (likeliest next word) by each layer's numbers."""
        tokens = tokens_of(prompt)
        context, hidden = self._context(tokens), self._hidden(tokens)
        logprobs = _log_softmax(self._scores(hidden))
        best = max(range(len(WORDS)), key=logprobs.__getitem__)
        out = [(place == best) - math.exp(each) for place, each in enumerate(logprobs)]
        back = [
            _dot(out, [row[unit] for row in self._layers["output"]]) * (1 - hidden[unit] ** 2)
            for unit in range(WIDTH)
        ]
        below = [_dot(back, [row[unit] for row in self._layers["hidden"]]) for unit in range(WIDTH)]
        shares = [0.0] * len(WORDS)  # a word that stands twice is moved by both
        for age, token in enumerate(reversed(tokens)):
            shares[token] += FADE**age
        return {
            "embedding": _norm(below) * _norm(shares),
            "hidden": _norm(back) * _norm(context),
            "output": _norm(out) * _norm(hidden),
        }

    def statistics(self, layer: str) -> dict[str, float]:
        """Mean, deviation, extremes and norm of a layer's numbers."""
        numbers = [each for row in self._layers[layer] for each in row]
        mean = math.fsum(numbers) / len(numbers)
        spread = math.fsum((each - mean) ** 2 for each in numbers) / len(numbers)
        return {
            "mean": mean,
            "deviation": math.sqrt(spread),
            "least": min(numbers),
            "most": max(numbers),
            "norm": _norm(numbers),
        }

    def _context(self, tokens: Sequence[int]) -> Vector:
        rows = [self._layers["embedding"][token] for token in tokens]
        weights = [FADE**age for age in range(len(rows))][::-1]
        return [_dot(weights, [row[unit] for row in rows]) for unit in range(WIDTH)]

    def _hidden(self, tokens: Sequence[int]) -> Vector:
        context = self._context(tokens)
        return [math.tanh(_dot(row, context)) for row in self._layers["hidden"]]

    def _scores(self, hidden: Vector) -> Vector:
        return [_dot(row, hidden) for row in self._layers["output"]]


def tokens_of(text: str) -> list[int]:
    """The words of a text as numbers; a word that it does not know counts as one that it does."""
    found = []
    for word in text.lower().split()[-256:] or ["."]:
        known = word.strip(",.;:!?\"'()")
        place = int.from_bytes(hashlib.sha256(known.encode()).digest()[:4], "big") % len(WORDS)
        found.append(WORDS.index(known) if known in WORDS else place)
    return found


def _random(chance: random.Random, rows: int, columns: int, size: float) -> Matrix:
    return [[chance.gauss(0, size) for _ in range(columns)] for _ in range(rows)]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))


def _norm(numbers: Sequence[float]) -> float:
    return math.sqrt(math.fsum(each * each for each in numbers))


def _log_softmax(scores: Vector) -> Vector:
    most = max(scores)
    every = most + math.log(math.fsum(math.exp(score - most) for score in scores))
    return [score - every for score in scores]

"""The estimate of bits: a code that can be decoded, and near the truth for known sources."""

import itertools
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.harness.information import BYTES, choice_bits, length_bits, text_bits
from tests.harness.opinion import text_bits as second_opinion


@given(st.binary(max_size=300))
def test_a_text_costs_what_coding_it_byte_by_byte_costs(text: bytes) -> None:
    assert text_bits(text) == pytest.approx(second_opinion(text), abs=1e-6)


def test_kraft_over_all_texts_of_two_bytes() -> None:
    """All texts of a length share exactly the weight of their length: nothing is too cheap."""
    for length in (0, 1, 2):
        texts = (bytes(each) for each in itertools.product(range(BYTES), repeat=length))
        weight = math.fsum(2.0 ** -text_bits(text) for text in texts)
        assert weight == pytest.approx(2.0 ** -length_bits(length))


def test_kraft_over_lengths() -> None:
    assert sum(Fraction(1, 2 ** length_bits(length)) for length in range(5000)) < 1


@pytest.mark.parametrize("symbols", [1, 2, 4, 16, 64, 256])
def test_uniform_sources_cost_their_entropy_and_a_little_more(symbols: int) -> None:
    chance, size = random.Random(symbols), 20_000
    text = bytes(chance.randrange(symbols) for _ in range(size))
    truth = math.log2(symbols) * size
    # What is learned on the way costs about half a logarithm of the length for each byte value.
    assert truth - 4 * math.sqrt(size) <= text_bits(text) <= truth + 256 / 2 * math.log2(size)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_biased_coins_cost_their_entropy(share: float) -> None:
    chance, size = random.Random(7), 50_000
    text = bytes(chance.random() < share for _ in range(size))
    truth = -size * (share * math.log2(share) + (1 - share) * math.log2(1 - share))
    assert truth * 0.97 <= text_bits(text) <= truth + 256 / 2 * math.log2(size)


def test_hiding_data_in_texts_costs_at_least_the_data() -> None:
    """Whatever the code of a smuggler: on average over his messages no text is cheaper."""
    smuggled = 12
    for alphabet in (b"ab", b"abcd", b" etaoinshrdlu", bytes(range(256))):
        digits = math.ceil(smuggled / math.log2(len(alphabet)))
        costs = []
        for message in range(2**smuggled):
            letters, rest = bytearray(), message
            for _ in range(digits):
                rest, letter = divmod(rest, len(alphabet))
                letters.append(alphabet[letter])
            costs.append(text_bits(bytes(letters)))
        assert math.fsum(costs) / len(costs) >= smuggled


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_more_text_never_costs_less_than_its_beginning(text: bytes, more: bytes) -> None:
    assert text_bits(text + more) >= text_bits(text) - 2  # the length's own code may be coarse


@given(st.integers(1, 10**9))
def test_a_choice_costs_its_logarithm(possible: int) -> None:
    assert 2 ** choice_bits(possible) == pytest.approx(possible)

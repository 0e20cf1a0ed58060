"""Quotes altered in every place: how many are accepted?"""

import random

from terminals.rules.quote import quote_check
from tests.bench.table import Row, row
from tests.quotes import GOLDEN, Tpm, mutated

QUOTES = 10_000


def play(chance: random.Random, long: bool) -> list[Row]:
    """One part of each sound quote is mutated: what was said, its signature, or the key."""
    count = 10 * QUOTES if long else QUOTES
    tpm, accepted, sound = Tpm(), 0, 0
    for number in range(count):
        nonce = chance.randbytes(32)
        if number % 100 == 0:
            quote = tpm.quote(nonce)
            attest, signature = quote.attest, quote.signature
            sound += _accepts(tpm, attest, signature, tpm.public, nonce)
            of = nonce
        match chance.randrange(4):
            case 0:
                accepted += _accepts(tpm, mutated(attest, chance), signature, tpm.public, of)
            case 1:
                accepted += _accepts(tpm, attest, mutated(signature, chance), tpm.public, of)
            case 2:
                accepted += _accepts(tpm, attest, signature, mutated(tpm.public, chance), of)
            case _:
                stale = nonce if nonce != of else b""
                accepted += _accepts(tpm, attest, signature, tpm.public, stale)
    whole = count // 100
    return [
        row(f"{count:,} mutated quotes: accepted", 0, accepted, "quotes", ok=not accepted),
        row(f"{whole} sound quotes: accepted", whole, sound, "quotes", ok=sound == whole),
    ]


def _accepts(tpm: Tpm, attest: bytes, signature: bytes, key: bytes, nonce: bytes) -> bool:
    return quote_check(
        attest,
        signature,
        key=key,
        endorsement=tpm.endorsement,
        nonce=nonce,
        golden=GOLDEN,
    ).accepted

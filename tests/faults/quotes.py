"""Quotes altered in every place: how many are accepted?"""

import random
from dataclasses import dataclass, replace
from hashlib import sha256

from terminals.rules.quote import quote_check
from tests.bench.table import Row, row
from tests.quotes import GOLDEN, Tpm, mutated

QUOTES = 10_000


def play(chance: random.Random, long: bool) -> list[Row]:
    """One part of each sound quote is mutated: what was said, its signature, a key, the nonce."""
    count = 10 * QUOTES if long else QUOTES
    tpm, accepted, sound = Tpm(), 0, 0
    for number in range(count):
        nonce = chance.randbytes(32)
        if number % 100 == 0:
            of, session = nonce, chance.randbytes(32)
            quote = tpm.quote(sha256(of + session).digest())
            true = Asked(quote.attest, quote.signature, tpm.public, of, session)
            sound += _accepts(tpm, true)
        match chance.randrange(5):
            case 0:
                wrong = replace(true, attest=mutated(true.attest, chance))
            case 1:
                wrong = replace(true, signature=mutated(true.signature, chance))
            case 2:
                wrong = replace(true, key=mutated(true.key, chance))
            case 3:
                wrong = replace(true, session=mutated(true.session, chance))
            case _:
                wrong = replace(true, nonce=nonce if nonce != of else b"")
        accepted += _accepts(tpm, wrong)
    whole = count // 100
    return [
        row(f"{count:,} mutated quotes: accepted", 0, accepted, "quotes", ok=not accepted),
        row(f"{whole} sound quotes: accepted", whole, sound, "quotes", ok=sound == whole),
    ]


@dataclass(frozen=True)
class Asked:
    """A quote and what it is judged by; ``session`` is the digest of the key it is to be for."""

    attest: bytes
    signature: bytes
    key: bytes
    nonce: bytes
    session: bytes


def _accepts(tpm: Tpm, asked: Asked) -> bool:
    return quote_check(
        asked.attest,
        asked.signature,
        key=asked.key,
        endorsement=tpm.endorsement,
        nonce=asked.nonce,
        golden=GOLDEN,
        session_key=asked.session,
    ).accepted

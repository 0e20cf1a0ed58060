"""What reaches a harness adapter: policies, requests of auditors, answers of harnesses."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminals.harness import shapes, strict_json
from terminals.harness.policy import PolicyError, open_sealed, parse
from terminals.harness.stand_in.policies import policy_document

Target = Callable[[bytes], None]
AMOUNTS = dict.fromkeys(("queries", "tokens_in", "tokens_out", "bits"), 1000)
DOCUMENT = policy_document(
    "E-1",
    ["outside_the_box", "white_box"],
    version=1,
    until=datetime(2026, 3, 2, tzinfo=UTC),
    caps=AMOUNTS,
    already=AMOUNTS,
)


def harness_policy_target() -> Target:
    """A document is a policy that means one thing, or refused; none is taken without its seal."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()

    def one(data: bytes) -> None:
        with contextlib.suppress(PolicyError):
            open_sealed(data, key)
            raise AssertionError("taken without a seal")
        with contextlib.suppress(PolicyError):
            policy = parse(data.decode("utf-8", "replace"))
            assert policy.kinds
            assert all(amount >= 0 for amount in policy.caps.values())

    return one


def harness_words_target() -> Target:
    """JSON of any kind as request and answer: reduced to what stays as it is, or unfit."""
    operations = parse(json.dumps(DOCUMENT)).operations.values()

    def one(data: bytes) -> None:
        try:
            value = strict_json.loads(data)
        except strict_json.NotStrictError:
            return
        for operation in operations:
            with contextlib.suppress(shapes.UnfitError):
                checked = operation.takes.checked(value, "request")
                assert set(checked) <= set(operation.takes.fields)
            with contextlib.suppress(shapes.UnfitError):
                reduced, bits = operation.answers.reduced(value, "answer")
                written = strict_json.dumps(reduced)
                again, price = operation.answers.reduced(strict_json.loads(written), "answer")
                assert (strict_json.dumps(again), price) == (written, bits)
                assert set(reduced) <= set(operation.answers.fields)

    return one

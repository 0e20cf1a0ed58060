"""The policy of one engagement: a JSON document signed by the control plane.

Its structure is ``policy.schema.json`` beside this file; what the structure cannot say is checked
here. A document is sealed as ``{"policy": TEXT, "signature": HEX}``: Ed25519 over a context and the
text exactly as it stands, with the key ``harness.ed25519``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from terminals.harness import shapes, strict_json
from terminals.harness.kinds import classes_of
from terminals.harness.meters import Amounts, Meter

CONTEXT = b"scif harness policy/1\n"
MOST_BYTES = 1_000_000
DEEPEST = 8  # shapes inside shapes
Place = tuple[str, ...]
_VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(Path(__file__).with_name("policy.schema.json").read_text("utf-8"))
)


class PolicyError(ValueError):
    """A policy is not taken; the text names the place and what is wrong there.

    ``place`` are the names that lead there from the document's root, ``fault`` is a stable word for
    what is wrong (a keyword of JSON Schema, or one of this file's), and ``bound`` what it passes.
    """

    def __init__(
        self, said: str, place: Sequence[str | int] = (), fault: str = "", bound: Any = None
    ) -> None:
        super().__init__(f"{_path(place)}: {said}" if place else said)
        self.said = said
        self.place = tuple(place)
        self.fault = fault
        self.bound = bound


def _path(place: Sequence[str | int]) -> str:
    """As JSON Path writes it."""
    return "$" + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that may be asked. Sizes in bytes, ``seconds`` for request and answer together."""

    name: str
    gives: str
    takes: shapes.Fields
    answers: shapes.Fields
    stream: bool
    most_request: int
    most_answer: int
    seconds: int
    digest: str  # tells one precision of the answers from another

    @property
    def exact(self) -> bool:
        """Whether its answers hold rounded numbers: the first one is then kept and repeated."""
        return shapes.has_measures(self.answers)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one engagement may ask, what may be answered, and how much in all."""

    engagement: str
    version: int
    until: datetime
    kinds: frozenset[str]
    caps: Amounts
    already: Amounts
    bytes_per_token: int
    parallel: int
    operations: Mapping[str, Operation]

    def tokens(self, raw: bytes) -> int:
        """Tokens that these bytes count for, rounded up."""
        return -(-len(raw) // self.bytes_per_token)


def seal(document: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """A document as the control plane pushes it. Raises PolicyError, as its opening would."""
    text = strict_json.dumps(document)
    parse(text.decode())
    return strict_json.dumps({"policy": text.decode(), "signature": key.sign(CONTEXT + text).hex()})


def open_sealed(raw: bytes, control: Ed25519PublicKey) -> tuple[Policy, str]:
    """The policy and its text. Raises PolicyError, first of all for another signature."""
    if len(raw) > MOST_BYTES:
        raise PolicyError(f"longer than {MOST_BYTES} bytes")
    try:
        sealed = strict_json.loads(raw)
        text, signature = sealed["policy"], bytes.fromhex(sealed["signature"])
        control.verify(signature, CONTEXT + text.encode())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PolicyError("no sealed policy: {policy: text, signature: hex} expected") from error
    except InvalidSignature as error:
        raise PolicyError("not signed by the control plane") from error
    return parse(text), text


def parse(text: str) -> Policy:
    """The policy that a document gives. Raises PolicyError that names the first wrong place."""
    try:
        document = strict_json.loads(text.encode())
    except ValueError as error:
        raise PolicyError(str(error)) from error
    _bounded(document, 0)
    if found := jsonschema.exceptions.best_match(_VALIDATOR.iter_errors(document)):
        place = found.absolute_path
        said = found.message[:300] if place else f"$: {found.message[:300]}"
        raise PolicyError(said, place, str(found.validator), found.validator_value)
    try:
        until = datetime.strptime(document["until"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise PolicyError("no such time", ("until",)) from error
    operations = {
        name: _operation(name, row, document["limits"], classes_of(document["kinds"]))
        for name, row in document["operations"].items()
    }
    return Policy(
        engagement=document["engagement"],
        version=document["version"],
        until=until,
        kinds=frozenset(document["kinds"]),
        caps={meter: document["caps"][meter] for meter in Meter},
        already={meter: document["already"][meter] for meter in Meter},
        bytes_per_token=document["bytes_per_token"],
        parallel=document["parallel"],
        operations=operations,
    )


def _bounded(value: Any, depth: int) -> None:
    """Refuse what is too deep before the schema follows it down."""
    if depth > 4 * DEEPEST:
        raise PolicyError("nested too deeply")
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for each in inside:
            _bounded(each, depth + 1)


def _operation(
    name: str, row: Mapping[str, Any], limits: Mapping[str, Any], classes: frozenset[str]
) -> Operation:
    place = ("operations", name)
    if row["gives"] not in classes:
        said = f"no access kind of this policy gives {row['gives']}"
        raise PolicyError(said, (*place, "gives"), "not_given")
    operation = Operation(
        name=name,
        gives=row["gives"],
        takes=_fields(row["takes"], (*place, "takes")),
        answers=_fields(row["answers"], (*place, "answers")),
        stream=row.get("stream", False),
        most_request=row["most_request"],
        most_answer=row["most_answer"],
        seconds=row["seconds"],
        digest=strict_json.dumps([name, row["answers"]]).decode(),
    )
    if operation.exact:
        _measured(operation, limits, place)
    return operation


def _measured(operation: Operation, limits: Mapping[str, Any], place: Place) -> None:
    """Numbers leave only in a class that has a limit, and within it."""
    answers = (*place, "answers")
    if operation.stream:
        raise PolicyError("measures cannot be streamed", place, "streamed")
    limit = limits.get(operation.gives)
    if limit is None:
        raise PolicyError(f"measures, and no limit for {operation.gives}", answers, "no_limit")
    parts = shapes.within(operation.answers)
    digits = max(part.digits for part in parts if isinstance(part, shapes.Measure))
    if digits > limit["digits"]:
        raise PolicyError(f"more than {limit['digits']} digits", answers, "digits", digits)
    items = longest(operation.answers)
    if items > limit["items"]:
        raise PolicyError(
            f"more than {limit['items']} measures of one kind", answers, "items", items
        )


def longest(shape: shapes.Shape) -> int:
    """The most measures that one answer can hold at any one place of its shape."""
    if isinstance(shape, shapes.Measure):
        return 1
    inside = max((longest(part) for part in shape.parts()), default=0)
    return inside * shape.most if isinstance(shape, shapes.Many) else inside


def _fields(row: Mapping[str, Any], place: Place, depth: int = 0) -> shapes.Fields:
    return shapes.Fields(
        {name: _shape(each, (*place, name), depth + 1) for name, each in row.items()}
    )


def _shape(row: Mapping[str, Any], place: Place, depth: int) -> shapes.Shape:
    if depth > DEEPEST:
        raise PolicyError(f"more than {DEEPEST} shapes inside each other", place, "deep", DEEPEST)
    if "low" in row and row["low"] > row["high"]:
        raise PolicyError("low is above high", place, "low_above_high")
    match row["kind"]:
        case "text":
            return shapes.Text(row["most"])
        case "whole":
            return shapes.Whole(row["low"], row["high"])
        case "measure":
            return shapes.Measure(row["low"], row["high"], row["digits"])
        case "flag":
            return shapes.Flag()
        case "choice":
            return shapes.Choice(tuple(row["of"]))
        case "many":
            return shapes.Many(row["most"], _shape(row["of"], (*place, "of"), depth + 1))
        case "fields":
            return _fields(row["fields"], place, depth)
    raise PolicyError("no such kind of shape", place)

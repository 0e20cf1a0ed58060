"""The lab's part of a harness's policy as a table: in words, with units, the raw name as a hint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scif.kernel.figures import grouped
from terminals.harness.meters import Amounts
from terminals.rules.harness_wording import FIELDS, GIVES, METERS, OPERATIONS

# A policy has shapes inside shapes; a line of words follows them so far.
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One number: its ``name`` in the policy, what it means, its unit."""

    name: str
    words: str
    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation. Sizes in bytes, ``seconds`` for request and answer together."""

    name: str
    words: str
    gives: str
    stream: bool
    most_request: int
    most_answer: int
    seconds: int
    takes: str
    answers: str


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """All that the lab's part says, but for the words that a choice has."""

    lines: Sequence[Line]
    operations: Sequence[Asked]


def policy_table(part: Mapping[str, Any]) -> PolicyTable:
    """The table of a part that its adapter would take."""
    caps = [
        Line(f"caps.{meter}", _(words), part["caps"][meter], _(unit))
        for meter, (words, unit) in METERS.items()
    ]
    limits = []
    for gives, limit in part["limits"].items():
        told = {"what": _(GIVES[gives])}
        limits += [
            Line(f"limits.{gives}.items", _("Longest list of %(what)s") % told, limit["items"],
                 _("items")),
            Line(f"limits.{gives}.digits", _("Digits of %(what)s") % told, limit["digits"],
                 _("after the point")),
        ]  # fmt: skip
    counted = Line("bytes_per_token", _("A token is counted for"), part["bytes_per_token"],
                   _("bytes"))  # fmt: skip
    parallel = Line("parallel", _("At the same time"), part["parallel"], _("requests"))
    operations = [
        Asked(
            name=name,
            words=operation_words(name),
            gives=_(GIVES[row["gives"]]),
            stream=row.get("stream", False),
            most_request=row["most_request"],
            most_answer=row["most_answer"],
            seconds=row["seconds"],
            takes=_fields_words(row["takes"]),
            answers=_fields_words(row["answers"]),
        )
        for name, row in part["operations"].items()
    ]
    return PolicyTable([*caps, counted, parallel, *limits], operations)


def policy_drawn(part: Mapping[str, Any] | None) -> SafeString | str:
    """The table as a page shows it."""
    if part is None:
        return _("None: no adapter stands before the harness.")
    return render_to_string("laptops/policy.html", {"policy": policy_table(part)})


def operation_words(name: str) -> str:
    """What an operation does."""
    return _(OPERATIONS[name]) if name in OPERATIONS else name.replace("_", " ").capitalize()


def field_words(name: str) -> str:
    """What a field of a request or an answer is."""
    return _(FIELDS[name]) if name in FIELDS else name.replace("_", " ")


def spent_words(spent: Amounts) -> str:
    """What was spent of each cap; of a cap of which nothing was, nothing is said."""
    told = [
        f"{_(words)} {grouped(spent[meter])} {_(unit)}"
        for meter, (words, unit) in METERS.items()
        if spent[meter]
    ]
    return "; ".join(told) or _("nothing yet")


def _fields_words(fields: Mapping[str, Any], depth: int = 0) -> str:
    """The fields of a request or an answer, each with its bounds."""
    if not fields:
        return _("nothing")
    return "; ".join(
        f"{field_words(name)}: {_shape_words(each, depth)}" for name, each in fields.items()
    )


def _shape_words(shape: Mapping[str, Any], depth: int) -> str:
    match shape["kind"]:
        case "text":
            return _("text of at most %(most)s bytes") % {"most": grouped(shape["most"])}
        case "whole":
            return _("whole number from %(low)s to %(high)s") % _bounds(shape)
        case "measure":
            told = _("number from %(low)s to %(high)s, %(digits)d digits after the point")
            return told % {**_bounds(shape), "digits": shape["digits"]}
        case "flag":
            return _("yes or no")
        case "choice" if len(shape["of"]) == 1:
            return _("always the same text")
        case "choice":
            return _("one of %(count)d words") % {"count": len(shape["of"])}
        case "many":
            inside = _("…") if depth >= _DEEPEST else _shape_words(shape["of"], depth + 1)
            return _("at most %(most)s of (%(inside)s)") % {
                "most": grouped(shape["most"]),
                "inside": inside,
            }
    if depth >= _DEEPEST:
        return _("…")
    return _fields_words(shape["fields"], depth + 1)


def _bounds(shape: Mapping[str, Any]) -> dict[str, str]:
    return {end: grouped(shape[end]) for end in ("low", "high")}

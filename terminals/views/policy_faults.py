"""What an adapter would not take of a lab's part, in words and at the field that says it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from scif.kernel.figures import grouped
from terminals.harness.policy import PolicyError
from terminals.rules.harness_wording import FAULTS, GIVES, METERS, PARTS
from terminals.views.policy_words import operation_words

_BEYOND = {"digits", "items"}  # of an operation's answers, against the limit of their class
_GIVES = {"not_given", "no_limit", "streamed"}


def fault_words(error: PolicyError) -> str:
    """What is wrong, without where."""
    if error.fault == "type" and error.bound == "integer":
        return _("A whole number is needed.")
    words = FAULTS.get(error.fault)
    if words is None:
        return _("The adapter before the harness would not take this: %(said)s.") % {
            "said": error.said
        }
    bound = grouped(error.bound) if isinstance(error.bound, int) else ""
    return _(words) % {"bound": bound, "what": _operation(error), "said": error.said}


def fault_place(error: PolicyError) -> str:
    """Where it is wrong: the words of the form, then the lab's own names; empty for all of it."""
    match error.place:
        case ("caps", meter) if meter in METERS:
            return _(METERS[meter][0])  # type: ignore[index]  # a meter's word is a meter
        case ("limits", gives, "items") if gives in GIVES:
            return _("Longest list of %(what)s") % {"what": _(GIVES[str(gives)])}
        case ("limits", gives, "digits") if gives in GIVES:
            return _("Digits of %(what)s") % {"what": _(GIVES[str(gives)])}
        case ("operations", name, *rest):
            return ", ".join([operation_words(str(name)), *map(_part, rest)])
    return ", ".join(map(_part, error.place))


def fault_field(error: PolicyError, part: Mapping[str, Any]) -> str:
    """The field that mends it, by its path in the form; empty where no field does."""
    match error.place:
        case ("caps", key):
            return f"caps.{key}"
        case ("limits", gives, key):
            return f"limits.{gives}.{key}"
        case ("operations", name, *_rest) if error.fault in _BEYOND:
            return f"limits.{part['operations'][name]['gives']}.{error.fault}"
        case ("operations", name, *_rest) if error.fault in _GIVES:
            return f"{name}.gives"
        case ("operations", name, key):
            return f"{name}.{key}"
    return ".".join(map(str, error.place))


def _operation(error: PolicyError) -> str:
    match error.place:
        case ("operations", name, *_rest):
            return operation_words(str(name))
    return ""


def _part(step: str | int) -> str:
    return _(PARTS[step]) if step in PARTS else str(step)

"""The lab's part of a harness's policy as labelled fields; its own document on demand.

The fields change numbers, and take operations away. What else the part says (what each operation
is asked with and answers) stays as it was, to the letter; another document replaces all of it.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from terminals.harness.policy import PolicyError
from terminals.rules.harness_wording import GIVES
from terminals.views.policy_faults import fault_field, fault_place, fault_words
from terminals.views.policy_words import policy_table

LONGEST = 1_000_000
SIZES = ("most_request", "most_answer", "seconds")
Typed = dict[str, Any]


class HarnessPolicyWidget(forms.Widget):
    """Two tables of fields. ``part`` is what they begin with; ``errors`` are by field."""

    template_name = "forms/harness_policy.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.part: Mapping[str, Any] | None = None
        self.errors: dict[str, Any] = {}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows, from the part they begin with and what was typed over it."""
        context = super().get_context(name, value, attrs)
        typed = value if isinstance(value, dict) and "pasted" in value else None
        widget = context["widget"]
        widget["pasted"] = typed["pasted"] if typed else ""
        widget["begun"] = self.part is not None
        if self.part is None:
            return context
        table = policy_table(self.part)
        shown = typed["fields"] if typed else fields_of(self.part)
        widget["without"] = typed["without"] if typed else False

        def field(path: str, words: str) -> dict[str, Any]:
            return {
                "name": f"{name}_{path}",
                "value": shown.get(path, ""),
                "words": words,
                "error": self.errors.get(path, ""),
            }

        widget["lines"] = [{"line": line, **field(line.name, line.words)} for line in table.lines]
        widget["operations"] = [
            {
                "one": one,
                "allowed": field(f"{one.name}.allowed", one.words),
                "gives": field(f"{one.name}.gives", one.words),
                "sizes": [
                    field(f"{one.name}.{size}", f"{one.words}, {words}")
                    for size, words in zip(
                        SIZES, (_("request in bytes"), _("answer in bytes"), _("seconds")),
                        strict=True,
                    )
                ],
            }
            for one in table.operations
        ]  # fmt: skip
        widget["classes"] = [(code, _(words)) for code, words in GIVES.items()]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        """What was typed, by field."""
        return {
            "pasted": data.get(f"{name}_pasted", ""),
            "without": f"{name}_without" in data,
            "fields": {
                path: data.get(f"{name}_{path}", "") for path, *_rest in places(self.part or {})
            },
        }

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never: empty means that there is none, or that nothing may be asked."""
        return False

    def id_for_label(self, id_: str) -> str:
        """The tables are named by the legend."""
        return ""


class HarnessPolicyField(forms.Field):
    """Cleans to the lab's part; None where no adapter stands before its harness."""

    widget = HarnessPolicyWidget
    part: Mapping[str, Any] | None = None
    judge: Callable[[object], object] = staticmethod(lambda part: None)

    def begin(
        self, part: Mapping[str, Any] | None, judge: Callable[[object], object] | None = None
    ) -> None:
        """Begin with the part of other terms; ``judge`` raises PolicyError for an unfit one."""
        self.part = self.widget.part = part
        self.judge = judge or self.judge

    def clean(self, value: Any) -> Any:
        """The document that was typed, or the part with what was typed over it."""
        part, fields = self.part, value["fields"]
        self.widget.errors = {}
        if value["pasted"].strip():
            return self._judged(_document(value["pasted"]), ())
        if part is None or value["without"]:
            return None
        found, errors = deepcopy(dict(part)), {}
        for path, put, read in places(found):
            try:
                put(read(fields[path]))
            except ValueError:
                errors[path] = _("A whole number is needed.")
        if errors:
            self.widget.errors = errors
            raise ValidationError(_("Look at the fields that say what is wrong."))
        for name in [n for n in found["operations"] if not fields[f"{n}.allowed"]]:
            del found["operations"][name]
        return self._judged(found, fields)

    def _judged(self, found: Any, fields: Collection[str]) -> Any:
        """What the adapter would take; what it would not is said at the field, if one says it."""
        try:
            self.judge(found)
        except PolicyError as error:
            words, path, where = fault_words(error), fault_field(error, found), fault_place(error)
            if path in fields:
                self.widget.errors = {path: words}
                lines = {line.name: line.words for line in policy_table(found).lines}
                where = lines.get(path, where)
            raise ValidationError(f"{where}: {words}" if where else words) from error
        return found


Put = Callable[[Any], None]
Read = Callable[[str], Any]


def places(part: Mapping[str, Any]) -> Iterator[tuple[str, Put, Read]]:
    """Every field: its path, what puts a value into ``part``, what reads what was typed."""
    if not part:
        return
    for holder in ("caps", *(f"limits.{gives}" for gives in part["limits"])):
        inside = part[holder] if holder == "caps" else part["limits"][holder.partition(".")[2]]
        for key in inside:
            yield f"{holder}.{key}", _putter(inside, key), int
    for key in ("bytes_per_token", "parallel"):
        yield key, _putter(part, key), int
    for name, row in part["operations"].items():
        yield f"{name}.allowed", lambda value: None, str
        yield f"{name}.gives", _putter(row, "gives"), str
        for key in SIZES:
            yield f"{name}.{key}", _putter(row, key), int


def fields_of(part: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields begin with."""
    found: dict[str, Any] = {"bytes_per_token": part["bytes_per_token"]}
    found["parallel"] = part["parallel"]
    found |= {f"caps.{meter}": most for meter, most in part["caps"].items()}
    for gives, limit in part["limits"].items():
        found |= {f"limits.{gives}.{key}": most for key, most in limit.items()}
    for name, row in part["operations"].items():
        found |= {f"{name}.{key}": row[key] for key in ("gives", *SIZES)} | {
            f"{name}.allowed": "on"
        }
    return found


def _putter(into: Any, key: str) -> Put:
    def put(value: Any) -> None:
        into[key] = value

    return put


def _document(text: str) -> Any:
    """A document as it was typed; what is wrong with what it says the service tells."""
    wrong = ValidationError(_("This is no JSON document."), code="invalid")
    if len(text) > LONGEST:
        raise wrong
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise wrong from error
    if document is None:
        raise ValidationError(_("Empty is no policy. Say that no adapter stands there instead."))
    return document

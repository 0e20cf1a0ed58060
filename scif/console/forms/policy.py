"""The form of a policy profile: a field for each key, typed by what the key holds."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.rules.policy_keys import KEYS
from access.rules.policy_values import WORDS, Kind, bounds_of, fault_of, kind_of, order_fault
from access.selectors.policy import fault_words, policy_lacks
from scif.console.selectors.policy_profile import (
    GROUPS,
    changes_of,
    missing_words,
    shown,
    structure,
)
from scif.console.views.officer_forms import ReasonForm
from scif.facilities.models import PolicyProfile

LONGEST_JSON = 20_000
LEVELS = gettext_lazy(
    "JSON, the ordinary level first. Each level has a code, a name and demands; a demand may say "
    "areas (their codes; without, everywhere), ranks (the least clearance by scheme), final_only, "
    "no_visitors."
)


class StructureField(forms.JSONField):
    """A list or a dictionary, as JSON. What Python's own reader stumbles over is refused too."""

    # An empty list or dictionary is a value.
    empty_values = (None, "")

    def to_python(self, value: Any) -> Any:
        """The structure; raises ``ValidationError`` for a text that is none."""
        wrong = ValidationError(self.error_messages["invalid"], code="invalid")
        if isinstance(value, str) and len(value) > LONGEST_JSON:
            raise wrong
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise wrong from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, as it was typed."""
        return data

    def prepare_value(self, value: Any) -> Any:
        """As it is typed: in lines."""
        return value if isinstance(value, str) else structure(value)


class PolicyForm(ReasonForm):
    """All values of a profile as they are, and why they change.

    A value that the profile lacks is proposed as shipped; emptied, it stays missing.
    """

    field_order = (*KEYS, "reason")

    def __init__(self, *args: Any, profile: PolicyProfile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile = profile
        self.lacking = policy_lacks(profile)
        for key in KEYS:
            self.fields[key] = self._field(key)
        self.order_fields(self.field_order)

    @property
    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under the heads of the profile's table."""
        for title, keys in GROUPS:
            yield str(title), [self[key] for key in keys]

    def clean(self) -> dict[str, Any]:
        """The changes that were typed, as ``changes``; each one checked as its service will."""
        data = super().clean() or {}
        values = {key: self._value(key, data[key]) for key in KEYS if key in data}
        for key, value in values.items():
            fault = None if value is None else fault_of(key, value)
            if fault is not None:
                self.add_error(key, fault_words(fault))
        told = {key: value for key, value in values.items() if value is not None}
        data["changes"] = changes = changes_of(self.profile, told)
        found = order_fault(told, frozenset(each.key for each in changes))
        if found is not None and not self.errors:
            self.add_error(found[0], fault_words(found[1]))
        if not changes and not self.errors and self.profile.published_at is not None:
            self.add_error(None, _("Nothing would change."))
        return data

    def _value(self, key: str, typed: Any) -> Any:
        """A value as the profile keeps it; None where nothing is said of a missing one."""
        if key in self.lacking:
            return None if typed in ("", []) else typed
        stored = self.profile.values[key]["value"]
        # Boxes know no order: the same words in another order are no change.
        same = kind_of(key) is Kind.WORDS and sorted(typed) == sorted(stored)
        return stored if same else typed

    def _field(self, key: str) -> forms.Field:
        missing = key in self.lacking
        shipped = KEYS[key].default
        value = shipped if missing else self.profile.values[key]["value"]
        options = {
            "label": _(KEYS[key].meaning),
            "initial": value,
            # What is missing may stay so.
            "required": not missing,
            "help_text": self._help(key, value, missing=missing),
        }
        return _MAKERS[kind_of(key)](key, options)

    def _help(self, key: str, value: Any, *, missing: bool) -> str | Promise:
        unit = _(KEYS[key].unit)
        if missing:
            words = _("%(unit)s. %(missing)s. The shipped default is proposed.")
            return words % {"unit": unit, "missing": missing_words(key)}
        if kind_of(key) is Kind.LEVELS:
            return LEVELS
        if value == KEYS[key].default:
            return unit
        return _("%(unit)s. Shipped default: %(shipped)s") % {
            "unit": unit,
            "shipped": shown(KEYS[key].default),
        }


YES_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


def _yes_no(value: Any) -> Any:
    """What was chosen, as a yes or no; nothing where nothing was."""
    return {"yes": True, "no": False}.get(value)


class FlagField(forms.TypedChoiceField):
    """Yes or no, or nothing where nothing is said."""

    def __init__(self, *, required: bool, **options: Any) -> None:
        choices = YES_NO if required else (("", "-"), *YES_NO)
        super().__init__(
            choices=choices, coerce=_yes_no, empty_value=None, required=required, **options
        )

    def prepare_value(self, value: Any) -> Any:
        """The choice that stands for a stored value."""
        return {True: "yes", False: "no"}.get(value, value)


def _number(key: str, options: dict[str, Any]) -> forms.Field:
    least, most = bounds_of(key)
    return forms.IntegerField(min_value=least, max_value=most, **options)


def _flag(key: str, options: dict[str, Any]) -> forms.Field:
    return FlagField(**options)


def _word(key: str, options: dict[str, Any]) -> forms.Field:
    empty = [] if options["required"] else [("", "-")]
    return forms.ChoiceField(choices=[*empty, *((w, w) for w in WORDS[key])], **options)


def _words(key: str, options: dict[str, Any]) -> forms.Field:
    choices = [(word, word) for word in WORDS[key]]
    widget = forms.CheckboxSelectMultiple
    # No box at all is a list too, an empty one.
    options = options | {"required": False}
    return forms.MultipleChoiceField(choices=choices, widget=widget, **options)


def _structure(key: str, options: dict[str, Any]) -> forms.Field:
    lines = 10 if kind_of(key) is Kind.LEVELS else 2
    attrs = {"rows": lines, "spellcheck": "false", "class": "mono"}
    return StructureField(widget=forms.Textarea(attrs=attrs), **options)


_MAKERS = {
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.WORD: _word,
    Kind.WORDS: _words,
    Kind.RANKS: _structure,
    Kind.LEVELS: _structure,
}

"""What waits for a second officer in words: what is so now, and what it will be."""

from typing import Any

from django.db.models import Field, ForeignKey, ManyToManyField
from django.utils.translation import gettext as _

from access.rules.policy_keys import KEYS
from access.services.edit import EDITABLE
from hardware.kinds import OUTPUT
from hardware.models import Rewiring, RewiringKind
from hardware.services.rewiring import READS, Meaning, meanings
from scif.console.selectors.policy_profile import missing_words, shown


def rewiring_lines(order: Rewiring) -> list[str]:
    """What changes, a line for each meaning that goes or comes, and for each field."""
    if order.kind == RewiringKind.PANEL_END:
        words = _("%(area)s has no alarm panel any more: its doors open without asking for one.")
        return [words % {"area": order.area}]
    if order.kind == RewiringKind.PORT:
        names = {"port": _("serial port"), "baud": _("speed, baud")}
        return [
            _line(names[name], str(order.before[name]), str(value))
            for name, value in order.after.items()
            if value != order.before[name]
        ]
    if order.kind == RewiringKind.EDIT:
        return _fields(order)
    if order.kind == RewiringKind.POLICY:
        return [
            _line(_(KEYS[key].meaning), _policy_value(key, order.before[key]), shown(value))
            for key, value in order.after.items()
        ]
    before, after = meanings(order.before), meanings(order.after)
    return [
        *(_("Goes: %(input)s") % {"input": _words(each)} for each in sorted(before - after)),
        *(_("Comes: %(input)s") % {"input": _words(each)} for each in sorted(after - before)),
    ]


def _fields(order: Rewiring) -> list[str]:
    model = {each._meta.label_lower: each for each in EDITABLE}[order.place_model]
    lines = []
    for name, value in order.after.items():
        field: Any = model._meta.get_field(name)
        lines.append(
            _line(str(field.verbose_name), _value(field, order.before[name]), _value(field, value))
        )
    return lines


def _policy_value(key: str, value: Any) -> str:
    return missing_words(key) if value is None else shown(value)


def _line(name: str, before: str, after: str) -> str:
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": name[:1].upper() + name[1:],
        "before": before,
        "after": after,
    }


def _value(field: "Field[Any, Any]", value: Any) -> str:
    """A value as an officer reads it: records by name, choices by word, a week by its days."""
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, ForeignKey | ManyToManyField):
        keys = value if isinstance(value, list) else [value]
        rows = field.remote_field.model._default_manager.filter(pk__in=keys)
        return ", ".join(sorted(str(row) for row in rows))
    if isinstance(value, dict):
        return ", ".join(f"{day} {' - '.join(span)}" for day, span in value.items())
    return str(dict(field.flatchoices).get(value, value))


def _words(each: Meaning) -> str:
    if each.fact.startswith(READS):
        words = _("the reader at address %(address)d of %(bus)s lets %(way)s") % {
            "address": each.address,
            "bus": each.bus,
            "way": _("out") if each.fact == f"{READS}out" else _("in"),
        }
        return _("%(reader)s at %(door)s") % {"reader": words, "door": each.of}
    if each.fact == OUTPUT:
        words = _("output %(number)d at address %(address)d of %(bus)s opens %(of)s")
        return words % each._asdict()
    words = _("input %(number)d at address %(address)d of %(bus)s is %(fact)s") % each._asdict()
    if each.of:
        words = _("%(input)s of %(of)s") % {"input": words, "of": each.of}
    if not each.active:
        words = _("%(input)s while not active") % {"input": words}
    if each.rests_closed:
        words = _("%(input)s, normally closed") % {"input": words}
    return words

"""A version of a policy profile as a table: what each value means, and where it differs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.rules.policy_keys import (
    ACTIVITY_KEYS,
    AIRLOCK_KEYS,
    ANOMALY_KEYS,
    GATEWAY_KEYS,
    KEPT_KEYS,
    KEYS,
    OFFSITE_KEYS,
    RULE_KEYS,
    SERVICE_KEYS,
    SESSION_KEYS,
    TERMINAL_KEYS,
    TERMS_KEYS,
    PolicyKey,
)
from access.rules.policy_milder import Bearing, bearing_of
from access.rules.policy_values import Kind, fault_of, kind_of
from access.selectors.policy import CHANGE, governs_beyond, newer_than, policy_lacks
from scif.facilities.models import Facility, PolicyProfile
from scif.kernel.actor import Actor
from scif.people.access import visible

GROUPS: tuple[tuple[str | Promise, Mapping[str, PolicyKey]], ...] = (
    (gettext_lazy("What a decision at booking, desk and door reads"), RULE_KEYS),
    (gettext_lazy("What bookings, orders, alarms and the desk work by"), SERVICE_KEYS),
    (gettext_lazy("What laptops are issued and measured by"), TERMINAL_KEYS),
    (gettext_lazy("What a laptop's session lasts by, and how much may leave"), SESSION_KEYS),
    (gettext_lazy("What the form of an engagement's terms proposes"), TERMS_KEYS),
    (gettext_lazy("What laptops and sessions outside the rooms are held to"), OFFSITE_KEYS),
    (gettext_lazy("What may pass the airlock, and how soon somebody answers"), AIRLOCK_KEYS),
    (gettext_lazy("What a gateway works by"), GATEWAY_KEYS),
    (gettext_lazy("What activity at laptops is judged by"), ANOMALY_KEYS),
    (gettext_lazy("What is done about anomalies, and how long counts stay"), ACTIVITY_KEYS),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One value. ``note`` says what becomes of it where it is missing; ``shipped`` is the default
    that it differs from. ``code``: several lines of JSON.
    """

    key: str
    meaning: str
    value: str
    unit: str
    source: str
    note: str = ""
    shipped: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Values that are read by one part of the system."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Change:
    """What a publication would change of one value; ``old`` and ``new`` are its words.

    Only a number has a ``unit`` to be read after it. ``bearing`` says whether it asks for less;
    ``missing`` that there was none before.
    """

    key: str
    value: Any
    meaning: str
    unit: str
    old: str
    new: str
    code: bool = False
    bearing: Bearing = Bearing.NEITHER
    missing: bool = False

    @property
    def old_unit(self) -> str:
        """The unit of what is so now; words that say it is missing have none."""
        return "" if self.missing else self.unit


@dataclass(frozen=True, slots=True)
class Block:
    """Changes that one part of the system reads, under its head."""

    title: str
    changes: list[Change]

    @property
    def replaces(self) -> bool:
        """Whether anything of it is so now; what is granted is new."""
        return any(each.old for each in self.changes)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the profile's page shows."""

    groups: list[Group]
    places: list[Facility]
    beyond: bool
    newer: PolicyProfile | None
    lacking: int
    differing: int
    publish_url: str


def profile_page(profile: PolicyProfile, actor: Actor, permission: str) -> Profile:
    """The table of a version, and whether this actor may publish the next one."""
    groups = [
        Group(str(title), [_row(profile, key, each) for key, each in keys.items()])
        for title, keys in GROUPS
    ]
    unread = sorted(set(profile.values) - set(KEYS))
    if unread:
        groups.append(Group(_("What no rule reads any more"), [_old(profile, k) for k in unread]))
    newer = newer_than(profile)
    mine = visible(PolicyProfile.objects.filter(pk=profile.pk), actor, CHANGE).exists()
    may = mine and newer is None
    rows = [row for group in groups for row in group.rows]
    return Profile(
        groups=groups,
        places=list(visible(Facility.objects.filter(policy=profile), actor, permission)),
        beyond=may and governs_beyond(profile, actor),
        newer=newer,
        lacking=len(policy_lacks(profile)),
        differing=sum(bool(row.shipped) for row in rows),
        publish_url=reverse("admin:policy_publish", args=[profile.pk]) if may else "",
    )


def changes_of(profile: PolicyProfile, values: Mapping[str, Any]) -> list[Change]:
    """What these values would change, in the order of the table."""
    found = []
    for key in KEYS:
        old = profile.values.get(key, {}).get("value")
        if key not in values or (type(old) is type(values[key]) and old == values[key]):
            continue
        found.append(change_of(key, old, values[key]))
    return found


def change_of(key: str, old: Any, new: Any) -> Change:
    """A change of one value in words; ``old`` None: it was missing."""
    number = kind_of(key) is Kind.NUMBER
    return Change(
        key,
        new,
        _(KEYS[key].meaning),
        _(KEYS[key].unit) if number else "",
        missing_words(key) if old is None else shown(old),
        shown(new),
        _is_code(new),
        bearing_of(key, old, new),
        missing=old is None,
    )


def blocks_of(changes: Iterable[Change]) -> list[Block]:
    """Changes of a profile under the heads of its table; heads without one are left out."""
    by_key = {each.key: each for each in changes}
    blocks = (
        Block(str(title), [by_key[key] for key in keys if key in by_key]) for title, keys in GROUPS
    )
    return [block for block in blocks if block.changes]


def missing_words(key: str) -> str:
    """What it means that a profile lacks a key."""
    if key in GATEWAY_KEYS:
        return _("Missing: gateways keep to the shipped default")
    if key in KEPT_KEYS:
        return _("Missing: what is older is kept")
    if key in TERMS_KEYS:
        return _("Missing: the form proposes nothing")
    return _("Missing: denies")


def shown(value: Any) -> str:
    """A value in words: yes or no, a list with commas, a structure as JSON."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value) or _("none")
    return structure(value) if isinstance(value, list | dict) else str(value)


def structure(value: Any) -> str:
    """A list or a dictionary as JSON; a list has a line for each of its rows."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    rows = ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in value)
    return f"[\n{rows}\n]"


def _is_code(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and not all(isinstance(each, str) for each in value)
    )


def _row(profile: PolicyProfile, key: str, each: PolicyKey) -> Row:
    entry = profile.values.get(key, {})
    value, note, shipped = entry.get("value"), "", ""
    if value is None:
        note = missing_words(key)
    elif fault_of(key, value) is not None:
        note = _("Nothing can read it. %(missing)s") % {"missing": missing_words(key)}
    elif value != each.default:
        shipped = shown(each.default)
    return Row(
        key,
        _(each.meaning),
        "" if value is None else shown(value),
        _(each.unit),
        str(entry.get("source", each.source)),
        note,
        shipped,
        _is_code(value),
    )


def _old(profile: PolicyProfile, key: str) -> Row:
    entry = profile.values[key]
    value = entry.get("value")
    source = str(entry.get("source", ""))
    return Row(key, key, shown(value), str(entry.get("unit", "")), source, code=_is_code(value))

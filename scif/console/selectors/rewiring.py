"""What waits for a second officer in words: what is so now, and what it will be."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import DateField, Field, ForeignKey, ManyToManyField, Q, QuerySet, TextChoices
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from access.models import Booking, Duty, DutyRole, Eligibility, EligibilityStatus, RosterEntry
from access.rules.policy_milder import Bearing
from access.services.edit import EDITABLE
from hardware.kinds import OUTPUT
from hardware.models import Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from hardware.services.rewiring import READS, Meaning, meanings
from scif.console.forms.hours import DAYS
from scif.console.selectors.policy_profile import Block, Change, blocks_of, change_of
from scif.facilities.models import Area, Compartment, Facility, Level, Record
from scif.facilities.rules.weakening import weakened
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person, User

# What the services of access/services/grant.py are given, in words.
GRANTED: Mapping[str, tuple[str | Promise, type[Record] | None]] = {
    "person_id": (gettext_lazy("Who"), Person),
    "duty_id": (gettext_lazy("Shift"), Duty),
    "booking_id": (gettext_lazy("Booking"), Booking),
    "escort_id": (gettext_lazy("Escort"), Person),
    "sponsor_id": (gettext_lazy("Sponsor"), Person),
    "briefed_by_id": (gettext_lazy("Briefed by"), Person),
    "level_id": (gettext_lazy("Level"), Level),
    "compartment_id": (gettext_lazy("Compartment"), Compartment),
    "area_id": (gettext_lazy("Area"), Area),
    "facility_id": (gettext_lazy("Facility"), Facility),
    "eligibility_id": (gettext_lazy("Clearance"), Eligibility),
    "entry_id": (gettext_lazy("Roster entry"), RosterEntry),
    "status": (gettext_lazy("Status"), None),
    "country": (gettext_lazy("Country"), None),
    "source": (gettext_lazy("Source"), None),
    "acceptance": (gettext_lazy("Decision"), None),
    "accepted_by": (gettext_lazy("Granting authority"), None),
    "accepted_on": (gettext_lazy("Decided on"), None),
    "granted_on": (gettext_lazy("Granted on"), None),
    "review_due": (gettext_lazy("Review due"), None),
    "vetting_enrolled": (gettext_lazy("Enrolled in continuous vetting"), None),
    "briefed_on": (gettext_lazy("Briefed on"), None),
    "valid_from": (gettext_lazy("Valid from"), None),
    "valid_until": (gettext_lazy("Valid until"), None),
    "role": (gettext_lazy("Duty"), None),
    "authority": (gettext_lazy("Authority"), None),
    "starts_at": (gettext_lazy("Starts at"), None),
    "ends_at": (gettext_lazy("Ends at"), None),
    "hours": (gettext_lazy("Hours"), None),
    "note": (gettext_lazy("What was done"), None),
    "reason": (gettext_lazy("Reason"), None),
}

# Of what changes, and of a value, a list shows so much; the page shows all of it.
SHORT, SHORT_VALUE = 2, 60

HOURS = "hours"  # of an area

# Days and moments among them.
MOMENTS = frozenset(
    {
        *("granted_on", "review_due", "accepted_on", "briefed_on"),
        *("valid_from", "valid_until", "starts_at", "ends_at"),
    }
)

# Choices among them.
CHOSEN: Mapping[str, type[TextChoices]] = {"status": EligibilityStatus, "role": DutyRole}


def rewiring_blocks(order: Rewiring) -> list[Block]:
    """What changes, as a table: each value as it is and as it will be, under the heads it has."""
    kind = RewiringKind(order.kind)
    if kind is RewiringKind.POLICY:
        told = (change_of(key, order.before[key], new) for key, new in order.after.items())
        return blocks_of(told)
    if kind is RewiringKind.EDIT:
        return [Block("", _fields(order))]
    if kind is RewiringKind.PORT:
        names = {"port": _("serial port"), "baud": _("speed, baud")}
        return [
            Block(
                "",
                [
                    _change(names[name], str(order.before[name]), str(value))
                    for name, value in order.after.items()
                    if value != order.before[name]
                ],
            )
        ]
    if kind is RewiringKind.HAND_OVER:
        gateway = _change(_("gateway"), order.before["gateway"], order.after["gateway"])
        buses = ", ".join(order.before["buses"])
        return [Block("", [gateway, _change(_("buses that go along"), buses, buses)])]
    if kind is RewiringKind.GRANT:
        return [Block("", _granted(order))]
    return []


def rewirings_about(person: Person, actor: Actor) -> QuerySet[Rewiring]:
    """What waits for another officer and would let a person do something."""
    own = Q(after__person_id=str(person.pk)) | Q(after__escort_id=str(person.pk))
    for name, rows in (
        ("duty_id", Duty.objects.filter(person=person)),
        ("eligibility_id", Eligibility.objects.filter(person=person)),
        ("entry_id", RosterEntry.objects.filter(person=person)),
        ("user", User.objects.filter(person=person)),
    ):
        own |= Q(**{f"after__{name}__in": [str(pk) for pk in rows.values_list("pk", flat=True)]})
    orders = Rewiring.objects.filter(own, state=RewiringState.REQUESTED)
    return visible(orders, actor, "hardware.view_device").order_by("requested_at")


def rewiring_lines(order: Rewiring) -> list[str]:
    """What changes and is no value: a line for each meaning of a wire that goes or comes."""
    if order.kind == RewiringKind.PANEL_END:
        words = _("%(area)s has no alarm panel any more: its doors open without asking for one.")
        return [words % {"area": order.area}]
    if order.kind == RewiringKind.REKEY:
        words = _("%(device)s takes a key under the default key, for a few minutes.")
        return [words % {"device": order.device}]
    if order.kind not in {RewiringKind.CHANGE, RewiringKind.RETIRE}:
        return []
    before, after = meanings(order.before), meanings(order.after)
    return [
        *(_("Goes: %(input)s") % {"input": _words(each)} for each in sorted(before - after)),
        *(_("Comes: %(input)s") % {"input": _words(each)} for each in sorted(after - before)),
    ]


def rewiring_short(order: Rewiring) -> str:
    """What changes, for a line of a list: the first of it, from what to what, and how much more."""
    changes = [each for block in rewiring_blocks(order) for each in block.changes]
    said = [_short(each) for each in changes if each.old != each.new] + rewiring_lines(order)
    if len(said) > SHORT:
        more = len(said) - SHORT
        told = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
        said = [*said[:SHORT], told]
    return "; ".join(said)


def _short(each: Change) -> str:
    new = Truncator(" ".join(filter(None, (each.new, each.unit)))).chars(SHORT_VALUE)
    if not each.old:
        return _("%(what)s: %(new)s") % {"what": each.meaning, "new": new}
    old = Truncator(" ".join(filter(None, (each.old, each.old_unit)))).chars(SHORT_VALUE)
    words = _("%(what)s: %(old)s → %(new)s")
    return words % {"what": each.meaning, "old": old, "new": new}


def _granted(order: Rewiring) -> list[Change]:
    """What was filled in, a row each in the order of ``GRANTED``; records by name."""
    names = [name for name in GRANTED if name in order.after]
    found = []
    for name in [*names, *(name for name in order.after if name not in GRANTED)]:
        value = order.after[name]
        label, model = GRANTED.get(name, (name.replace("_", " "), None))
        row = model._default_manager.filter(pk=value).first() if model else None
        new = _when(value) if name in MOMENTS and value else _plain(_chosen(name, value))
        found.append(_change(str(label), "", str(row) if row else new))
    return found


def _chosen(name: str, value: Any) -> Any:
    return str(CHOSEN[name](value).label) if name in CHOSEN else value


def _fields(order: Rewiring) -> list[Change]:
    model = {each._meta.label_lower: each for each in EDITABLE}[order.place_model]
    name = str(model._meta.model_name)
    weaker = weakened(name, order.before, order.after) if order.before else []
    found = []
    for each, value in order.after.items():
        field: Any = model._meta.get_field(each)
        if each == HOURS:
            found += _week(str(field.verbose_name), order.before.get(each), value)
            continue
        before = _value(field, order.before[each]) if order.before else ""
        bearing = Bearing.MILDER if each in weaker else Bearing.NEITHER
        found.append(_change(str(field.verbose_name), before, _value(field, value), bearing))
    return found


def _week(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Change]:
    """Opening hours, in the week's order: the days that change; of a new area all of them."""
    found = []
    for day, label in DAYS.items():
        was, will = (before or {}).get(day), after.get(day)
        if before is not None and was == will:
            continue
        weaker = weakened("area", {HOURS: {day: was}}, {HOURS: {day: will}}) if will else []
        bearing = Bearing.MILDER if before is not None and weaker else Bearing.NEITHER
        old = "" if before is None else _span(was)
        found.append(_change(f"{name}, {label}", old, _span(will), bearing))
    return found


def _span(span: Sequence[str] | None) -> str:
    """The hours of a day; 00:00 to 00:00 is all of it."""
    if not span:
        return _("closed")
    opens, closes = span[0][:5], span[1][:5]
    return _("round the clock") if opens == closes == "00:00" else f"{opens} - {closes}"


def _change(name: str, old: str, new: str, bearing: Bearing = Bearing.NEITHER) -> Change:
    return Change("", None, name[:1].upper() + name[1:], "", old, new, bearing=bearing)


def _plain(value: Any) -> str:
    """A value as an officer reads it: yes or no, a week by its days."""
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{DAYS[day]} {_span(value[day])}" for day in DAYS if value.get(day))
    return str(value)


def _when(value: str) -> str:
    """A day, or a moment in the time of the page."""
    if len(value) == len("2026-01-01"):
        return date_format(date.fromisoformat(value), "j M Y")
    return date_format(localtime(datetime.fromisoformat(value)), "j M Y, H:i")


# Left empty, these are no "nothing": the policy profile says them.
FROM_POLICY = frozenset({"anti_passback", "anti_passback_minutes"})


def _value(field: "Field[Any, Any]", value: Any) -> str:
    """A value as an officer reads it: records by name, choices by word, a week by its days."""
    if value and isinstance(field, ForeignKey | ManyToManyField):
        keys = value if isinstance(value, list) else [value]
        rows = field.remote_field.model._default_manager.filter(pk__in=keys)
        return ", ".join(sorted(str(row) for row in rows))
    if value in ("", None) and field.name in FROM_POLICY:
        return _("as the policy profile says")
    if value and isinstance(field, DateField):
        return _when(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return _plain(dict(field.flatchoices).get(value, value))
    return _plain(value)


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

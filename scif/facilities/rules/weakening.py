"""Which change of a place or role lets more people in, or tells less of what happens at a door.

One officer alone makes a place safer; what weakens it waits for another officer's word. Each field
that an officer can edit has a row in :data:`WEAKENS`; a field without one weakens by any change.
`python -m scif.facilities.rules.weakening > docs/two-officers.md` writes the table down.
"""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

DAY_ENDS = "24:00"
# Each word admits what the one before it refuses. Empty is the policy's word, known elsewhere.
OFFLINE = ("deny", "enforce", "allow_and_flag")
ANTI_PASSBACK = ("soft", "timed", "hard")


class Weaker(NamedTuple):
    """When a change weakens: in words, and as a test of the value before and after it."""

    words: str
    holds: Callable[[Any, Any], bool]


def _lost(before: Any, after: Any) -> bool:
    return bool(set(before) - set(after))


def _wider(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a week of opening hours has a minute that the one before had not."""
    for day, span in after.items():
        was = before.get(day)
        if not was or span[0][:5] < was[0][:5] or _closes(span) > _closes(was):
            return True
    return False


def _closes(span: Any) -> str:
    """When a day's hours end; 00:00 is the midnight at its end."""
    text = str(span[1][:5])
    return DAY_ENDS if text == "00:00" else text


def _sooner_again(before: str, after: str) -> bool:
    """Anti-passback that is not known to be at least as strict."""
    if before not in ANTI_PASSBACK or after not in ANTI_PASSBACK:
        return after != ANTI_PASSBACK[-1]
    return ANTI_PASSBACK.index(after) < ANTI_PASSBACK.index(before)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


NEVER = Weaker("never: it is a name or a word, or bars no way in", lambda before, after: False)
ANY = Weaker("any change", lambda before, after: bool(before != after))
OFF = Weaker("switched off", lambda before, after: bool(before and not after))
ON = Weaker("switched on", lambda before, after: bool(after and not before))
MORE = Weaker("more", lambda before, after: bool(after > before))
LESS = Weaker("less", lambda before, after: bool(after < before))
LOST = Weaker("one fewer", _lost)
WIDER = Weaker("open when it was closed", _wider)
LOOSER = Weaker(
    "deny → enforce → allow and flag",
    lambda before, after: OFFLINE.index(after) > OFFLINE.index(before),
)
SOONER_AGAIN = Weaker("hard → timed → soft; to or from the policy's, but to hard", _sooner_again)
FEWER_MINUTES = Weaker(
    "fewer; to or from the policy's",
    lambda before, after: before is None or after is None or after < before,
)
# Moments, which stand in whatever zone they were typed in.
SOONER = Weaker("earlier", lambda before, after: _moment(after) < _moment(before))
LONGER = Weaker(
    "later, or none",
    lambda before, after: bool(before) and (not after or _moment(after) > _moment(before)),
)
UNSET = Weaker("another one, or none", lambda before, after: bool(before))
LATER = Weaker("later", lambda before, after: bool(after > before))
BEGINS_LATER = Weaker(
    "set where there was none, or later",
    lambda before, after: bool(after and after > (before or "")),
)
EARLIER = Weaker("earlier", lambda before, after: bool(after < before))

# By model and field. Gateways and devices know a place by its code.
WEAKENS: Mapping[str, Mapping[str, Weaker]] = {
    "facility": {
        "code": ANY,
        "name": NEVER,
        "time_zone": ANY,
        "sid": ON,
        "policy": ANY,
        "marking": ANY,
        "next_post": UNSET,
        "currency": NEVER,
        "floor_plan": NEVER,
    },
    "area": {
        "facility": ANY,
        "parent": ANY,
        "code": ANY,
        "name": NEVER,
        "kind": ANY,
        "temporary_since": BEGINS_LATER,
        "level": ANY,
        "compartments": LOST,
        "caveats": LOST,
        "capacity": MORE,
        "hours": WIDER,
        "bookable": NEVER,
        "swept_after_use": OFF,
        "two_person": OFF,
        "offline_rule": LOOSER,
    },
    "closedday": {
        "facility": ANY,
        "area": ANY,
        "name": NEVER,
        "first_day": LATER,
        "last_day": EARLIER,
        "withdrawn": ON,
    },
    "zone": {
        "area": ANY,
        "code": ANY,
        "name": NEVER,
        "anti_passback": SOONER_AGAIN,
        "anti_passback_minutes": FEWER_MINUTES,
        "first_person_in": OFF,
        "minimum": LESS,
    },
    "portal": {
        "zone": ANY,
        "code": ANY,
        "name": NEVER,
        "pulse_tenths": MORE,
        "held_seconds": MORE,
        "has_contact": OFF,
        "pin_required": OFF,
        "interlock": UNSET,
    },
    "lockerbank": {"facility": ANY, "code": ANY, "name": NEVER, "columns": NEVER},
    "locker": {
        "bank": ANY,
        "number": ANY,
        "lock": ANY,
        "purpose": ANY,
        "in_service": NEVER,
    },
    "feedbackpattern": dict.fromkeys(
        ("facility", "shown", "color", "beeps", "tenths", "beep_tenths", "text"), NEVER
    ),
    "facilityrole": {
        "user": ANY,
        "facility": ANY,
        "role": ANY,
        "valid_from": SOONER,
        "valid_until": LONGER,
    },
}
# Whoever gives a role makes a second officer, or a guard: a new one is asked for as well.
NEW_ONES: frozenset[str] = frozenset({"facilityrole"})


def weakened(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields by which a record, as it said and will say, is weaker; none for a new one.

    ``before`` and ``after`` hold the values by field; a field that only one of them has is left
    alone. INVARIANT: a field without a row weakens by any change.
    """
    rows = WEAKENS.get(model, {})
    changed = [name for name in before if name in after and before[name] != after[name]]
    return [name for name in changed if rows.get(name, ANY).holds(before[name], after[name])]


def document() -> str:
    """The table with a heading, as ``docs/two-officers.md`` keeps it."""
    rows = [
        f"| {model} | {name.replace('_', ' ')} | {weaker.words} |"
        for model, fields in WEAKENS.items()
        for name, weaker in fields.items()
        if weaker is not NEVER
    ]
    free = [
        f"{model}: {', '.join(names)}"
        for model, fields in WEAKENS.items()
        if (names := [name.replace("_", " ") for name, each in fields.items() if each is NEVER])
    ]
    return f"""# What one officer alone cannot weaken

Written by `python -m scif.facilities.rules.weakening > docs/two-officers.md`; a test compares it
with the rules, and another asks that each field of a place stands here. What one officer asks for
here with its reason waits, changes nothing, and is done when another officer confirms it; without
him it lapses.

## Doors and their wires
Two officers change what inputs, outputs and readers mean, move a bus with such devices to another
port, end an area's alarm panel, open the key window of a reader that has lost its key
(`access/services/rewiring.py`), and publish a new version of a policy that a facility works by
(`access/services/policy_ask.py`). The key window of a replaced reader is among it because whoever
stands at the line meanwhile is that reader from then on; a first key, or one that follows upon
another over the reader's own session, needs one officer.

**A zone goes to another gateway** (`access/services/hand_over.py`) by two officers as well: at a
port of another machine others may speak for its doors. One exception: while its gateway is silent
(`gateway_silent_seconds` of the policy, or it was never heard) one officer alone hands it over, at
once. A gateway that dies at night leaves doors that nobody hears and that admit nobody, and the
second officer may be an hour away. It is not unseen: the alarm `handed_over_alone` stays open until
somebody has looked at the wires, the silence itself was an alarm before, and the journal says who
was alone.

## People
Nobody is let in on one officer's word (`access/services/grant.py`):

- a role at a facility, a new one or for longer: whoever gives it makes the second officer of all
  that stands on this page. The first officers of a facility are named by whoever founds it
  (`manage.py found`), and accounts are no officer's to open ([why](adr/0015-accounts.md));
- a clearance, one that becomes final, and a suspension that is lifted: it opens what its level
  reaches, and the person may have a right of entry already; a read-in, and the granting authority's
  decision that an interim clearance reaches compartments, for the same reason;
- a citizenship more or fewer of somebody who was entered before: caveats look at all of them;
- that an area is sanitised, for it then asks for less, and people under escort come in;
- a place on the roster and hours of one's own, and a shift for somebody, or with an escort, who
  holds no role at the facility: each is a right of entry without a booking;
- an inspector's appointment, whoever he is;
- another escort for a visitor, where he holds no role at the facility: the one who is named when
  the visit is booked is approved with it, by another officer;
- an appointment as responder: in an emergency every door opens to him.

One officer alone does these, because none lets anybody in by itself:

- He ends, suspends, debriefs, revokes, calls back: whatever takes a right away is done at once.
- He plans the shifts of those who hold a role at the facility, for that role was given by two.
- He enters new people with their citizenships, records an agreement, issues a badge, sets up a
  PIN: each opens nothing without a clearance and a basis of entry.
- He approves a booking that another asked for, under a mandate that the lab approved as well and
  with a need to know that only the lab's discloser grants.
- He lets somebody enter during a lockdown: whom every other rule lets in anyway.

Nobody grants himself any of this, and nobody confirms what he is granted. Who asked must still be
an officer there when the other one confirms; the same is not asked for twice.

## Places
An officer who edits a place as below says why (`access/services/edit.py`). A change that weakens
nothing is done at once, and so is a new place.

| Record | Field | Waits for another officer |
|---|---|---|
{chr(10).join(rows)}

One officer changes these as he likes: they are names and words, or bar no way in.

{chr(10).join(f"- {line}" for line in free)}
"""


if __name__ == "__main__":
    sys.stdout.write(document())

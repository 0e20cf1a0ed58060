"""What the live plan of a facility shows (``scif/console/plan.py``): doors, people, lockers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from access.models import LockerAssignment, Presence
from access.selectors.desk import figure
from access.selectors.escort import escorts_now
from hardware.models import Device, DoorState
from scif.console.selectors.device_state import device_rows
from scif.console.selectors.hardware_plan import device_drawn
from scif.console.selectors.plan_rooms import lockdown_over, uncounted_over
from scif.console.selectors.standing import standing_over
from scif.facilities.models import Area, Facility
from scif.kernel.clock import now

_DOORS = {"locked": "locked", "ajar": "ajar", "held": "held", "forced": "forced", "unknown": "off"}


def plan_state(facility: Facility, *, names: bool) -> Mapping[str, Any]:
    """The state of a facility's plan now; with ``names`` only for screens allowed to show them.

    A room of the plan is an area's code; a door is a portal's.
    """
    return {
        "doors": _doors(facility),
        "rooms": _rooms(facility),
        "people": _people(facility, names=names),
        "lockers": _lockers(facility),
        "devices": _devices(facility),
    }


def _doors(facility: Facility) -> dict[str, dict[str, str]]:
    states = DoorState.objects.filter(portal__zone__area__facility=facility)
    told = {
        state.portal.code: {"status": _DOORS[state.status]}
        for state in states.select_related("portal")
    }
    standing_over(told, facility)
    return told


def _rooms(facility: Facility) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for area in Area.objects.filter(facility=facility):
        inside = Presence.objects.filter(zone__area=area).count()
        words = _("%(inside)d of %(places)d") % {"inside": inside, "places": area.capacity}
        found[area.code] = {"lines": [words]}
    uncounted_over(found, facility)
    lockdown_over(found, facility)
    return found


def _people(facility: Facility, *, names: bool) -> list[dict[str, Any]]:
    at, escorted = now(), escorts_now(facility)
    rows = Presence.objects.filter(zone__area__facility=facility)
    found = []
    for row in rows.select_related("person", "zone__area", "visit__booking").order_by("since"):
        person: dict[str, Any] = {
            "initials": row.person.initials,
            "kind": figure(row, escorted),
            "room": row.zone.area.code,
            "warn": row.visit is not None and row.visit.booking.ends_at < at,
        }
        if names:
            person["name"] = row.person.name
        found.append(person)
    return found


def _lockers(facility: Facility) -> dict[str, list[int]]:
    """Taken lockers by bank; the plan numbers them from one, the board from zero."""
    found: dict[str, list[int]] = {}
    rows = LockerAssignment.objects.filter(locker__bank__facility=facility, released_at=None)
    for row in rows.select_related("locker__bank"):
        found.setdefault(row.locker.bank.code, []).append(row.locker.lock + 1)
    return found


def _devices(facility: Facility) -> dict[str, dict[str, str]]:
    devices = Device.objects.filter(bus__gateway__facility=facility, retired_at=None)
    rows = device_rows(devices.select_related("bus__gateway", "portal"))
    return {row.device.code: device_drawn(row) for row in rows}

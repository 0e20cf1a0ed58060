"""The state that the plan draws for the desk, and the figures under it."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from access.models import Presence
from access.selectors import desk
from access.selectors.escort import escorts_now
from access.selectors.visit import INSIDE, visits_in
from scif.alarms.models import Alarm
from scif.console.selectors.device_state import device_rows, door_troubles
from scif.console.selectors.hardware_plan import door_drawn
from scif.console.selectors.plan_rooms import lockdown_over, uncounted_over
from scif.console.selectors.standing import standing_over
from scif.facilities.models import Area, Facility, IdsState
from scif.kernel.actor import Actor
from scif.kernel.clock import now

# Wires and devices belong to the bench and to maintenance.
NOT_AT_THE_DESK = ("devices", "wires")


def plan_geometry(facility: Facility) -> dict[str, Any]:
    """The floor plan as the guard needs it: rooms, doors, lockers."""
    drawn: dict[str, Any] = facility.floor_plan
    return {key: part for key, part in drawn.items() if key not in NOT_AT_THE_DESK}


def plan_state(
    facility: Facility, actor: Actor, present: Sequence[Presence], alarms: Sequence[Alarm]
) -> dict[str, Any]:
    """Doors, people, rooms and lockers of the plan; names, because guards may read them."""
    troubles = door_troubles(device_rows(desk.devices_of(facility, actor)))
    doors = {
        code: {
            **door_drawn(state.status, troubles.get(code, "")),
            "url": reverse("desk:unlock", args=[facility.code, code]),
        }
        for code, state in desk.door_states(facility, actor).items()
    }
    forced = {alarm.subject for alarm in alarms if alarm.kind == "door_forced"}
    rooms: dict[str, dict[str, Any]] = {}
    for portal in desk.portals_of(facility, actor):
        doors.setdefault(
            portal.code,
            {"status": "off", "url": reverse("desk:unlock", args=[facility.code, portal.code])},
        )
        if portal.code in forced:
            rooms.setdefault(portal.zone.area.code, {})["tint"] = "alarm"
    standing_over(doors, facility)
    uncounted_over(rooms, facility)
    for area in desk.fitness_of(facility).unswept:
        rooms.setdefault(area.code, {}).update(tag=_("not swept"), tag_tone="stop")
    lockdown_over(rooms, facility)
    escorted = escorts_now(facility)
    return {
        "doors": doors,
        "rooms": rooms,
        "people": [_person(facility, each, escorted) for each in present],
        "lockers": desk.lockers_taken(facility),
    }


def _person(facility: Facility, present: Presence, escorted: Container[UUID]) -> Mapping[str, Any]:
    late = desk.past_end(present)
    drawn: dict[str, Any] = {
        "initials": present.person.initials,
        "kind": desk.figure(present, escorted),
        "room": present.zone.area.code,
        "warn": late,
        "name": present.person.name.split()[-1],
        "note": _late(present) if late else for_how_long(present.since),
    }
    if present.visit_id:
        drawn["url"] = reverse("desk:visit", args=[facility.code, present.visit_id])
    return drawn


def _late(present: Presence) -> str:
    if present.visit is None:
        return ""
    minutes = int((now() - present.visit.booking.ends_at).total_seconds() // 60)
    return _("+%(minutes)d min") % {"minutes": minutes}


def for_how_long(since: datetime) -> str:
    """A stay in hours and minutes: 1 h 26."""
    minutes = max(0, int((now() - since).total_seconds() // 60))
    return f"{minutes // 60} h {minutes % 60:02d}"


def occupancy(
    facility: Facility, actor: Actor, present: Sequence[Presence]
) -> list[dict[str, str]]:
    """Each room's places, and who leaves next."""
    figures = []
    for area in Area.objects.filter(facility=facility, zones__isnull=False).distinct():
        count = len({each.person_id for each in present if each.zone.area_id == area.pk})
        words = _("%(count)d of %(places)d places") % {"count": count, "places": area.capacity}
        figures.append({"what": area.name, "value": words})
    for ids in IdsState.objects.filter(area__facility=facility).select_related("area"):
        words = _("In alarm") if ids.in_alarm else str(ids.get_mode_display())
        figures.append({"what": _("IDS, %(area)s") % {"area": ids.area.name}, "value": words})
    next_out = visits_in(facility, actor, INSIDE).order_by("booking__ends_at").first()
    if next_out is not None:
        ends = next_out.booking.ends_at.astimezone(timezone.get_current_timezone())
        name = next_out.person.name.split()[-1]
        figures.append({"what": _("Next to leave"), "value": f"{name}, {ends:%H:%M}"})
    return figures

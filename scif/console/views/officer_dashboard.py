"""What the index of the admin shows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import Presence
from access.selectors.facts_place import policy_facts
from access.selectors.threat import threat_raised
from access.selectors.threat_stops import visits_stopped_today
from scif.alarms.models import Gravity
from scif.alarms.selectors.gravest import gravest_first
from scif.console.selectors.due import SPANS, due_items, within
from scif.console.selectors.figures import alarms_by_age, decisions_a_day, hours_used
from scif.console.selectors.fitness import area_rows
from scif.console.selectors.plan_state import plan_state
from scif.console.selectors.waiting import alarms_open
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with, visible
from scif.people.actors import actor_of

VIEW = "facilities.view_facility"
FILTERS = (*(str(days) for days in SPANS), "overdue")
MOST_ALARMS = 3
SHAPES = {"respond": "stop", "act": "warn", "check": "info", "note": "note"}


def _threats(actor: Actor) -> list[dict[str, Any]]:
    """The facilities whose threat level is raised, with today's bookings that it stops."""
    found = []
    for facility in visible(Facility.objects.select_related("policy"), actor, VIEW):
        level = threat_raised(facility, policy_facts(facility))
        if level:
            bookings = {each.booking for each in visits_stopped_today(facility)}
            stopped = sorted(bookings, key=lambda each: each.starts_at)
            found.append({"facility": facility, "level": level, "stopped": stopped})
    return found


def dashboard_context(request: HttpRequest) -> dict[str, Any]:
    """Fitness, due, plans and figures of the facilities of the user's roles."""
    actor, at = actor_of(request), now()
    today = at.date()
    items = due_items(actor, today)
    which = request.GET.get("due", "")
    if which not in FILTERS:
        # The nearest span in which something is due; the filters count the others.
        which = next((each for each in FILTERS[:-1] if within(items, today, each)), FILTERS[0])
    alarms = alarms_open(actor)
    return {
        "today": today,
        "areas": area_rows(actor, at),
        "threats": _threats(actor),
        "inside": visible(Presence.objects.all(), actor, "access.view_decision").count(),
        "due": [(item, item.late(today)) for item in within(items, today, which)],
        "due_filters": [
            {
                "label": _("Overdue") if each == "overdue" else _("%(n)s days") % {"n": each},
                "count": len(within(items, today, each)),
                "url": f"{reverse('admin:index')}?due={each}",
                "current": each == which,
            }
            for each in FILTERS
        ],
        "plans": _plans(actor),
        "hours": hours_used(actor, at),
        "decisions": decisions_a_day(actor, at),
        "alarm_ages": alarms_by_age(actor, at),
        "alarm_total": alarms.count(),
        "respond": alarms.filter(gravity=Gravity.RESPOND).count(),
    }


def _plans(actor: Actor) -> list[dict[str, Any]]:
    """A plan for each facility that has its geometry on record."""
    found = []
    for facility in facilities_with(actor, VIEW).order_by("name"):
        if not facility.floor_plan:
            continue
        state = plan_state(facility, names=False)
        open_here = gravest_first(alarms_open(actor).filter(facility=facility))
        found.append(
            {
                "facility": facility,
                # Rooms, doors and people; devices and wires have a page of their own.
                "geometry": {**facility.floor_plan, "devices": [], "wires": []},
                "state": state,
                "inside": len(state["people"]),
                "alarms": [(SHAPES[alarm.gravity], alarm) for alarm in open_here[:MOST_ALARMS]],
                "count": (count := open_here.count()),
                "more": max(0, count - MOST_ALARMS),
            }
        )
    return found

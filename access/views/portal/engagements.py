"""Engagements, rooms, and what is held about the reader."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from access.models import EligibilityStatus, Engagement
from access.rules.snapshot.parts import WEEKDAYS
from access.rules.states import EngagementState
from access.selectors.booking import is_member
from access.selectors.booking_check import Reason, own_remedy, own_words
from access.selectors.engagement import (
    areas_of,
    bookable_engagements,
    engagements_disclosed,
    engagements_for,
)
from access.selectors.own import own_data
from access.selectors.slots import SlotFinder
from access.views.portal.page import page, portal_actor
from scif.facilities.models import Area
from scif.kernel.actor import Actor
from scif.kernel.clock import now

STATES = {
    EngagementState.DRAFT: ("todo", gettext_lazy("Draft")),
    EngagementState.PROPOSED: ("wait", gettext_lazy("Waiting for lab and facility")),
    EngagementState.ACTIVE: ("ok", gettext_lazy("Active")),
    EngagementState.SUSPENDED: ("stop", gettext_lazy("Suspended")),
    EngagementState.REFUSED: ("stop", gettext_lazy("Refused")),
    EngagementState.CLOSED: ("off", gettext_lazy("Closed")),
}
CLEARANCES = {
    EligibilityStatus.FINAL: "ok",
    EligibilityStatus.INTERIM: "warn",
    EligibilityStatus.LAA: "warn",
    EligibilityStatus.SUSPENDED: "stop",
    EligibilityStatus.REVOKED: "stop",
}
DAYS = [
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
]


@login_required
@require_GET
def engagements(request: HttpRequest) -> HttpResponse:
    """The engagements that the reader has a part in."""
    found = engagements_for(portal_actor(request)).order_by("reference")
    rows = [{"engagement": each, "said": _state(each)} for each in found]
    return page(request, "engagements.html", "engagements", {"rows": rows}, mandates=found)


@login_required
@require_GET
def engagement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One engagement: team, rooms, approvals, and what stands in the reader's own way."""
    actor = portal_actor(request)
    found = get_object_or_404(engagements_for(actor), pk=pk)
    rooms = list(areas_of(found))
    members = found.members.select_related("person__organisation").order_by("person__name")
    context = {
        "engagement": found,
        "said": _state(found),
        "rooms": [_room(area) for area in rooms],
        "members": members,
        "own": _own_way(found, rooms, actor),
        "member": is_member(found, actor.person_id),
        "discloses": engagements_disclosed(actor).filter(pk=pk).exists(),
        "may_book": bookable_engagements(actor).filter(pk=pk).exists(),
    }
    shown = Engagement.objects.filter(pk=pk)
    return page(request, "engagement.html", "engagements", context, mandates=shown)


@login_required
@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """The rooms of the reader's active engagements."""
    mandates = bookable_engagements(portal_actor(request))
    found: dict[UUID, dict[str, Any]] = {}
    for mandate in mandates:
        for area in areas_of(mandate):
            found.setdefault(area.pk, {**_room(area), "engagement": mandate})
    return page(request, "rooms.html", "rooms", {"rooms": list(found.values())})


@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """What the system holds about the reader."""
    actor = portal_actor(request)
    if actor.person_id is None:
        raise Http404
    data = own_data(actor.person_id)
    clearances = [
        {"row": row, "shape": CLEARANCES[EligibilityStatus(row.status)]}
        for row in data.eligibilities
    ]
    countries = list(data.person.citizenships.order_by("country").values_list("country", flat=True))
    context = {"data": data, "clearances": clearances, "countries": countries}
    return page(request, "mine.html", "me", context)


def _state(found: Engagement) -> dict[str, str]:
    shape, words = STATES[EngagementState(found.state)]
    return {"shape": shape, "words": str(words)}


def _room(area: Area) -> dict[str, Any]:
    return {"area": area, "hours": week_lines(area.hours), "zone": area.facility.time_zone}


_END = {"00:00": "24:00"}


def week_lines(hours: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Hours of a week, as the records keep them, as lines. What ends at midnight ends at 24:00."""
    lines = [
        {"day": DAYS[number], "from": hours[key][0], "to": _END.get(hours[key][1], hours[key][1])}
        for number, key in enumerate(WEEKDAYS)
        if hours.get(key)
    ]
    return _grouped(lines)


def _grouped(hours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Days in a row with the same hours, as one line."""
    lines: list[dict[str, Any]] = []
    for each in hours:
        if lines and (lines[-1]["from"], lines[-1]["to"]) == (each["from"], each["to"]):
            lines[-1]["until"] = each["day"]
        else:
            lines.append(dict(each))
    return lines


def _own_way(found: Engagement, areas: list[Area], actor: Actor) -> list[dict[str, Any]]:
    """For each room, what stands in the reader's way at the first time open to him."""
    if not is_member(found, actor.person_id) or actor.person_id is None:
        return []
    rows = []
    for area in areas:
        finder = SlotFinder(
            engagement=found,
            area=area,
            team=[actor.person_id],
            length=timedelta(hours=1),
            requester=actor.person_id,
            at=now(),
        )
        check = finder.check(_opening(area, finder))
        decision = check.decisions[actor.person_id]
        reasons = [
            Reason(o.code, own_words(o), own_remedy(o), "warn" if o.awaits else "stop")
            for o in [*decision.objections, *decision.pending]
        ]
        rows.append({"area": area, "reasons": reasons})
    return rows


def _opening(area: Area, finder: SlotFinder) -> Any:
    """The first opening of the room after the notice: the hours are nobody's own matter."""
    first = finder.first.astimezone(ZoneInfo(area.facility.time_zone)).date()
    for day in finder.days(first + timedelta(days=1), 14):
        if day.opens is not None:
            return day.opens
    return finder.first


__all__ = ["engagement", "engagements", "me", "rooms"]

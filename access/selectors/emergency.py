"""Emergencies that are not closed, who may enter by them, and who is still to be debriefed."""

from datetime import datetime

from django.db.models import QuerySet

from access.models import Emergency, Presence, Responder, Response
from access.rules.facts import BasisKind
from scif.alarms.models import Alarm, Gravity
from scif.alarms.selectors.silent import shown_at_desk
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible


def emergencies_open(facility: Facility) -> QuerySet[Emergency]:
    """The emergencies of a facility that are not closed, the newest first."""
    found = Emergency.objects.filter(facility=facility, closed_at=None)
    return found.select_related("declared_by", "confirmed_by").order_by("-declared_at")


def responses_in_force(facility: Facility) -> QuerySet[Response]:
    """The responders whom an emergency lets in now."""
    return Response.objects.filter(
        emergency__facility=facility,
        emergency__confirmed_at__isnull=False,
        emergency__ended_at=None,
        emergency__ends_at__gt=now(),
    ).select_related("emergency")


def responders_at(facility: Facility, at: datetime) -> QuerySet[Responder]:
    """The response force at a moment: to whom an emergency that is confirmed then opens doors."""
    return Responder.objects.filter(facility=facility, valid_from__lte=at, valid_until__gt=at)


def responders_inside(facility: Facility) -> QuerySet[Presence]:
    """Who is counted inside because an emergency let him in."""
    return Presence.objects.filter(zone__area__facility=facility, basis=BasisKind.EMERGENCY.value)


def alarms_taken(facility: Facility, actor: Actor) -> QuerySet[Alarm]:
    """The open RESPOND alarms that somebody has taken: each may stand for the first person."""
    alarms = shown_at_desk(visible(Alarm.objects.all(), actor, "alarms.view_alarm"))
    return alarms.filter(
        facility=facility,
        gravity=Gravity.RESPOND,
        closed_at=None,
        acknowledged_by__isnull=False,
    )

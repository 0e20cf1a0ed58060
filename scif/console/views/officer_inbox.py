"""The approvals inbox: requests by urgency at the left, evidence and the decision at the right."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.models import Booking
from access.services.booking_decision import booking_approve, booking_refuse
from scif.console.selectors.approval import approval, doubt, stopped, verdict
from scif.console.selectors.waiting import approvals_waiting
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import visible
from scif.people.actors import actor_of

CONFLICT = 409


def inbox(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """The list, with the most urgent request open, or the one that was asked for."""
    return _page(request, actor_of(request), pk)


@require_POST
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve; every objection stands beside the button if there is one."""
    actor = actor_of(request)
    try:
        booking = booking_approve(booking_id=pk, actor=actor)
    except Refused as error:
        return _page(request, actor, pk, error)
    messages.success(request, _("%(reference)s is approved.") % {"reference": booking.reference})
    return redirect("admin:approvals")


@require_POST
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse with a reason that the team reads."""
    actor = actor_of(request)
    reason = request.POST.get("reason", "")
    try:
        booking = booking_refuse(booking_id=pk, reason=reason, actor=actor)
    except Refused as error:
        return _page(request, actor, pk, error, reason=reason)
    messages.success(request, _("%(reference)s is refused.") % {"reference": booking.reference})
    return redirect("admin:approvals")


def _page(
    request: HttpRequest,
    actor: Actor,
    pk: UUID | None,
    refused: Refused | None = None,
    *,
    reason: str = "",
) -> HttpResponse:
    waiting = list(approvals_waiting(actor))
    chosen: Booking | None = waiting[0] if waiting else None
    if pk is not None:
        chosen = visible(Booking.objects.all(), actor, "access.view_decision").get(pk=pk)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Approvals"),
        "lines": [_line(booking, actor) for booking in waiting],
        "chosen": approval(chosen, actor) if chosen else None,
        "asked": pk is not None,
        "refused": refused,
        "reason": reason,
    }
    return TemplateResponse(
        request, "admin/inbox.html", context, status=CONFLICT if refused else 200
    )


def _line(booking: Booking, actor: Actor) -> dict[str, Any]:
    """One line of the list: what, until when, and what stands in the way."""
    why = stopped(booking, actor)
    check = verdict(booking)
    if why:
        shape, words = "ovr", why
    elif not check.admitted:
        shape, words = "stop", _("Objections: see the evidence")
    elif check.awaiting:
        shape, words = "warn", _("Something to do before the day")
    elif label := doubt(booking):
        shape, words = "warn", _("%(what)s: see the evidence") % {"what": label}
    else:
        shape, words = "ok", _("Every check met")
    return {
        "booking": booking,
        "left": booking.hold_until - now(),
        "shape": shape,
        "words": words,
        "people": booking.attendees.count(),
        "time_zone": booking.area.facility.time_zone,
    }

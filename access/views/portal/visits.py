"""The auditor's visits: the list, the pass, cancelling."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from access.forms.booking import ESCORT, CancelForm
from access.models import Booking
from access.rules.states import VISIT_ENDED, BookingState, VisitState
from access.selectors.booking import (
    FILTERS,
    bookings_filtered,
    bookings_for,
    may_end,
    own_visit,
    team_of,
)
from access.selectors.booking_check import TeamCheck, team_check
from access.selectors.booking_policy import booking_policy
from access.selectors.escort import booking_escort, may_name_escort
from access.selectors.facts import Proposal
from access.services.booking_end import booking_cancel
from access.views.portal.page import REFUSED, page, portal_actor
from access.views.portal.visit_words import (
    approvals,
    local_words,
    on_the_day,
    qr_code,
    state_words,
    team_words,
    threat_words,
    todo_words,
    when_words,
)
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused

PAGE_SIZE = 20
OPEN_STATES = frozenset({BookingState.REQUESTED, BookingState.APPROVED})


@login_required
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """The bookings that the reader has a part in."""
    actor, at = portal_actor(request), now()
    search = request.GET.get("q", "")
    which = request.GET.get("which", "coming")
    which = which if which in FILTERS else "coming"
    mine = bookings_for(actor)
    labels = {"coming": _("Coming"), "waiting": _("Waiting"), "past": _("Past"), "all": _("All")}
    tabs = [
        {
            "label": labels[key],
            "count": bookings_filtered(mine, which=key, search=search, at=at).count(),
            "url": f"?which={key}",
            "current": key == which,
        }
        for key in FILTERS
    ]
    found = bookings_filtered(mine, which=which, search=search, at=at)
    pages = Paginator(found.prefetch_related("visits"), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_row(booking, actor.person_id) for booking in pages]
    context = {
        "tabs": tabs,
        "rows": rows,
        "pages": pages,
        "search": search,
        "empty": _empty(which, search),
    }
    return page(request, "visits.html", "visits", context)


@login_required
@require_GET
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The pass of a visit: where and when, what to do before, who approved, the day."""
    actor = portal_actor(request)
    booking = get_object_or_404(bookings_for(actor), pk=pk)
    own = own_visit(booking, actor.person_id)
    check = _check(booking)
    decision = check.decisions.get(actor.person_id) if check and actor.person_id else None
    todo = [*todo_words(decision), *([] if own is None else threat_words(own))]
    # One whose own visit is over waits for nothing more, though his team may still come.
    is_open = booking.state in OPEN_STATES and (own is None or _shows_pass(own.state))
    desk_from = booking.starts_at - booking_policy(booking.area.facility).desk_before
    names = list(team_of(booking).values_list("pk", "name"))
    context = {
        "booking": booking,
        "visit": own,
        "when": when_words(booking),
        "said": state_words(booking, own, len(todo) if is_open else 0),
        "qr": qr_code(own.reference) if own and _shows_pass(own.state) else "",
        "todo": todo if is_open else [],
        "checked": is_open and decision is not None,
        "approvals": approvals(booking),
        "day": on_the_day(booking, desk_from) if is_open else [],
        "escort": booking_escort(booking, actor.person_id) if is_open else None,
        "team": team_words(
            names,
            check.held_up if check else [],
            check.awaiting if check else [],
            actor.person_id,
        ),
        "may_cancel": is_open and may_end(booking, actor),
        "change": f"{reverse('portal:slots')}?{_change_query(booking, names, actor)}",
        "as_of": local_words(booking, now()),
    }
    return page(request, "visit.html", "visits", context)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second step of cancelling: it names what follows."""
    actor = portal_actor(request)
    booking = get_object_or_404(bookings_for(actor, "access.cancel_booking"), pk=pk)
    form = CancelForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            booking_cancel(booking_id=pk, reason=form.cleaned_data["reason"], actor=actor)
        except Refused as refusal:
            form.add_error(None, f"{refusal.message} {refusal.remedy}")
            status = REFUSED
        else:
            messages.success(request, _("Cancelled. The slot is free for others."))
            return redirect("portal:visits")
    context = {
        "booking": booking,
        "when": when_words(booking),
        "form": form,
        "team": team_of(booking).count(),
        "open": booking.state in OPEN_STATES,
    }
    return page(request, "visit_cancel.html", "visits", context, status=status)


def _change_query(booking: Booking, team: list[tuple[UUID, str]], actor: Actor) -> str:
    """A search for another slot like the one that is booked; an officer's keeps the escorts."""
    escorts = booking.attendees.none()
    if may_name_escort(actor, booking.area.facility):
        escorts = booking.attendees.filter(escort__isnull=False).order_by("person_id")
    minutes = (booking.ends_at - booking.starts_at) // timedelta(minutes=1)
    pairs = [
        ("engagement", str(booking.engagement_id)),
        ("area", str(booking.area_id)),
        ("length", str(minutes)),
        *(("people", str(pk)) for pk, _name in team),
        *((f"{ESCORT}{each.person_id}", str(each.escort_id)) for each in escorts),
        ("instead", str(booking.pk)),
    ]
    return urlencode(pairs)


def _check(booking: Booking) -> TeamCheck | None:
    """How the team stands towards an open booking today."""
    if booking.state not in OPEN_STATES:
        return None
    return team_check(Proposal.of(booking), at=booking.requested_at)


def _shows_pass(state: str) -> bool:
    return VisitState(state) not in VISIT_ENDED


def _row(booking: Booking, person_id: UUID | None) -> dict[str, Any]:
    own = next((each for each in booking.visits.all() if each.person_id == person_id), None)
    return {
        "url": reverse("portal:visit", args=[booking.pk]),
        "booking": booking,
        "when": when_words(booking),
        "said": state_words(booking, own),
    }


def _empty(which: str, search: str) -> dict[str, str]:
    way = {"url": reverse("portal:slots"), "link": _("Find a slot")}
    if search:
        return {
            "title": _("Nothing here matches “%(words)s”.") % {"words": search},
            "text": "",
            "url": reverse("portal:visits"),
            "link": _("Show all that are coming"),
        }
    titles = {
        "coming": _("No visits are coming."),
        "waiting": _("Nothing of yours is waiting for a decision."),
        "past": _("No visits so far."),
        "all": _("No visits so far."),
    }
    return {"title": titles[which], "text": _("A visit begins with a slot."), **way}

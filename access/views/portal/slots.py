"""Find a slot, and ask for it."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from access.forms.booking import RequestForm
from access.models import Booking
from access.selectors.booking import bookings_for
from access.selectors.slots import Span, choose
from access.services.booking import booking_request
from access.services.booking_change import booking_change
from access.services.refusals import BookingRefused
from access.views.portal.asked import Asked, asked_of, is_near, moment_of
from access.views.portal.page import REFUSED, page
from access.views.portal.slot_words import day_view, everybody, number, whole
from access.views.portal.visit_words import when_words
from scif.kernel.errors import Refused
from scif.kernel.text import Unfit
from scif.people.actors import actor_of

WEEK = timedelta(days=7)
DAY_MINUTES = 24 * 60


@login_required
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """A week of a room for a team: what is free, and why the rest is not."""
    asked = asked_of(request)
    if asked is None:
        return page(request, "slots_none.html", "slots", {}, status=200)
    earliest = asked.finder.earliest(3)
    alone = None
    if not earliest and "people" not in request.GET:
        # The whole team was nobody's choice: what the asker can have alone says more.
        alone = asked_of(request, people=[str(asked.actor.person_id)])
    if alone is not None and (found := alone.finder.earliest(3)):
        asked, earliest, team = alone, found, asked.words.team
    else:
        team = 0
    chosen = moment_of(request.GET.get("start"))
    first = _week(request, asked, chosen)
    if chosen is None and "week" not in request.GET and earliest:
        chosen = earliest[0]
        first = _monday(chosen.astimezone(asked.zone).date())
    lost = chosen is not None and not _fits(asked, chosen)
    if lost:
        chosen = None
    context = {**_week_view(asked, first, chosen, earliest), "lost": lost, "not_all": whole(team)}
    context["whole_team"] = team
    return page(request, "slots.html", "slots", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The slot chosen, once more in words; then the request itself."""
    # First of all: of one that was changed the old booking is not to be had any more.
    sent_before = _sent_before(request)
    if sent_before is not None:
        return redirect("portal:visit", pk=sent_before.pk)
    asked = asked_of(request)
    chosen = moment_of(request.GET.get("start"))
    if asked is None or chosen is None:
        return redirect("portal:slots")
    span = _fits(asked, chosen)
    if span is None:
        messages.warning(request, _("That time is not free any more. Choose another."))
        return redirect(f"{reverse('portal:slots')}?{asked.query()}")
    starts = [(each.isoformat(), asked.words.clock(each)) for each in asked.finder.starts(span)]
    initial = {
        "start": chosen.isoformat(),
        "purpose": asked.instead.purpose if asked.instead else "",
        "booking_id": uuid4(),
    }
    form = RequestForm(request.POST or None, starts=starts, initial=initial)
    reasons: Any = ()
    if request.method == "POST" and form.is_valid():
        try:
            booking = _request(asked, form)
        except BookingRefused as refusal:
            reasons = refusal.reasons
        except Unfit as refusal:
            form.add_error(refusal.field, refusal.fault)
        except Refused as refusal:
            form.add_error("start", f"{refusal.message} {refusal.remedy}")
        else:
            messages.success(request, _asked_for(asked))
            return redirect("portal:visit", pk=booking.pk)
    status = REFUSED if request.method == "POST" else 200
    context = {
        "form": form,
        "objections": [{"what": r.what, "mend": r.mend} for r in reasons],
        "request_of": _request_view(asked, chosen),
        "instead": _instead_view(asked),
        "back": f"{reverse('portal:slots')}?{asked.query(start=chosen.isoformat())}",
    }
    return page(request, "slot_ask.html", "slots", context, status=status)


def _request(asked: Asked, form: RequestForm) -> Booking:
    """Ask for the slot of a valid form, in the place of the booking that is to be changed."""
    start = datetime.fromisoformat(form.cleaned_data["start"])
    send = (
        partial(booking_request, engagement_id=asked.engagement.pk)
        if asked.instead is None
        else partial(booking_change, booking_id=asked.instead.pk)
    )
    return send(
        area_id=asked.form.room.pk,
        starts_at=start,
        ends_at=start + asked.finder.length,
        attendee_ids=asked.form.team,
        purpose=form.cleaned_data["purpose"],
        new_id=form.cleaned_data["booking_id"],
        escorts=asked.form.escorts,
        actor=asked.actor,
    )


def _sent_before(request: HttpRequest) -> Booking | None:
    """The booking that this very form has made already: its button was pressed twice."""
    try:
        booking_id = UUID(request.POST.get("booking_id", ""))
    except ValueError:
        return None
    actor = actor_of(request)
    return bookings_for(actor).filter(pk=booking_id, requester=actor.person_id).first()


def _asked_for(asked: Asked) -> str:
    if asked.instead is not None:
        return _("Changed. The new slot is held for you; the old one is free for others.")
    return _("Asked for. The slot is held for you.")


def _instead_view(asked: Asked) -> dict[str, Any] | None:
    """The booking that is to be changed, in words."""
    if asked.instead is None:
        return None
    return {"booking": asked.instead, "when": when_words(asked.instead)}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(request: HttpRequest, asked: Asked, chosen: datetime | None) -> date:
    try:
        day = parse_date(request.GET.get("week", ""))
    except ValueError:
        day = None
    if day is None or not is_near(day):
        day = (chosen or asked.finder.first).astimezone(asked.zone).date()
    return _monday(day)


def _fits(asked: Asked, chosen: datetime) -> Span | None:
    """The free span in which a slot may begin at the moment chosen."""
    day = asked.finder.days(chosen.astimezone(asked.zone).date(), 1)[0]
    for span in day.free:
        if chosen in asked.finder.starts(span):
            return span
    return None


def _week_view(
    asked: Asked, first: date, chosen: datetime | None, earliest: list[datetime]
) -> dict[str, Any]:
    days = [day for day in asked.finder.days(first, 7) if day.date.weekday() < 5 or day.spans]
    if chosen is not None:
        local = chosen.astimezone(asked.zone).date()
        turnaround = asked.finder.policy.turnaround
        days = [
            choose(day, chosen, asked.finder.length, turnaround) if day.date == local else day
            for day in days
        ]
    opening = [day.opens.astimezone(asked.zone).hour for day in days if day.opens]
    closing = [
        -(-(_minutes(day.closes, asked.zone) or DAY_MINUTES) // 60) for day in days if day.closes
    ]
    origin, end = min(opening, default=8), max(closing, default=18)
    views = [day_view(day, asked.words, origin) for day in days]
    for view in views:
        for slot in view["slots"]:
            if slot["start"]:
                slot["url"] = f"?{asked.query(start=slot['start'].isoformat())}#request"
    return {
        "form": asked.form,
        "team": asked.words.team,
        "places": asked.form.room.capacity,
        "whole": whole(asked.words.team),
        "title": _("Find a slot for your team") if asked.words.team > 1 else _("Find a slot"),
        "days": views,
        "hours": [f"{hour:02d}:00" for hour in range(origin, end)],
        "week": _week_words(days[0].date, days[-1].date),
        "before": f"?{asked.query(week=(first - WEEK).isoformat())}",
        "after": f"?{asked.query(week=(first + WEEK).isoformat())}",
        "as_of": asked.words.clock(asked.finder.at),
        "zone": asked.zone.key,
        "earliest": [_early(asked, start, chosen) for start in earliest],
        "chosen": _request_view(asked, chosen) if chosen else None,
        "instead": _instead_view(asked),
    }


def _minutes(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _week_words(first: date, last: date) -> str:
    form = "j" if first.month == last.month else "j F"
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, form),
        "last": date_format(last, "j F"),
    }


def _early(asked: Asked, start: datetime, chosen: datetime | None) -> dict[str, Any]:
    return {
        "day": asked.words.day(start, "D j M"),
        "hours": asked.words.span(start, start + asked.finder.length),
        "url": "" if start == chosen else f"?{asked.query(start=start.isoformat())}#request",
    }


def _request_view(asked: Asked, chosen: datetime) -> dict[str, Any]:
    """The slot chosen, its room and its team. A member's own things are his own to see."""
    check = asked.finder.check(chosen)
    room, mandate = asked.form.room, asked.engagement
    leads = set(mandate.members.filter(lead=True).values_list("person_id", flat=True))
    team = []
    for pk in asked.form.team:
        todo = pk in check.awaiting
        team.append(
            {
                "name": asked.form.people_by_id[str(pk)].name,
                "lead": pk in leads,
                "todo": todo,
                "own": pk == asked.actor.person_id,
                "escort": asked.form.escort_words(pk),
            }
        )
    end = chosen + asked.finder.length
    hold = asked.finder.policy.held_until(asked.finder.at, chosen)
    return {
        "day": asked.words.day(chosen),
        "short_day": asked.words.day(chosen, "D j M"),
        "hours": asked.words.span(chosen, end),
        "from": asked.words.clock(chosen),
        "to": asked.words.clock(end),
        "room": room,
        "engagement": mandate,
        "team": team,
        "team_words": number(len(team)),
        "everybody": everybody(len(team)),
        "todo": sum(each["todo"] for each in team),
        "held": f"{asked.words.day(hold, 'l j F')}, {asked.words.clock(hold)}",
        "url": f"{reverse('portal:slot-ask')}?{asked.query(start=chosen.isoformat())}",
    }

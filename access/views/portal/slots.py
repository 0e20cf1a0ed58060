"""Find a slot, and ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from access.forms.booking import RequestForm, SlotForm
from access.models import Engagement
from access.selectors.booking_policy import booking_policy
from access.selectors.engagement import areas_of, bookable_engagements
from access.selectors.slots import SlotFinder, Span, choose
from access.services.booking import booking_request
from access.services.refusals import BookingRefused
from access.views.portal.page import REFUSED, page, portal_actor
from access.views.portal.slot_words import Words, day_view, everybody, number
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused

WEEK = timedelta(days=7)
DAY_MINUTES = 24 * 60
MOST_DAYS_AWAY = 800


@dataclass(frozen=True)
class Asked:
    """A search for slots that makes sense: form, finder, words."""

    actor: Actor
    engagement: Engagement
    form: SlotForm
    finder: SlotFinder
    words: Words

    @property
    def zone(self) -> ZoneInfo:
        """The facility's zone."""
        return self.words.zone

    def query(self, **more: str) -> str:
        """The search as a query string."""
        pairs = [
            ("engagement", str(self.engagement.pk)),
            ("area", str(self.form.room.pk)),
            ("length", str(self.form.cleaned_data["length"])),
            *(("people", str(pk)) for pk in self.form.team),
            *more.items(),
        ]
        return urlencode(pairs)


@login_required
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """A week of a room for a team: what is free, and why the rest is not."""
    asked = _asked(request)
    if asked is None:
        return page(request, "slots_none.html", "slots", {}, status=200)
    earliest = asked.finder.earliest(3)
    alone = None
    if not earliest and "people" not in request.GET:
        # The whole team was nobody's choice: what the asker can have alone says more.
        alone = _asked(request, people=[str(asked.actor.person_id)])
    if alone is not None and (found := alone.finder.earliest(3)):
        asked, earliest, team = alone, found, asked.words.team
    else:
        team = 0
    chosen = _moment(request.GET.get("start"))
    first = _week(request, asked, chosen)
    if chosen is None and "week" not in request.GET and earliest:
        chosen = earliest[0]
        first = _monday(chosen.astimezone(asked.zone).date())
    lost = chosen is not None and not _fits(asked, chosen)
    if lost:
        chosen = None
    context = {**_week_view(asked, first, chosen, earliest), "lost": lost, "not_all": number(team)}
    context["whole_team"] = team
    return page(request, "slots.html", "slots", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The slot chosen, once more in words; then the request itself."""
    asked = _asked(request)
    chosen = _moment(request.GET.get("start"))
    if asked is None or chosen is None:
        return redirect("portal:slots")
    span = _fits(asked, chosen)
    if span is None:
        messages.warning(request, _("That time is not free any more. Choose another."))
        return redirect(f"{reverse('portal:slots')}?{asked.query()}")
    starts = [(each.isoformat(), asked.words.clock(each)) for each in asked.finder.starts(span)]
    form = RequestForm(request.POST or None, starts=starts, initial={"start": chosen.isoformat()})
    reasons: Any = ()
    if request.method == "POST" and form.is_valid():
        start = datetime.fromisoformat(form.cleaned_data["start"])
        try:
            booking = booking_request(
                engagement_id=asked.engagement.pk,
                area_id=asked.form.room.pk,
                starts_at=start,
                ends_at=start + asked.finder.length,
                attendee_ids=asked.form.team,
                purpose=form.cleaned_data["purpose"],
                actor=asked.actor,
            )
        except BookingRefused as refusal:
            reasons = refusal.reasons
        except Refused as refusal:
            form.add_error("start", f"{refusal.message} {refusal.remedy}")
        else:
            messages.success(request, _("Asked for. The slot is held for you."))
            return redirect("portal:visit", pk=booking.pk)
    status = REFUSED if request.method == "POST" else 200
    context = {
        "form": form,
        "objections": [{"what": r.what, "mend": r.mend} for r in reasons],
        "request_of": _request_view(asked, chosen),
        "back": f"{reverse('portal:slots')}?{asked.query(start=chosen.isoformat())}",
    }
    return page(request, "slot_ask.html", "slots", context, status=status)


def _asked(request: HttpRequest, people: Sequence[str] = ()) -> Asked | None:
    """What the query asks for; None without an engagement under which the user may book.

    ``people`` stand in the place of the query's.
    """
    actor = portal_actor(request)
    if actor.person_id is None:
        return None
    mandates = bookable_engagements(actor)
    wanted = request.GET.get("engagement")
    if wanted:
        try:
            pk = UUID(wanted)
        except ValueError as error:
            raise Http404 from error
        engagement: Engagement | None = get_object_or_404(mandates, pk=pk)
    else:
        engagement = next((each for each in mandates if areas_of(each).exists()), None)
    if engagement is None:
        return None
    area = areas_of(engagement).first()
    if area is None:
        return None
    form = SlotForm(
        {**request.GET.dict(), "people": people or request.GET.getlist("people")},
        engagement=engagement,
        others=mandates,
        longest=booking_policy(area.facility).longest,
    )
    if not form.is_valid():
        return None
    finder = SlotFinder(
        engagement=engagement,
        area=form.room,
        team=form.team,
        length=form.span,
        requester=actor.person_id,
        at=now(),
    )
    zone = ZoneInfo(form.room.facility.time_zone)
    words = Words(zone, actor.person_id, len(form.team), finder)
    return Asked(actor, engagement, form, finder, words)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parse_datetime(text or "")
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not _is_near(moment.date()):
        return None
    return moment


def _is_near(day: date) -> bool:
    """Whether a day of an address may be meant; the calendar has no slots beyond."""
    return abs((day - now().date()).days) <= MOST_DAYS_AWAY


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(request: HttpRequest, asked: Asked, chosen: datetime | None) -> date:
    try:
        day = parse_date(request.GET.get("week", ""))
    except ValueError:
        day = None
    if day is None or not _is_near(day):
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
        "team_words": number(asked.words.team),
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

"""What an address of the portal asks for when a slot is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from access.forms.booking import ESCORT, SlotForm
from access.models import Booking, Engagement
from access.rules.states import HOLDS_SLOT
from access.selectors.booking import bookings_for, may_end
from access.selectors.booking_policy import booking_policy
from access.selectors.engagement import areas_of, bookable_engagements
from access.selectors.escort import may_name_escort
from access.selectors.slots import SlotFinder
from access.views.portal.page import portal_actor
from access.views.portal.slot_words import Words
from scif.kernel.actor import Actor
from scif.kernel.clock import now

MOST_DAYS_AWAY = 800


@dataclass(frozen=True)
class Asked:
    """A search for slots that makes sense: form, finder, words.

    ``instead`` is the booking in whose place a slot is looked for, when one is changed.
    """

    actor: Actor
    engagement: Engagement
    form: SlotForm
    finder: SlotFinder
    words: Words
    instead: Booking | None = None

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
            *((f"{ESCORT}{pk}", str(escort)) for pk, escort in self.form.escorts.items()),
            *([("instead", str(self.instead.pk))] if self.instead else []),
            *more.items(),
        ]
        return urlencode(pairs)


def asked_of(request: HttpRequest, people: Sequence[str] = ()) -> Asked | None:
    """What the query asks for; None without an engagement under which the user may book.

    ``people`` stand in the place of the query's.
    """
    actor = portal_actor(request)
    if actor.person_id is None:
        return None
    mandates = bookable_engagements(actor)
    instead = _instead(request, actor)
    if instead is not None:
        # A change stays under its engagement.
        mandates = mandates.filter(pk=instead.engagement_id)
    wanted = request.GET.get("engagement")
    if wanted:
        engagement: Engagement | None = get_object_or_404(mandates, pk=_uuid(wanted))
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
        actor=actor,
        instead=instead,
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
        instead=instead,
        escorts=form.escorts,
    )
    zone = ZoneInfo(form.room.facility.time_zone)
    named = {pk: form.people_by_id[str(pk)].name for pk in form.team}
    officer = may_name_escort(actor, form.room.facility)
    words = Words(zone, actor.person_id, named, finder, officer)
    return Asked(actor, engagement, form, finder, words, instead)


def _instead(request: HttpRequest, actor: Actor) -> Booking | None:
    """The open booking that is to be changed, which the asker may give up."""
    wanted = request.GET.get("instead")
    if not wanted:
        return None
    open_ones = bookings_for(actor, "access.cancel_booking").filter(state__in=HOLDS_SLOT)
    booking = get_object_or_404(open_ones, pk=_uuid(wanted))
    if not may_end(booking, actor):
        raise Http404
    return booking


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def moment_of(text: str | None) -> datetime | None:
    """A moment of an address, with its offset; None where it is none, or far from now."""
    try:
        moment = parse_datetime(text or "")
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not is_near(moment.date()):
        return None
    return moment


def is_near(day: date) -> bool:
    """Whether a day of an address may be meant; the calendar has no slots beyond."""
    return abs((day - now().date()).days) <= MOST_DAYS_AWAY

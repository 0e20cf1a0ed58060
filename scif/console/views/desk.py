"""The desk's stations: arrivals, inside, exit, shift, the muster list."""

from datetime import date
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from access.models import Visit
from access.rules.states import VisitState
from access.selectors import desk
from access.selectors.booking_policy import booking_policy
from access.selectors.facts_place import policy_facts
from access.selectors.threat import threat_raised
from access.selectors.threat_stops import threat_stops
from access.selectors.visit import (
    INSIDE,
    visit_open_items,
    visits_arriving,
    visits_in,
    visits_leaving,
)
from scif.console.views.desk_alarm import alarm_cards
from scif.console.views.desk_escort import escorted_rows, visit_escort_words
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_plan import occupancy, plan_geometry, plan_state
from scif.console.views.desk_words import arrival_chip, visit_chip
from scif.kernel.clock import now
from scif.people.actors import actor_of


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The desk of the user's facility, the first by name if he has several."""
    facility = desk.desk_facilities(actor_of(request)).order_by("name")[:1].get()
    return redirect("desk:arrivals", facility.code)


@login_required
def desk_of(request: HttpRequest, code: str) -> HttpResponse:
    """The desk of that facility, where it is one of the user's."""
    facility = get_object_or_404(desk.desk_facilities(actor_of(request)), code=code)
    return redirect("desk:arrivals", facility.code)


class Arrivals(DeskView):
    """Who is expected and who is checking in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        visits = visits_arriving(self.facility, self.actor)
        begun = [visit for visit in visits if visit.state != VisitState.EXPECTED]
        expected = [visit for visit in visits if visit.state == VisitState.EXPECTED]
        days = [
            {"day": timezone.localtime(day[0].booking.starts_at), "rows": self.rows(day)}
            for _date, group in groupby(expected, self._day)
            if (day := list(group))
        ]
        return self.page(
            "desk/arrivals.html",
            {"begun": self.rows(begun), "days": days, "today": timezone.localdate()}
            | {"escorted": escorted_rows(self.facility)},
        )

    def _day(self, visit: Visit) -> date:
        """The day of a visit at the facility."""
        return timezone.localdate(visit.booking.starts_at)

    def rows(self, visits: list[Visit]) -> list[Context]:
        """Visits as lines: who, where, how far."""
        early, escorts = booking_policy(self.facility).desk_before, visit_escort_words(visits)
        today = timezone.localdate()
        stopped = threat_stops([v for v in visits if self._day(v) <= today], self.facility)
        level = threat_raised(self.facility, policy_facts(self.facility))
        return [
            {
                "visit": visit,
                "escort": escorts.get(visit.pk, ""),
                "chip": arrival_chip(visit, early, level if visit.pk in stopped else ""),
                "url": self.to("visit", visit.pk),
            }
            for visit in visits
        ]


class Inside(DeskView):
    """The live plan, who is inside, and the alarm queue."""

    station = "inside"
    queue_in_sight = True

    def get(self, request: HttpRequest) -> HttpResponse:
        present = desk.people_inside(self.facility, self.actor)
        alarms = self.alarms()
        return self.page(
            "desk/inside.html",
            {
                "geometry": plan_geometry(self.facility),
                "state": plan_state(self.facility, self.actor, present, alarms),
                "occupancy": occupancy(self.facility, self.actor, present),
                "alarms": alarm_cards(self, alarms),
            },
        )


class Exit(DeskView):
    """Who is on the way out, with what is open. Leaving is never a request."""

    station = "exit"

    def get(self, request: HttpRequest) -> HttpResponse:
        late = visits_in(self.facility, self.actor, INSIDE).filter(booking__ends_at__lt=now())
        going = [*visits_leaving(self.facility, self.actor), *late]
        inside = visits_in(self.facility, self.actor, INSIDE).filter(booking__ends_at__gte=now())
        return self.page(
            "desk/exit.html",
            {"going": [self._row(v) for v in going], "inside": [self._row(v) for v in inside]},
        )

    def _row(self, visit: Visit) -> Context:
        return {
            "visit": visit,
            "chip": visit_chip(visit),
            "owed": [item.act.guard for item in visit_open_items(visit)],
            "url": self.to("visit", visit.pk),
        }


class Muster(DeskView):
    """Everybody who is counted inside: the list to take along when the building is emptied."""

    station = "inside"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("desk/muster.html", {})

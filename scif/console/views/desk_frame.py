"""What every page of the desk has: whose desk it is, its head, its rail, its post bar."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from access.models import Duty, Emergency, Presence
from access.selectors import desk
from access.selectors.desk_zone import zones_uncounted
from access.selectors.emergency import emergencies_open
from access.selectors.facts_place import policy_facts
from access.selectors.lockdown import lockdowns_in_force
from access.selectors.threat import threat_raised
from access.selectors.visit import INSIDE, visits_arriving, visits_in, visits_leaving
from scif.alarms.models import Alarm, Gravity
from scif.alarms.selectors.gravest import gravest_first
from scif.alarms.selectors.silent import shown_at_desk
from scif.console.live import facility_head
from scif.console.views.desk_escort import escort_words
from scif.console.views.desk_plan import for_how_long
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import may, visible
from scif.people.actors import actor_of
from scif.people.models import Person
from terminals.rules.states import OUT
from terminals.selectors.terminal import terminals_of

Context = dict[str, Any]
# Without a word from a gateway for so long, the head of the page says so; seconds.
GATEWAY_LATE = 5
MOST_CHIPS = 4  # what the head holds in two lines


def duty_words(duty: Duty) -> dict[str, str]:
    """A duty in the post bar: a shift by its hours, one that spans days by its days."""
    starts, ends = timezone.localtime(duty.starts_at), timezone.localtime(duty.ends_at)
    role = duty.get_role_display()
    if ends - starts > timedelta(days=1):
        days = {"role": role, "first": f"{starts:%-d %b}", "last": f"{ends:%-d %b}"}
        note = _("Planned as %(role)s from %(first)s to %(last)s") % days
        return {"since": _("on duty"), "note": note}
    since = _("on duty since %(time)s") % {"time": f"{starts:%H:%M}"}
    note = _("Duty as %(role)s until %(time)s") % {"role": role, "time": f"{ends:%H:%M}"}
    return {"since": since, "note": note}


def _emergency_words(emergency: Emergency) -> str:
    reference = {"reference": emergency.reference}
    if emergency.ended_at is None and emergency.confirmed_at is None:
        return _("Emergency %(reference)s waits for a second person") % reference
    if emergency.ended_at is not None:
        return _("Emergency %(reference)s: debrief") % reference
    return _("Emergency: %(reference)s") % reference


class DeskView(LoginRequiredMixin, View):
    """A page of one facility's desk. A desk that the user may not use is not there (404)."""

    station = "arrivals"
    queue_in_sight = False  # whether the page shows the open alarms itself
    actor: Actor
    facility: Facility
    position: int  # of the journal, which the page shows at the least

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the desk in the address, and work in its time zone."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.actor = actor_of(request)
        self.facility = desk.desk_facilities(self.actor).get(code=kwargs.pop("code"))
        # Before anything is read for the page: what comes after it may be missing there.
        self.position = max(facility_head(self.facility.pk), 0)
        with timezone.override(self.facility.time_zone):
            response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def may(self, permission: str) -> bool:
        """Whether the user's role at this desk holds a permission."""
        return may(self.actor, permission, self.facility)

    def to(self, name: str, *args: object) -> str:
        """The address of a page of this desk."""
        return reverse(f"desk:{name}", args=[self.facility.code, *args])

    def page(self, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """Render a page of the desk within its frame."""
        return render(self.request, template, self.frame() | dict(context), status=status)

    def alarms(self) -> list[Alarm]:
        """The open alarms, the gravest first, then the one that was raised last."""
        alarms = shown_at_desk(visible(Alarm.objects.all(), self.actor, "alarms.view_alarm"))
        return list(gravest_first(alarms.filter(facility=self.facility, closed_at=None)))

    def frame(self) -> Context:
        """What templates/desk/base.html shows around every page."""
        facility = self.facility
        inside = desk.people_inside(facility, self.actor)
        return {
            "facility": facility,
            "marking": self._marking(_("Personal data: do not turn the screen to the queue")),
            "live": {
                "url": f"/ws/live/{facility.pk}/",
                "position": self.position,
                "zone": facility.time_zone,
            },
            "place": facility.name,
            "zone": facility.time_zone,
            "chips": self._chips(),
            "rail": self._rail(inside),
            "queue_in_sight": self.queue_in_sight,
            "respond": self._respond(),
            "post": self._post(),
            "muster_url": self.to("muster"),
            "emergency_url": self.to("emergency"),
            "lockdown_url": self.to("lockdown"),
            "muster": self._muster(inside),
            "desk_url": reverse("desk:home") + f"{facility.code}/",
        }

    def cover(self, since: datetime | None = None) -> Context:
        """What stands in the frame's place while the screen is turned to a visitor.

        Nothing of the desk but its marking, and whether something came ``since`` it was turned.
        """
        at = {"since": (since or now()).isoformat()}
        return {
            "marking": self._marking(_("Personal data: for the person at the desk alone")),
            "called": False,
            "called_url": f"{self.to('called')}?{urlencode(at)}",
        }

    def alarmed_since(self, since: datetime) -> bool:
        """Whether an alarm that nobody has taken came since then."""
        return any(
            alarm.raised_last_at >= since and alarm.acknowledged_by_id is None
            for alarm in self.alarms()
            if alarm.gravity != Gravity.NOTE
        )

    def _marking(self, note: str) -> dict[str, str]:
        marking = self.facility.marking
        return {"label": marking.name, "colour": marking.colour, "note": note}

    def _chips(self) -> list[Context]:
        """Fitness of the rooms, and whether the doors were heard lately."""
        fitness = desk.fitness_of(self.facility)
        chips = [
            {"shape": "stop", "words": _("Lockdown: %(scope)s") % {"scope": each.scope}}
            for each in lockdowns_in_force(self.facility)
        ]
        chips += [
            {"shape": "stop", "words": _emergency_words(each)}
            for each in emergencies_open(self.facility)
        ]
        level = threat_raised(self.facility, policy_facts(self.facility))
        if level:
            words = _("Threat level: %(level)s") % {"level": level}
            chips.append({"shape": "warn", "words": words})
        chips += [
            {"shape": "stop", "words": _("%(room)s not swept") % {"room": area.name}}
            for area in fitness.unswept
        ]
        chips += [
            {"shape": "stop", "words": _("%(room)s unfit") % {"room": area.name}}
            for area in fitness.unfit
        ]
        chips += [
            {"shape": "warn", "words": _("%(zone)s: count first") % {"zone": zone.name}}
            for zone in zones_uncounted(self.facility)
        ]
        if not chips:
            chips = [{"shape": "ok", "words": _("Fit for use")}]
        for code, status in desk.gateways_heard(self.facility):
            heard = status.heard_at if status else None
            if heard is None or (now() - heard).total_seconds() > GATEWAY_LATE:
                chips.append(
                    {"shape": "warn", "words": _("Doors %(code)s: no word") % {"code": code}}
                )
            elif silent := desk.doors_silent(code):
                words = ngettext("%(count)d door: no answer", "%(count)d doors: no answer", silent)
                chips.append({"shape": "warn", "words": words % {"count": silent}})
            else:
                chips.append({"shape": "ok", "words": _("Doors answer")})
        if len(chips) <= MOST_CHIPS:
            return chips
        left = _("%(count)d more, see Inside") % {"count": len(chips) - MOST_CHIPS + 1}
        return [*chips[: MOST_CHIPS - 1], {"shape": "warn", "words": left}]

    def _muster(self, inside: Sequence[Presence]) -> Context:
        """The muster list, which every page carries so that it can be read with no link.

        It says who escorts whom: who is counted without his escort is looked for first.
        """
        beside = escort_words(self.facility, {each.person_id: each.basis for each in inside})
        rows = [
            {
                "person": each.person,
                "beside": beside.get(each.person_id, ""),
                "zone": each.zone.name,
                "stay": for_how_long(each.since),
            }
            for each in inside
        ]
        doubted = [zone.name for zone in zones_uncounted(self.facility)]
        return {"rows": rows, "doubted": doubted, "made_at": now()}

    def _rail(self, inside: Sequence[Presence]) -> list[Context]:
        facility, actor = self.facility, self.actor
        alarms = self.alarms()
        respond = any(alarm.gravity == Gravity.RESPOND for alarm in alarms)
        stations = [
            ("arrivals", _("Arrivals"), self._today()),
            ("inside", _("Inside"), len({each.person_id for each in inside})),
            ("exit", _("Exit"), self._going()),
            *self._laptops(),
            ("alarms", _("Alarms"), len(alarms)),
            ("shift", _("Shift"), len(desk.sweeps_open(facility, actor))),
        ]
        return [
            {
                "name": name,
                "url": self.to(name),
                "label": label,
                "count": count,
                "current": name == self.station,
                "tone": "stop" if name == "alarms" and respond else "",
            }
            for name, label, count in stations
        ]

    def _respond(self) -> Context | None:
        """The newest alarm that sends somebody to a place and that nobody has taken yet."""
        found = [
            alarm
            for alarm in self.alarms()
            if alarm.gravity == Gravity.RESPOND and alarm.acknowledged_by_id is None
        ]
        if not found:
            return None
        first = found[0]
        return {
            "url": self.to("alarm", first.pk),
            "message": first.message,
            "since": first.raised_at,
            "more": len(found) - 1,
        }

    def _laptops(self) -> list[tuple[str, str, int]]:
        """The station of the laptops, where there are any; counted are those that are out."""
        states = list(terminals_of(self.facility, self.actor).values_list("state", flat=True))
        return [("laptops", _("Laptops"), sum(state in OUT for state in states))] if states else []

    def _today(self) -> int:
        """Who is at the desk or comes today; whoever comes later is listed and not counted."""
        midnight = timezone.localtime(now()).replace(hour=0, minute=0, second=0, microsecond=0)
        arriving = visits_arriving(self.facility, self.actor)
        return arriving.filter(booking__starts_at__lt=midnight + timedelta(days=1)).count()

    def _going(self) -> int:
        inside = visits_in(self.facility, self.actor, INSIDE).filter(booking__ends_at__lt=now())
        return visits_leaving(self.facility, self.actor).count() + inside.count()

    def _post(self) -> Context:
        own = self.actor.person_id
        person = Person.objects.filter(pk=own).first() if own else None
        duty = desk.duty_now(self.facility, self.actor.person_id)
        post: Context = {"who": str(person or self.request.user), "since": "", "note": ""}
        if duty is None:
            post["note"] = _("No duty is planned for you here now")
        else:
            post |= duty_words(duty)
        return post

"""Rooms and doors at the desk: the shift's open sweeps and devices, a sweep, an unlock."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.rules.states import VISIT_MAY_ENTER
from access.selectors import desk
from access.selectors.visit import CHECKING_IN, visits_at, visits_in, visits_leaving
from access.services.standing import standing_barred
from access.services.unlock import unlock_request
from inspections.models import Sweep
from inspections.services.sweep import sweep_break_off, sweep_finish, sweep_start
from scif.alarms.models import Gravity
from scif.console.forms.desk import (
    ReasonForm,
    SweepFinishForm,
    SweepStartForm,
    UnlockForm,
    lines,
)
from scif.console.selectors.device_state import device_rows
from scif.console.selectors.hardware_plan import hardware_geometry, hardware_plan_state
from scif.console.selectors.standing import door_told, standing_doors, standing_undone
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_words import order_facts, visit_chip
from scif.facilities.models import Portal
from scif.kernel.errors import Refused
from scif.people.access import visible
from scif.people.models import Person

CONFLICT, UNPROCESSABLE = 409, 422


class Shift(DeskView):
    """What the shift takes over, has to do and to know: visits, alarms, drawer, sweeps, devices."""

    station = "shift"

    def get(self, request: HttpRequest) -> HttpResponse:
        sweeps = desk.sweeps_open(self.facility, self.actor)
        devices = device_rows(desk.devices_of(self.facility, self.actor))
        return self.page(
            "desk/shift.html",
            {
                "sweeps": [{"sweep": each, "url": self.to("sweep", each.pk)} for each in sweeps],
                "devices": devices,
                "geometry": hardware_geometry(self.facility),
                "state": hardware_plan_state(self.facility, devices),
                "gateways": desk.gateways_heard(self.facility),
                **self._over(),
            },
        )

    def _over(self) -> Context:
        """What stands open whoever has the desk: visits half way, alarms, drawer and lockers."""
        facility, actor = self.facility, self.actor
        half = visits_in(facility, actor, CHECKING_IN) | visits_leaving(facility, actor)
        alarms = [alarm for alarm in self.alarms() if alarm.gravity != Gravity.NOTE]
        return {
            "half_way": [
                {"visit": each, "chip": visit_chip(each), "url": self.to("visit", each.pk)}
                for each in half
            ],
            "alarms_url": self.to("alarms"),
            "alarms_open": sum(alarm.acknowledged_at is None for alarm in alarms),
            "alarms_taken": [alarm for alarm in alarms if alarm.acknowledged_at is not None],
            "drawer": [
                (words, len(found(facility, actor)))
                for words, found in (
                    (_("Badges encoded for a day without the reader"), desk.badges_prepared),
                    (_("Blank badges for visitors"), desk.badges_blank),
                    (_("Badges given back, to be erased"), desk.badges_returned),
                )
            ],
            "lockers_taken": sum(map(len, desk.lockers_taken(facility).values())),
        }


class SweepPage(DeskView):
    """One sweep: begun by two, ended by one of them, or broken off by whoever may sweep."""

    station = "shift"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        sweep = self._sweep(pk)
        start, finish = self._start(request), SweepFinishForm(request.POST)
        try:
            if "start" in request.POST:
                if not start.is_valid():
                    return self._show(pk, start, status=UNPROCESSABLE)
                second = UUID(start.cleaned_data["second"])
                sweep_start(sweep_id=sweep.pk, second_id=second, actor=self.actor)
                return redirect(self.to("sweep", pk))
            if "break_off" in request.POST:
                if not (why := ReasonForm(request.POST)).is_valid():
                    return self._show(pk, break_off=why, status=UNPROCESSABLE)
                sweep_break_off(
                    sweep_id=sweep.pk, reason=why.cleaned_data["reason"], actor=self.actor
                )
                return redirect(self.to("sweep", pk))
            if not finish.is_valid():
                return self._show(pk, finish, status=UNPROCESSABLE)
            sweep_finish(
                sweep_id=sweep.pk,
                passed=finish.cleaned_data["result"] == "pass",
                items_found=lines(finish.cleaned_data["items"]),
                seals=lines(finish.cleaned_data["seals"]),
                actor=self.actor,
            )
        except Refused as refusal:
            # Whoever else acted meanwhile: the form is that of the state that now is.
            form = start if self._sweep(pk).state == "due" else finish
            return self._show(pk, form, refusal=refusal, status=CONFLICT)
        return redirect(self.to("shift"))

    def _sweep(self, pk: UUID) -> Sweep:
        sweeps = visible(Sweep.objects.all(), self.actor, "inspections.view_sweep")
        return sweeps.select_related("area", "sweeper", "second").get(
            pk=pk, area__facility=self.facility
        )

    def _start(self, request: HttpRequest | None = None) -> SweepStartForm:
        people = desk.sweepers_of(self.facility, self.actor.person_id)
        choices = [(str(person.pk), str(person)) for person in people]
        return SweepStartForm(request.POST if request else None, people=choices)

    def _show(
        self,
        pk: UUID,
        form: SweepStartForm | SweepFinishForm | None = None,
        refusal: Refused | None = None,
        status: int = 200,
        break_off: ReasonForm | None = None,
    ) -> HttpResponse:
        sweep = self._sweep(pk)
        if form is None:
            form = self._start() if sweep.state == "due" else SweepFinishForm()
        stopped = ""
        if not self.may("inspections.perform_sweep"):
            stopped = _("Sweepers and guards do this")
        context: Context = {"sweep": sweep, "form": form, "refusal": refusal, "stopped": stopped}
        context["break_off"] = break_off or ReasonForm()
        return self.page("desk/sweep.html", context, status)


class UnlockPage(DeskView):
    """A momentary unlock, by name. The door decides it like that person's badge."""

    station = "inside"

    def get(self, request: HttpRequest, portal: str) -> HttpResponse:
        return self._show(self._portal(portal), self._form())

    def post(self, request: HttpRequest, portal: str) -> HttpResponse:
        door, form = self._portal(portal), self._form(request)
        if not form.is_valid():
            return self._show(door, form, status=UNPROCESSABLE)
        try:
            unlock_request(
                portal_id=door.pk, person_id=UUID(form.cleaned_data["person"]), actor=self.actor
            )
        except Refused as refusal:
            return self._show(door, form, refusal, CONFLICT)
        return redirect(self.to("unlock", door.code))

    def _portal(self, code: str) -> Portal:
        return desk.portals_of(self.facility, self.actor).get(code=code)

    def _people(self) -> list[Person]:
        """Who has a ground to enter: checked-in visitors, the roster, who is on duty."""
        visits = visits_at(self.facility, self.actor).filter(state__in=VISIT_MAY_ENTER)
        return desk.people_entitled(self.facility, list(visits.values_list("person_id", flat=True)))

    def _form(self, request: HttpRequest | None = None) -> UnlockForm:
        choices = [(str(person.pk), str(person)) for person in self._people()]
        return UnlockForm(request.POST if request else None, people=choices)

    def _show(
        self, door: Portal, form: UnlockForm, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        order = desk.order_for(self.facility, "unlock", door.code)
        heard = desk.door_states(self.facility, self.actor).get(door.code)
        context: Context = {
            "portal": door,
            "form": form,
            "refusal": refusal,
            "order": order,
            "facts": order_facts(order, _("Carried out"), None) if order else [],
            "door": heard,
            "told": door_told(heard) if heard else "",
            "standing": standing_doors(self.facility).get(door.code, {}).get("words", ""),
            "undone": standing_undone(door),
            "standing_url": self.to("standing", door.code),
            "barred": standing_barred(door),
            "reads": desk.decisions_at(door.code, self.facility),
            "stopped": "" if self.may("access.unlock_portal") else _("A guard on duty does this"),
        }
        return self.page("desk/unlock.html", context, status)

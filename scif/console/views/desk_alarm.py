"""Alarms at the desk: the queue, one alarm's situation, taking and closing it by name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from access.selectors import desk, desk_zone
from access.services.duress import AT_NEXT_POST
from access.services.orders import policy_number
from scif.alarms.models import Alarm
from scif.alarms.selectors.silent import shown_at_desk
from scif.alarms.services import alarm_acknowledge, alarm_close
from scif.console.forms.desk import NoteForm
from scif.console.views.alarm_words import again_words, is_intrusion, procedure_of
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_plan import plan_geometry, plan_state
from scif.console.views.desk_words import clock
from scif.kernel.errors import Refused
from scif.people.access import visible

CONFLICT, UNPROCESSABLE = 409, 422


def alarm_cards(view: DeskView, alarms: Sequence[Alarm]) -> list[Context]:
    """The queue: the first one not taken yet carries the filled act."""
    cards: list[Context] = []
    stopped = "" if view.may("alarms.handle_alarm") else _("A guard on duty does this")
    for alarm in alarms:
        acts: list[dict[str, Any]] = []
        if alarm.acknowledged_at is None:
            acts.append(
                {
                    "label": _("Acknowledge"),
                    "name": "acknowledge",
                    "value": str(alarm.pk),
                    "tone": "" if cards else "go",
                    "command": True,
                    "reason": stopped,
                }
            )
        acts.append({"label": _("Procedure"), "url": view.to("alarm", alarm.pk)})
        taken = _("Taken at %(time)s") % {"time": clock(alarm.acknowledged_at)}
        context = ". ".join(
            part
            for part in (capfirst(again_words(alarm)), taken if alarm.acknowledged_at else "")
            if part
        )
        cards.append(
            {
                "gravity": alarm.gravity,
                "since": alarm.raised_at,
                "title": alarm.message,
                "context": context,
                "acts": acts,
            }
        )
    return cards


class Alarms(DeskView):
    """The queue, and taking an alarm from it."""

    station = "alarms"
    queue_in_sight = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        found = {str(alarm.pk): alarm for alarm in self.alarms()}
        alarm = found.get(request.POST.get("acknowledge", ""))
        if alarm is None:
            return redirect(self.to("alarms"))
        try:
            alarm_acknowledge(alarm_id=alarm.pk, actor=self.actor)
        except Refused as refusal:
            return self._show(refusal, CONFLICT)
        return redirect(self.to("alarm", alarm.pk))

    def _show(self, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
        closed = shown_at_desk(
            visible(Alarm.objects.all(), self.actor, "alarms.view_alarm")
        ).filter(facility=self.facility, closed_at__isnull=False)
        return self.page(
            "desk/alarms.html",
            {
                "alarms": alarm_cards(self, self.alarms()),
                "closed": closed.select_related("closed_by").order_by("-closed_at")[:8],
                "refusal": refusal,
            },
            status,
        )


class AlarmPage(DeskView):
    """One alarm: what is known of it, the clock, its next act."""

    station = "alarms"
    queue_in_sight = True

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(self._alarm(pk), NoteForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        alarm, form = self._alarm(pk), NoteForm(request.POST)
        try:
            if "acknowledge" in request.POST:
                alarm_acknowledge(alarm_id=pk, actor=self.actor)
                return redirect(self.to("alarm", pk))
            if not form.is_valid():
                return self._show(alarm, form, status=UNPROCESSABLE)
            alarm_close(alarm_id=pk, note=form.cleaned_data["note"], actor=self.actor)
        except Refused as refusal:
            return self._show(alarm, form, refusal, CONFLICT)
        return redirect(self.to("alarms"))

    def _alarm(self, pk: UUID) -> Alarm:
        alarms = shown_at_desk(visible(Alarm.objects.all(), self.actor, "alarms.view_alarm"))
        return alarms.select_related("acknowledged_by", "closed_by").get(
            pk=pk, facility=self.facility
        )

    def _show(
        self, alarm: Alarm, form: NoteForm, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        present = desk.people_inside(self.facility, self.actor)
        portals = desk.portals_of(self.facility, self.actor).filter(code=alarm.subject)
        portal = portals.first()
        about = desk_zone.zones_of(self.facility, self.actor).filter(
            code=portal.zone.code if portal else alarm.subject
        )
        zone = about.select_related("area").first()
        shape = {"respond": "stop", "act": "warn", "check": "info"}.get(alarm.gravity, "note")
        context = {
            "alarm": alarm,
            "shape": shape,
            "again": again_words(alarm),
            "form": form,
            "refusal": refusal,
            "portal": portal,
            "reads": desk.decisions_at(alarm.subject, self.facility) if portal else [],
            "about": zone,
            "focus": zone.area.code if zone else "",
            # The plan of this place shows nothing of what happens at another one.
            "geometry": plan_geometry(self.facility) if alarm.kind != AT_NEXT_POST else None,
            "state": plan_state(self.facility, self.actor, present, [alarm]),
            "limit": policy_number(self.facility, "alarm_response"),
            "procedure": procedure_of(alarm),
            "intrusion": is_intrusion(alarm),
            "stopped": "" if self.may("alarms.handle_alarm") else _("A guard on duty does this"),
        }
        return self.page("desk/alarm.html", context, status)

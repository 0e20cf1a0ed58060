"""An emergency at the desk: declared by two, its responders counted, each held until debriefed."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.models import Emergency, Response
from access.selectors.emergency import (
    alarms_taken,
    emergencies_open,
    responders_at,
    responders_inside,
)
from access.services.emergency import (
    DEBRIEF,
    DECLARE,
    emergency_confirm,
    emergency_declare,
    emergency_end,
    may_debrief,
    response_debrief,
)
from scif.console.forms.desk import ReasonForm
from scif.console.forms.emergency import EmergencyForm
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_words import clock
from scif.kernel.clock import now
from scif.kernel.errors import Refused

CONFLICT, UNPROCESSABLE = 409, 422


class EmergencyPage(DeskView):
    """What is declared, who came, who is still to be debriefed, and the acts on it."""

    station = "inside"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._act(request)
        except Refused as refusal:
            declared = self._form(request) if "declare" in request.POST else None
            end = ReasonForm(request.POST) if "end" in request.POST else None
            return self._show(declared, end=end, refusal=refusal, status=CONFLICT)

    def _act(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        if "confirm" in given:
            emergency_confirm(emergency_id=self._one(given["confirm"]).pk, actor=self.actor)
        elif "debrief" in given:
            response_debrief(response_id=self._response(given["debrief"]).pk, actor=self.actor)
        elif "end" in given:
            form = ReasonForm(given)
            if not form.is_valid():
                return self._show(end=form, status=UNPROCESSABLE)
            emergency_end(
                emergency_id=self._one(given["end"]).pk,
                reason=form.cleaned_data["reason"],
                actor=self.actor,
            )
        else:
            declared = self._form(request)
            if not declared.is_valid():
                return self._show(declared, status=UNPROCESSABLE)
            alarm = declared.cleaned_data["alarm"]
            emergency_declare(
                facility_id=self.facility.pk,
                alarm_id=UUID(alarm) if alarm else None,
                incident=declared.cleaned_data["incident"],
                actor=self.actor,
            )
        return redirect(self.to("emergency"))

    def _one(self, pk: str) -> Emergency:
        found = {str(each.pk): each for each in emergencies_open(self.facility)}
        if pk not in found:
            raise Refused("not_found", _("That is not on the list any more."))
        return found[pk]

    def _response(self, pk: str) -> Response:
        rows = Response.objects.filter(emergency__in=emergencies_open(self.facility))
        found = {str(each.pk): each for each in rows}
        if pk not in found:
            raise Refused("not_found", _("That is not on the list any more."))
        return found[pk]

    def _form(self, request: HttpRequest | None = None) -> EmergencyForm:
        alarms = alarms_taken(self.facility, self.actor)
        choices = [(str(each.pk), each.message) for each in alarms]
        return EmergencyForm(request.POST if request else None, alarms=choices)

    def _show(
        self,
        form: EmergencyForm | None = None,
        *,
        end: ReasonForm | None = None,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        found = list(emergencies_open(self.facility))
        context: Context = {
            "rows": [self._row(each) for each in found],
            "form": form or self._form(),
            "end_form": end or ReasonForm(),
            "nobody": not responders_at(self.facility, now()).exists(),
            "standing": any(each.ended_at is None for each in found),
            "refusal": refusal,
            "stopped": "" if self.may(DECLARE) else _("A guard on duty does this"),
        }
        return self.page("desk/emergency.html", context, status)

    def _row(self, emergency: Emergency) -> Context:
        responses = emergency.responses.select_related("person", "debriefed_by")
        inside = set(responders_inside(self.facility).values_list("person_id", flat=True))
        return {
            "emergency": emergency,
            "own": emergency.declared_by_id == self.actor.person_id,
            "responders": [
                {
                    "response": each,
                    "chip": _chip(each, inside=each.person_id in inside),
                    "owes": each.entered_at is not None
                    and each.debriefed_at is None
                    and each.person_id not in inside,
                    "stopped": self._debrief_stopped(each),
                }
                for each in responses.order_by("person__name")
            ],
            "inside": len(inside),
        }

    def _debrief_stopped(self, response: Response) -> str:
        """Why whoever is at the desk does not debrief him; empty where he may."""
        if not self.may(DEBRIEF):
            return _("A guard on duty does this")
        person = self.actor.person_id
        known = person is not None and may_debrief(response, person)
        return "" if known else _("Who is read into what was open there does this")


def _chip(response: Response, *, inside: bool) -> dict[str, str]:
    if response.entered_at is None:
        return {"shape": "todo", "words": _("Not come")}
    if response.debriefed_at is not None:
        return {
            "shape": "ok",
            "words": _("Debriefed %(at)s") % {"at": clock(response.debriefed_at)},
        }
    if inside:
        return {"shape": "warn", "words": _("Inside: debriefed once out")}
    return {"shape": "wait", "words": _("Held: to be debriefed")}

"""Hold a door open or shunt its alarm: one asks, a second person confirms, anyone ends it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.selectors import desk
from access.services.standing import (
    CONFIRM,
    REQUEST,
    standing_barred,
    standing_confirm,
    standing_end,
    standing_request,
)
from hardware.models import StandingOrder, StandingVerb
from scif.console.forms.standing import StandingForm
from scif.console.selectors.standing import standing_open, standing_undone, standing_words
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.facilities.models import Portal
from scif.kernel.errors import Refused

ACTS = {"confirm": standing_confirm, "end": standing_end}


class StandingPage(DeskView):
    """The standing orders of one door."""

    station = "inside"

    def get(self, request: HttpRequest, portal: str) -> HttpResponse:
        return self._show(self._portal(portal), StandingForm(self.facility))

    def post(self, request: HttpRequest, portal: str) -> HttpResponse:
        door = self._portal(portal)
        act, _sep, pk = request.POST.get("act", "").partition(":")
        form = StandingForm(self.facility, request.POST if act == "request" else None)
        try:
            if act == "request":
                if not form.is_valid():
                    return self._show(door, form, status=UNPROCESSABLE)
                standing_request(
                    portal_id=door.pk,
                    verb=StandingVerb(form.cleaned_data["verb"]),
                    minutes=form.cleaned_data["minutes"],
                    reason=form.cleaned_data["reason"],
                    actor=self.actor,
                )
            else:
                ACTS[act](order_id=UUID(pk), actor=self.actor)
        except (KeyError, ValueError) as error:
            raise Http404 from error
        except Refused as refusal:
            return self._show(door, form, refusal, CONFLICT)
        return redirect(self.to("standing", door.code))

    def _portal(self, code: str) -> Portal:
        return desk.portals_of(self.facility, self.actor).get(code=code)

    def _row(self, order: StandingOrder, barred: Refused | None) -> Context:
        own = order.requested_by_id == self.actor.person_id
        stopped = ""
        if barred is not None:
            stopped = _("Not in a lockdown")
        elif own:
            stopped = _("A second person confirms")
        elif not self.may(CONFIRM):
            stopped = _("An officer confirms")
        return {
            "order": order,
            "id": str(order.pk),
            "words": standing_words(order),
            "stopped": stopped,
        }

    def _show(
        self, door: Portal, form: StandingForm, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        may_ask = self.may(REQUEST)
        barred = standing_barred(door)
        orders = standing_open(door.code, self.facility)
        context: Context = {
            "portal": door,
            "form": form,
            # Said beforehand, in the place of a form that would only be refused.
            "barred": None if refusal is not None and refusal.code == "lockdown" else barred,
            "asks": barred is None,
            "refusal": refusal,
            "undone": standing_undone(door),
            "orders": [self._row(order, barred) for order in orders],
            "stopped": "" if may_ask else _("Guards and officers ask for this"),
        }
        return self.page("desk/standing.html", context, status)

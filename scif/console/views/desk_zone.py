"""A zone at the desk: who is counted inside, what is wrong, and the corrections of the count."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.rules.facts import BasisKind
from access.selectors import desk, desk_zone
from access.services.zone_orders import (
    zone_count_confirm,
    zone_forgive_request,
    zone_mark_out_request,
)
from scif.console.forms.desk import CorrectionForm, CountForm
from scif.console.views.desk_escort import escort_words
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_plan import for_how_long
from scif.console.views.desk_words import concern_words, order_facts
from scif.facilities.models import Zone
from scif.kernel.errors import Refused

CONFLICT, UNPROCESSABLE = 409, 422
BASES = {
    BasisKind.VISIT.value: gettext_lazy("visit"),
    BasisKind.ROSTER.value: gettext_lazy("roster"),
    BasisKind.DUTY.value: gettext_lazy("duty"),
    BasisKind.ESCORT.value: gettext_lazy("escort"),
    BasisKind.INSPECTION.value: gettext_lazy("inspection"),
    BasisKind.EMERGENCY.value: gettext_lazy("emergency"),
}
CORRECTIONS = {"mark_out": zone_mark_out_request, "forgive": zone_forgive_request}


class ZonePage(DeskView):
    """One zone: its list, its concerns, and the orders that correct it."""

    station = "inside"

    def get(self, request: HttpRequest, zone: str) -> HttpResponse:
        found = self._zone(zone)
        chosen = {"person": request.GET.get("person", "")}
        return self._show(found, CorrectionForm(initial=chosen, people=self._people(found)))

    def post(self, request: HttpRequest, zone: str) -> HttpResponse:
        found = self._zone(zone)
        form = CorrectionForm(request.POST, people=self._people(found))
        count = CountForm(request.POST)
        try:
            if "count" in request.POST:
                form = CorrectionForm(people=self._people(found))
                if not count.is_valid():
                    return self._show(found, form, count, status=UNPROCESSABLE)
                zone_count_confirm(
                    zone_id=found.pk, reason=count.cleaned_data["counted"], actor=self.actor
                )
                return redirect(self.to("zone", found.code))
            count = CountForm()
            if not form.is_valid():
                return self._show(found, form, count, status=UNPROCESSABLE)
            act = next((name for name in CORRECTIONS if name in request.POST), "mark_out")
            CORRECTIONS[act](
                zone_id=found.pk,
                person_id=UUID(form.cleaned_data["person"]),
                reason=form.cleaned_data["reason"],
                actor=self.actor,
            )
        except Refused as refusal:
            return self._show(found, form, count, refusal, CONFLICT)
        return redirect(self.to("zone", found.code))

    def _zone(self, code: str) -> Zone:
        return desk_zone.zones_of(self.facility, self.actor).get(code=code)

    def _people(self, zone: Zone) -> list[tuple[str, str]]:
        present = desk_zone.people_in(zone)
        return [(str(each.person_id), str(each.person)) for each in present]

    def _show(
        self,
        zone: Zone,
        form: CorrectionForm,
        count: CountForm | None = None,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        heard = desk_zone.zone_heard(zone)
        order = desk_zone.correction_last(zone)
        present = desk_zone.people_in(zone)
        escorts = escort_words(self.facility, {each.person_id: each.basis for each in present})
        stopped = "" if self.may("access.correct_zone") else _("A guard on duty does this")
        context: Context = {
            "zone_page": zone,
            "heard": heard,
            "concerns": [concern_words(code) for code in heard.concerns] if heard else [],
            "rows": [
                {
                    "person": each.person,
                    "basis": BASES.get(each.basis, each.basis),
                    "escort": escorts.get(each.person_id, ""),
                    "stay": for_how_long(each.since),
                }
                for each in present
            ],
            "refused": desk_zone.refused_as_inside(zone),
            "form": form,
            "count": count or CountForm(),
            "refusal": refusal,
            "order": order,
            "facts": order_facts(order, _("Corrected"), None) if order else [],
            "doors": desk.portals_of(self.facility, self.actor).filter(zone=zone),
            "stopped": stopped,
        }
        return self.page("desk/zone.html", context, status)

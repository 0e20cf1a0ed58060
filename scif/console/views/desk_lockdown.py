"""Lockdown at the desk: declared in two steps, followed to each gateway, lifted by two."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.models import Lockdown
from access.selectors import desk
from access.selectors.lockdown import areas_within, deliveries, lockdowns_in_force
from access.services.lockdown import DECLARE, LIFT, lockdown_declare, lockdown_lift
from scif.console.forms.desk import LockdownForm, ReasonForm
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_words import clock
from scif.facilities.models import Area
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import visible

CONFLICT, UNPROCESSABLE = 409, 422
WHOLE = "facility"


class LockdownPage(DeskView):
    """What is locked down, what the doors know of it, and the acts to declare and to lift."""

    station = "inside"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            if "lift" in request.POST:
                return self._lift(request)
            return self._declare(request)
        except Refused as refusal:
            return self._refused(request, refusal)

    def _declare(self, request: HttpRequest) -> HttpResponse:
        """The first step names the consequence; only the second one acts."""
        form = self._form(request)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        scope = form.cleaned_data["scope"]
        area = None if scope == WHOLE else self._areas()[scope]
        if "sure" not in request.POST:
            return self.page("desk/lockdown_sure.html", self._consequence(form, area))
        lockdown_declare(
            facility_id=self.facility.pk,
            area_id=area.pk if area else None,
            reason=form.cleaned_data["reason"],
            actor=self.actor,
        )
        return redirect(self.to("lockdown"))

    def _lift(self, request: HttpRequest) -> HttpResponse:
        form = ReasonForm(request.POST)
        found = {str(each.pk): each for each in lockdowns_in_force(self.facility)}
        lockdown = found.get(request.POST["lift"])
        if lockdown is None:
            return redirect(self.to("lockdown"))
        if not form.is_valid():
            return self._show(lift=(lockdown.pk, form), status=UNPROCESSABLE)
        lockdown_lift(lockdown_id=lockdown.pk, reason=form.cleaned_data["reason"], actor=self.actor)
        return redirect(self.to("lockdown"))

    def _refused(self, request: HttpRequest, refusal: Refused) -> HttpResponse:
        """The page with the refusal, and what was typed still in its form."""
        found = {str(each.pk): each.pk for each in lockdowns_in_force(self.facility)}
        pk = found.get(request.POST.get("lift", ""))
        if pk is not None:
            lift = (pk, ReasonForm(request.POST, auto_id=f"{pk}_%s"))
            return self._show(lift=lift, refusal=refusal, status=CONFLICT)
        form = None if "lift" in request.POST else self._form(request)
        return self._show(form, refusal=refusal, status=CONFLICT)

    def _areas(self) -> dict[str, Area]:
        areas = visible(Area.objects.all(), self.actor, "facilities.view_area")
        return {str(a.pk): a for a in areas.filter(facility=self.facility).order_by("name")}

    def _form(self, request: HttpRequest | None = None) -> LockdownForm:
        scopes = [(WHOLE, _("the whole facility, %(name)s") % {"name": self.facility.name})]
        scopes += [(pk, area.name) for pk, area in self._areas().items()]
        return LockdownForm(request.POST if request else None, scopes=scopes)

    def _consequence(self, form: LockdownForm, area: Area | None) -> Context:
        areas = set(areas_within(area)) if area else set(self._areas().values())
        portals = desk.portals_of(self.facility, self.actor)
        present = desk.people_inside(self.facility, self.actor)
        return {
            "form": form,
            "scope": area.name if area else self.facility.name,
            "doors": [portal.code for portal in portals if portal.zone.area in areas],
            "inside": len({each.person_id for each in present if each.zone.area in areas}),
            "back": self.to("lockdown"),
        }

    def _show(
        self,
        form: LockdownForm | None = None,
        *,
        lift: tuple[UUID, ReasonForm] | None = None,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        rows = [self._row(each, lift) for each in lockdowns_in_force(self.facility)]
        context: Context = {
            "rows": rows,
            "form": form or self._form(),
            "refusal": refusal,
            "stopped": "" if self.may(DECLARE) else _("A guard on duty does this"),
            "lift_stopped": "" if self.may(LIFT) else _("A guard on duty does this"),
        }
        return self.page("desk/lockdown.html", context, status)

    def _row(self, lockdown: Lockdown, lift: tuple[UUID, ReasonForm] | None) -> Context:
        asked = lockdown.lift_asked_by_id
        return {
            "lockdown": lockdown,
            "facts": delivery_facts(lockdown),
            "form": lift[1]
            if lift and lift[0] == lockdown.pk
            else ReasonForm(auto_id=f"{lockdown.pk}_%s"),
            "own": asked is not None and asked == self.actor.person_id,
        }


def delivery_facts(lockdown: Lockdown) -> list[Context]:
    """Requested and confirmed, gateway by gateway. It never shows what it hopes."""
    since = int((now() - lockdown.declared_at).total_seconds())
    facts: list[Context] = [
        {"shape": "wait", "words": _("Requested"), "detail": f" {clock(lockdown.declared_at)}"}
    ]
    for each in deliveries(lockdown):
        if each.confirmed:
            words = _("Confirmed by %(gateway)s") % {"gateway": each.gateway}
            facts.append({"shape": "ok", "words": words, "detail": ""})
        else:
            words = _("Not confirmed by %(gateway)s") % {"gateway": each.gateway}
            detail = _(" for %(seconds)d s: its doors may open") % {"seconds": since}
            facts.append({"shape": "warn", "words": words, "detail": detail})
    if not lockdown.told:
        facts.append({"shape": "off", "words": _("No gateway serves these doors"), "detail": ""})
    return facts

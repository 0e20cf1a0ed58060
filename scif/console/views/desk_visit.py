"""One visit at the desk: its steps, the person, the reasons, and one next act."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.models import SignaturePurpose, Visit
from access.rules.states import VISIT, VisitAction, VisitState
from access.selectors import desk
from access.selectors.booking_policy import booking_policy
from access.selectors.threat_stops import threat_level_over
from access.selectors.visit import (
    signatures_of,
    visit_badge,
    visit_decision,
    visit_locker,
    visit_open_items,
    visits_at,
)
from access.services.duress import duress_pin_set
from access.services.pin import pin_replace, pin_set
from scif.console.forms.desk import IdentifyForm, ItemForm, ReasonForm, SearchForm
from scif.console.met import met_words
from scif.console.views.desk_acts import ACTS, FormInvalid
from scif.console.views.desk_escort import visit_escort_words
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_step_facts import how_far, step_facts
from scif.console.views.desk_steps import ON_THE_WAY_OUT, rail_of, step_of
from scif.console.views.desk_words import (
    arrival_chip,
    decision_reasons,
    moment_of,
    not_before,
)
from scif.kernel.errors import Refused

CONFLICT, UNPROCESSABLE = 409, 422
FORMS: dict[str, type[Form]] = {
    "document": IdentifyForm,
    "locker": ItemForm,
    "search": SearchForm,
}
# The field that a refusal of the service speaks about, by its code.
REFUSED_FIELD = {
    "characters_wrong": "last_characters",
    "characters_unfit": "last_characters",
    "document_unfit": "document",
    "item_missing": "kind",
    "item_unfit": "kind",
    "mark_unfit": "mark",
    "approval_missing": "approval",
    "approval_unfit": "approval",
    "remarks_unfit": "remarks",
}


def typed_form(form: type[Form], typed: QueryDict, refusal: Refused) -> tuple[Form, Refused | None]:
    """The form as it was sent, and the refusal at its field, or beside it if it has none."""
    field = REFUSED_FIELD.get(refusal.code)
    if field is None or field not in form.base_fields:
        return form(initial=typed.dict()), refusal
    bound = form(typed)
    bound.add_error(field, " ".join(filter(None, (refusal.message, refusal.remedy))))
    return bound, None


class VisitPage(DeskView):
    """The check-in or the way out of one visit."""

    leaving = False  # whether somebody who may go in wants to leave instead

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        visit = self.visit(pk)
        return self.show(visit)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do what one button says; a refusal is shown beside it."""
        visit = self.visit(pk)
        for drawn, draw in self._draws().items():
            if drawn in request.POST:
                return self._pin(visit, drawn, draw)
        name = next((name for name in ACTS if name in request.POST), None)
        if name is None:
            return redirect(self.to("visit", pk))
        try:
            ACTS[name](visit, request.POST, self.actor)
        except FormInvalid as invalid:
            return self.show(self.visit(pk), form=invalid.form, status=UNPROCESSABLE)
        except Refused as refusal:
            return self.show(self.visit(pk), refusal=refusal, typed=request.POST, status=CONFLICT)
        return redirect(self.to("visit", pk))

    def _draws(self) -> dict[str, Callable[..., str]]:
        seen = moment_of(self.request.POST.get("replaces", ""))
        return {
            "pin": pin_set,
            "new_pin": partial(pin_replace, replaces=seen),
            "second_pin": duress_pin_set,
        }

    def _pin(self, visit: Visit, act: str, draw: Callable[..., str]) -> HttpResponse:
        """Draw a PIN and show it in this answer alone, all else covered: it is kept nowhere.

        The screen is turned by now: a refusal stands on the cover as well.
        """
        back = {"back": self.to("visit", visit.pk)}
        try:
            pin = draw(visit_id=visit.pk, actor=self.actor)
        except Refused as refusal:
            context = {"visit": visit, "act": act, "refusal": refusal}
            return self.page("desk/pin_turn.html", self.cover() | back | context, CONFLICT)
        return self.page("desk/pin_shown.html", self.cover() | back | {"pin": pin})

    def visit(self, pk: UUID) -> Visit:
        """The visit in the address, if it is one of this desk."""
        return visits_at(self.facility, self.actor).get(pk=pk)

    def show(
        self,
        visit: Visit,
        *,
        form: Form | None = None,
        refusal: Refused | None = None,
        typed: QueryDict | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The page of the visit's present step."""
        locker, badge = visit_locker(visit), visit_badge(visit)
        leaves = self.leaving and VisitState(visit.state) == VisitState.BADGED
        out = leaves or VisitState(visit.state) in ON_THE_WAY_OUT
        purpose = SignaturePurpose.RETURN if out else SignaturePurpose.DEPOSIT
        signed = signatures_of(locker, purpose)
        step = "search" if leaves else step_of(visit, locker, badge, signed)
        self.station = "exit" if out else "arrivals"
        early = booking_policy(self.facility).desk_before
        context: Context = {
            "visit": visit,
            "chip": arrival_chip(visit, early, "" if out else threat_level_over(visit)),
            "untimely": not_before(visit, early),
            "step": step,
            "out": out,
            "step_template": f"desk/steps/{step}.html",
            "steps": rail_of(visit, step, locker, str(badge.badge) if badge else "", out=out),
            "at": how_far(visit, step, locker, signed),
            "locker": locker,
            "badge": badge,
            "refusal": refusal,
            "escort": visit_escort_words([visit]).get(visit.pk, ""),
            "citizenships": ", ".join(c.country for c in visit.person.citizenships.all()),
            "can": self._can(visit),
            "turn_away_url": self.to("turn_away", visit.pk),
            "suspend_url": self.to("suspend", visit.pk),
            "stopped": "" if self.may("access.check_in_visit") else _("A guard on duty does this"),
        }
        context |= self._reasons(visit, step, out=out)
        context |= step_facts(self, visit, step, locker, signed)
        if form is not None:
            context["form"] = form
        elif step in FORMS and refusal is not None and typed is not None:
            context["form"], context["refusal"] = typed_form(FORMS[step], typed, refusal)
        elif step in FORMS:
            context["form"] = FORMS[step]()
        return self.page("desk/visit.html", context, status=status)

    def _can(self, visit: Visit) -> dict[str, bool]:
        allowed = VISIT.allowed(VisitState(visit.state))
        suspends = self.may("access.suspend_visit")
        return {
            "turn_away": VisitAction.TURN_AWAY in allowed,
            "suspend": suspends and VisitAction.SUSPEND in allowed,
            "resume": suspends and VisitAction.RESUME in allowed,
        }

    def _reasons(self, visit: Visit, step: str, *, out: bool) -> Context:
        """What stands against the entry, or what is open on the way out."""
        if out:
            items = [
                {"what": item.act.guard, "mend": "", "shape": "warn"}
                for item in visit_open_items(visit)
            ]
            return {"reasons": items, "met": []}
        decision = visit_decision(visit)
        reasons = decision_reasons(decision, officer=self.may("access.suspend_visit"))
        stops = [reason for reason in reasons if reason.get("shape", "stop") == "stop"]
        if step not in {"let_in", "pin"}:
            stops.append({"what": _("No badge issued"), "mend": self._badges_free()})
        if step != "let_in":
            stops.append({"what": _("No PIN given"), "mend": _("Shown once, with the badge.")})
        rest = [reason for reason in reasons if reason.get("shape", "stop") != "stop"]
        return {"reasons": stops + rest, "stops": len(stops), "met": met_words(decision.met)}

    def _badges_free(self) -> str:
        blank = desk.badges_blank(self.facility, self.actor)
        if not blank:
            return _("No blank badge is free.")
        return _("%(first)s to %(last)s are free.") % {"first": blank[0], "last": blank[-1]}


class ReasonPage(DeskView):
    """The second step of a dangerous act: it names its consequence and asks why."""

    act = "turn_away"
    template = "desk/turn_away.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(pk, ReasonForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        visit = visits_at(self.facility, self.actor).get(pk=pk)
        try:
            ACTS[self.act](visit, request.POST, self.actor)
        except FormInvalid as invalid:
            return self._show(pk, invalid.form, status=UNPROCESSABLE)
        except Refused as refusal:
            return self._show(pk, ReasonForm(request.POST), refusal, CONFLICT)
        return redirect(self.to("visit", pk))

    def _show(
        self, pk: UUID, form: Form, refusal: Refused | None = None, status: int = 200
    ) -> HttpResponse:
        visit = visits_at(self.facility, self.actor).get(pk=pk)
        back = self.to("visit", pk)
        context = {
            "visit": visit,
            "form": form,
            "refusal": refusal,
            "back": back,
            "act": self.act,
        }
        return self.page(self.template, context, status)

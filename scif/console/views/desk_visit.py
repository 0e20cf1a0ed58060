"""One visit at the desk: its steps, the person, the reasons, and one next act."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access.models import LockerAssignment, SignaturePurpose, Visit
from access.rules.states import VISIT, LockerState, VisitAction, VisitState
from access.selectors import desk
from access.selectors.badges import locked_out_until
from access.selectors.booking_policy import booking_policy
from access.selectors.desk_zone import zones_uncounted
from access.selectors.visit import (
    signatures_of,
    visit_badge,
    visit_decision,
    visit_locker,
    visit_open_items,
    visits_at,
)
from access.services.duress import duress_pin_set
from access.services.pin import pin_set
from hardware.models import DeviceKind
from hardware.services.command import OPEN_STATES
from scif.console.forms.desk import USUAL, IdentifyForm, ItemForm, ReasonForm, SearchForm
from scif.console.met import met_words
from scif.console.views.desk_acts import ACTS, FormInvalid
from scif.console.views.desk_escort import visit_escort_words
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_steps import ON_THE_WAY_OUT, rail_of, step_of
from scif.console.views.desk_words import (
    arrival_chip,
    clock,
    decision_reasons,
    not_before,
    order_facts,
    steps_taken,
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

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        visit = self.visit(pk)
        return self.show(visit)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Do what one button says; a refusal is shown beside it."""
        visit = self.visit(pk)
        if "pin" in request.POST:
            return self._pin(visit, pin_set)
        if "second_pin" in request.POST:
            return self._pin(visit, duress_pin_set)
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

    def _pin(self, visit: Visit, draw: Callable[..., str]) -> HttpResponse:
        """Draw a PIN and show it in this answer alone: it is kept nowhere."""
        try:
            pin = draw(visit_id=visit.pk, actor=self.actor)
        except Refused as refusal:
            return self.show(visit, refusal=refusal, status=CONFLICT)
        return self.show(self.visit(visit.pk), pin=pin)

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
        pin: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The page of the visit's present step."""
        locker, badge = visit_locker(visit), visit_badge(visit)
        out = VisitState(visit.state) in ON_THE_WAY_OUT
        purpose = SignaturePurpose.RETURN if out else SignaturePurpose.DEPOSIT
        signed = signatures_of(locker, purpose)
        step = step_of(visit, locker, badge, signed)
        self.station = "exit" if out else "arrivals"
        early = booking_policy(self.facility).desk_before
        context: Context = {
            "visit": visit,
            "chip": arrival_chip(visit, early),
            "untimely": not_before(visit, early),
            "step": step,
            "out": out,
            "step_template": f"desk/steps/{step}.html",
            "steps": rail_of(visit, step, locker, str(badge.badge) if badge else ""),
            "locker": locker,
            "badge": badge,
            "pin": pin,
            "refusal": refusal,
            "escort": visit_escort_words([visit]).get(visit.pk, ""),
            "citizenships": ", ".join(c.country for c in visit.person.citizenships.all()),
            "can": self._can(visit),
            "turn_away_url": self.to("turn_away", visit.pk),
            "suspend_url": self.to("suspend", visit.pk),
            "stopped": "" if self.may("access.check_in_visit") else _("A guard on duty does this"),
        }
        context |= self._reasons(visit, step, out=out)
        context |= self._step(visit, step, locker, signed)
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

    def _step(
        self, visit: Visit, step: str, locker: LockerAssignment | None, signed: Any
    ) -> Context:
        """What the present step shows beside the frame."""
        if step in {"locker", "belongings"} and locker is not None:
            return self._locker(locker, step, signed)
        if step == "badge":
            return self._badge(visit)
        if step == "over":
            return {"taken": steps_taken(visit)}
        if step == "let_in":
            portals = desk.portals_of(self.facility, self.actor)
            return {
                "portals": portals.filter(zone__area=visit.booking.area),
                "locked_until": locked_out_until(visit.person_id, self.facility),
                "uncounted": [
                    {
                        "words": _("Count first: how many are in %(zone)s is uncertain.")
                        % {"zone": zone.name},
                        "url": self.to("zone", zone.code),
                    }
                    for zone in zones_uncounted(self.facility)
                    if zone.area_id == visit.booking.area_id
                ],
            }
        return {}

    def _badge(self, visit: Visit) -> Context:
        order = desk.order_last(self.facility, "card_encode", visit=str(visit.pk))
        devices = desk.devices_of(self.facility, self.actor)
        reader = next((d for d in devices if d.kind == DeviceKind.DESK_READER), None)
        state = getattr(reader, "state", None)
        silent = state is not None and not state.online
        free = desk.badges_prepared if silent else desk.badges_blank
        return {
            "facts": order_facts(order, _("On the card"), None) if order else [],
            "badges": free(self.facility, self.actor),
            "reader": reader,
            "reader_silent": silent,
        }

    def _locker(self, locker: LockerAssignment, step: str, signed: Any) -> Context:
        items = list(locker.items.order_by("kind"))
        inside = [item for item in items if not item.stays_with_visitor]
        order = desk.order_last(self.facility, "locker_open", lock=locker.locker.lock)
        if order is not None and order.issued_at < locker.assigned_at:
            order = None
        waiting = order is not None and order.state in OPEN_STATES
        # Before it is opened for the return, the times of the deposit would mislead.
        before = step == "belongings" and locker.state != LockerState.EMPTYING
        facts = order_facts(None if before and not waiting else order, _("Opened"), None)
        if locker.opened_at and not waiting and not before:
            facts = [{"shape": "ok", "words": _("Opened"), "detail": clock(locker.opened_at)}]
            if step == "locker":
                listed = _("%(count)d listed") % {"count": len(inside)}
                shape = "ok" if inside else "todo"
                facts.append({"shape": shape, "words": _("Loaded"), "detail": listed})
        jammed = locker.state == LockerState.JAMMED
        shut = {"shape": "todo", "words": _("Confirmed shut"), "detail": _("not yet")}
        if jammed:
            shut = {"shape": "stop", "words": _("Jammed"), "detail": _("Clear the door")}
        elif locker.shut_confirmed_at and not before:
            detail = _("%(time)s, 2 reads") % {"time": clock(locker.shut_confirmed_at)}
            shut = {"shape": "ok", "words": _("Confirmed shut"), "detail": detail}
        ready = locker.shut_confirmed_at is not None and (
            locker.state == (LockerState.SHUT if step == "locker" else LockerState.EMPTYING)
        )
        return {
            "facts": [*facts, shut],
            "beside": desk.lockers_beside(locker.locker),
            "items": items,
            "usual": [{"kind": kind, "next": field} for kind, field in USUAL],
            "inside": inside,
            "listing": step == "locker" and locker.state in {"assigned", "open", "loaded"},
            "waiting": waiting,
            "guard_name": self._guard_name(),
            "opened": locker.state not in {LockerState.ASSIGNED, LockerState.JAMMED},
            "ready": ready,
            "signed": signed,
            "shown": {party: json.dumps(each.strokes) for party, each in signed.items()},
        }

    def _guard_name(self) -> str:
        """The user's name as short as a pad is wide: E. Hughes."""
        words = str(getattr(self.request.user, "person", None) or self.request.user).split()
        return f"{words[0][0]}. {words[-1]}" if len(words) > 1 else words[0]


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

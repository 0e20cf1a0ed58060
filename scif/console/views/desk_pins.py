"""A PIN of one's own, set at the desk: the guard has checked who it is, and looks away."""

from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access.selectors.badges import locked_out_until, pin_holders
from access.selectors.visit import visit_pin, visits_at
from access.services.pin import visit_pin_choose
from access.services.pin_choice import ISSUE, pin_choose
from scif.console.forms.pins import PinDeskForm, PinTypedForm
from scif.console.views.desk_frame import Context, DeskView
from scif.console.views.desk_room import CONFLICT, UNPROCESSABLE
from scif.console.views.desk_words import moment_of
from scif.kernel.errors import FieldRefused, Refused
from scif.people.access import visible
from scif.people.models import Person


def at_its_field(form: Form, refusal: Refused) -> Refused | None:
    """Put a refusal beside the field that it names; gives it back where it names none."""
    if not isinstance(refusal, FieldRefused):
        return refusal
    form.add_error(refusal.field, " ".join(filter(None, (refusal.message, refusal.remedy))))
    return None


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PinsPage(DeskView):
    """Who, by which document, and the PINs. INVARIANT: no answer repeats a digit."""

    station = "shift"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request)
        if not form.is_valid():
            return self._show(form, status=UNPROCESSABLE)
        given = dict(form.cleaned_data)
        person = given.pop("person")
        try:
            pin_choose(person_id=person.pk, facility_id=self.facility.pk, actor=self.actor, **given)
        except Refused as refusal:
            return self._show(form, refusal=at_its_field(form, refusal), status=CONFLICT)
        return self._show(self._form(), done=person)

    def _form(self, request: HttpRequest | None = None) -> PinDeskForm:
        people = visible(pin_holders(self.facility), self.actor, ISSUE)
        own = self.actor.person_id
        data = request.POST if request else None
        offered = people.exclude(pk=own) if own else people
        return PinDeskForm(data, people=offered, facility=self.facility)

    def _show(
        self,
        form: PinDeskForm,
        *,
        refusal: Refused | None = None,
        done: Person | None = None,
        status: int = 200,
    ) -> HttpResponse:
        stopped = "" if self.may(ISSUE) else _("Guards and officers do this")
        context: Context = {"form": form, "refusal": refusal, "done": done, "stopped": stopped}
        if done is not None:
            context["locked_until"] = locked_out_until(done.pk, self.facility)
        return self.page("desk/pins.html", context, status)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class VisitPinPage(DeskView):
    """The PINs that a visitor types himself. INVARIANT: no answer repeats a digit."""

    station = "arrivals"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(pk, self._form())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        visit = visits_at(self.facility, self.actor).get(pk=pk)
        form = self._form(request)
        if not form.is_valid():
            return self._show(pk, form, status=UNPROCESSABLE)
        try:
            seen = moment_of(request.POST.get("replaces", ""))
            typed = form.cleaned_data
            visit_pin_choose(visit_id=visit.pk, replaces=seen, actor=self.actor, **typed)
        except Refused as refusal:
            return self._show(pk, form, refusal=at_its_field(form, refusal), status=CONFLICT)
        return redirect(self.to("visit", pk))

    def _form(self, request: HttpRequest | None = None) -> PinTypedForm:
        form = PinTypedForm(request.POST if request else None)
        form.rules_tell([self.facility])
        return form

    def _show(
        self,
        pk: UUID,
        form: PinTypedForm,
        *,
        refusal: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        visit = visits_at(self.facility, self.actor).get(pk=pk)
        stopped = "" if self.may(ISSUE) else _("Guards and officers do this")
        context = {
            "form": form,
            "refusal": refusal,
            "stopped": stopped,
            "back": self.to("visit", pk),
            "given": visit_pin(visit),
        }
        return self.page("desk/visit_pin.html", self.cover() | context, status)


class TurnPage(DeskView):
    """Before a PIN is shown: the desk is covered, then it says to turn the screen.

    A new one says whose PIN it voids; where the state has passed the ``act`` by, the visit stands.
    """

    act = "pin"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        visit = visits_at(self.facility, self.actor).get(pk=pk)
        given = visit_pin(visit)
        if {"pin": given is not None, "new_pin": given is None}.get(self.act, False):
            return redirect(self.to("visit", pk))
        stopped = "" if self.may(ISSUE) else _("A guard on duty does this")
        context = {"visit": visit, "act": self.act, "given": given, "stopped": stopped}
        back = {"back": self.to("visit", pk)}
        return self.page("desk/pin_turn.html", self.cover() | context | back)


class CalledSign(DeskView):
    """The neutral sign on a covered desk: something came meanwhile, and not what."""

    def get(self, request: HttpRequest) -> HttpResponse:
        since = moment_of(request.GET.get("since", ""))
        called = since is not None and self.alarmed_since(since)
        return self.page("desk/called.html", self.cover(since) | {"called": called})

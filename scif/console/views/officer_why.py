"""Would this person get through this door, and why not? The officer's question, by GET."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from access.selectors.why import MOST_NAMED, VIEW, VIEW_PERSON, Assumed, moment_of, people_named
from access.services.why import why_ask
from scif.console.forms.why import Asked, WhyForm
from scif.console.selectors.why_outside_words import explain_outside
from scif.console.selectors.why_words import explain, local
from scif.facilities.models import Facility, Portal
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import visible
from scif.people.actors import actor_of
from scif.people.models import Person
from terminals.selectors.place import places_for
from terminals.services.why_outside import why_outside_ask

INVALID = 422
GIVEN = ("person", "portal", "at", "assumed")


def ask(request: HttpRequest) -> HttpResponse:
    """The form; once it is filled, the answer, or whom the name may mean."""
    actor = actor_of(request)
    given = {name: request.GET[name] for name in GIVEN if name in request.GET}
    # A link from a person's or a door's page fills half of it.
    if not {"person", "portal"} <= set(given):
        meant = people_named(given.get("person", ""), actor)
        if len(meant) == 1:
            given["person"] = meant[0].name
        return _page(request, WhyForm(actor=actor, initial=given))
    form = WhyForm(given, actor=actor)
    if not form.is_valid():
        return _page(request, form, status=INVALID)
    data = form.cleaned_data
    try:
        moment_of(data["at"], _facility(data["portal"]), now=now())
    except Refused as error:
        form.add_error("at", f"{error.message} {error.remedy}")
        return _page(request, form, status=INVALID)
    found = people_named(data["person"], actor)
    query = urlencode({"at": data["at"], "assumed": data["assumed"]})
    links = [
        (each, f"{reverse(_page_of(data['portal']), args=[each.pk, data['portal'].pk])}?{query}")
        for each in found
    ]
    if len(links) == 1:
        return redirect(links[0][1])
    if not links:
        form.add_error("person", _("Nobody is known by that name, badge or identifier."))
        return _page(request, form, status=INVALID)
    more = len(links) > MOST_NAMED
    return _page(request, form, people=links[:MOST_NAMED], more=more)


def answer(request: HttpRequest, person: UUID, portal: UUID) -> HttpResponse:
    """The answer for one person at one door; journaled as a look into his records."""
    actor = actor_of(request)
    door = visible(Portal.objects.select_related("zone__area__facility"), actor, VIEW).get(
        pk=portal
    )
    who = visible(Person.objects.all(), actor, VIEW_PERSON).get(pk=person)
    asked = {**request.GET.dict(), "person": who.name, "portal": str(door.pk)}
    form = WhyForm(asked, actor=actor)
    try:
        at = moment_of(request.GET.get("at", ""), door.zone.area.facility, now=now())
    except Refused as error:
        form.add_error("at", f"{error.message} {error.remedy}")
        return _page(request, form, status=INVALID)
    chosen = request.GET.get("assumed", "")
    assumed = Assumed(chosen) if chosen in set(Assumed) else Assumed.BADGE_AND_PIN
    found = why_ask(person_id=who.pk, portal_id=door.pk, at=at, assumed=assumed, actor=actor)
    return _page(request, form, answer=found, told=explain(found), moment=local(at, found))


def answer_outside(request: HttpRequest, person: UUID, place: UUID) -> HttpResponse:
    """The answer for one person at one registered place; journaled like that at a door."""
    actor = actor_of(request)
    where = places_for(actor, VIEW).get(pk=place)
    who = visible(Person.objects.all(), actor, VIEW_PERSON).get(pk=person)
    asked = {**request.GET.dict(), "person": who.name, "portal": str(where.pk)}
    form = WhyForm(asked, actor=actor)
    try:
        at = moment_of(request.GET.get("at", ""), where.facility, now=now())
    except Refused as error:
        form.add_error("at", f"{error.message} {error.remedy}")
        return _page(request, form, status=INVALID)
    found = why_outside_ask(person_id=who.pk, place_id=where.pk, at=at, actor=actor)
    return _page(request, form, outside=found, told=explain_outside(found))


def _facility(asked: Asked) -> Facility:
    return asked.zone.area.facility if isinstance(asked, Portal) else asked.facility


def _page_of(asked: Asked) -> str:
    return "admin:why_answer" if isinstance(asked, Portal) else "admin:why_outside"


def _page(request: HttpRequest, form: WhyForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Would this person get in?"),
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/why.html", context, status=status)

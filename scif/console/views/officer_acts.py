"""The page of one act on one record: its consequence first, then the form, then the service."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access.models import Engagement
from access.selectors.marking import mandates_banner
from access.views.portal.page import banner_shown
from hardware.models import Rewiring
from scif.console.forms.choices import officers_offer, people_offer
from scif.console.views.grant_forms import GrantForm
from scif.console.views.officer_act import Act, Words
from scif.console.views.officer_actions import BY_NAME
from scif.console.views.officer_forms import RecordForm
from scif.console.views.officer_told import waits_told
from scif.facilities.models import Facility, Record
from scif.facilities.selectors.reference import facilities_at
from scif.kernel.actor import Actor
from scif.kernel.errors import FieldRefused, Refused
from scif.people.access import visible
from scif.people.actors import actor_of
from scif.people.models import Person

CONFLICT = 409
INVALID = 422


@sensitive_post_parameters()
def act(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Show an act, or do it; a refusal stands beside the control that it stopped.

    Its times are those of the record's facility, wherever the officer has his other ones: a right
    that is typed for three o'clock at the desk must not begin at three o'clock somewhere else.
    """
    found = BY_NAME.get(name)
    if found is None:
        raise Http404
    rows = visible(found.model._default_manager.all(), actor_of(request), found.permission)
    record = rows.get(pk=pk)
    with timezone.override(_zone_of(record)):
        answer = _acted(request, found, record)
        if isinstance(answer, TemplateResponse):
            answer.render()
        return answer


def _zone_of(record: Record) -> str:
    """The zone of the record's facility; that of the page where it lies in none or in several."""
    places = Facility.objects.filter(pk__in=facilities_at(record)).order_by()
    zones = set(places.values_list("time_zone", flat=True))
    return zones.pop() if len(zones) == 1 else timezone.get_current_timezone_name()


def _acted(request: HttpRequest, found: Act, record: Record) -> HttpResponse:
    actor = actor_of(request)
    build = _form_of(found, record, actor)
    form = build(request.POST or None)
    refused: Refused | None = None
    status = 200
    if request.method == "POST":
        # A form without a field is empty and yet sent.
        form = build(request.POST)
        status = INVALID
        if form.is_valid():
            try:
                done = found.run(record, form.cleaned_data, actor)
            except Refused as error:
                status = CONFLICT
                lacking = _lacking(form, error)
                if lacking:
                    form.add_error(lacking, " ".join(filter(None, (error.message, error.remedy))))
                else:
                    refused = error
            except ValidationError as error:
                # What the record's own checks refuse, beside its field where the form has it.
                for name, words in _by_field(error).items():
                    form.add_error(_field_of(form, name), words)
            else:
                told = done if isinstance(done, Record) else record
                # A request of two officers has a page of its own, and so has what an act adds.
                record = told if found.adds or isinstance(told, Rewiring) else record
                _tell(request, found.label, told)
                return redirect(_page_of(record))
    context = _context(request, found, record)
    context |= {"form": form, "refused": refused}
    return TemplateResponse(request, "admin/act.html", context, status=status)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def _field_of(form: Form, name: str) -> str | None:
    """The form's field for one of the record, which may go by the identifier."""
    return next((each for each in (name, f"{name}_id") if each in form.fields), None)


def _lacking(form: Form, error: Refused) -> str | None:
    """The form's field that a service refuses, or asks for as ``text_of`` names it in its code."""
    if isinstance(error, FieldRefused):
        return _field_of(form, error.field)
    name = error.code.removesuffix("_missing")
    return _field_of(form, name) if name != error.code and not error.remedy else None


def _tell(request: HttpRequest, label: Words, done: Record) -> None:
    """Say what has become of an act: that it is done, or for whom what it asked for waits."""
    if done.waits:
        messages.warning(request, waits_told(done))
        return
    words = _("Done and journaled: %(act)s, %(what)s")
    messages.success(request, words % {"act": str(label).removesuffix("…"), "what": done})


def _form_of(found: Act, record: Record, actor: Actor) -> Callable[[Any], Form]:
    """What makes the act's form of what was sent: with its record and actor where it asks."""
    build: Callable[[Any], Form] = found.form
    if issubclass(found.form, GrantForm) and isinstance(record, Person):
        build = partial(found.form, record=record, actor=actor)
    elif issubclass(found.form, RecordForm):
        build = partial(found.form, record=record)

    def prepared(data: Any) -> Form:
        form = build(data)
        if not isinstance(form, GrantForm):
            people_offer(form, actor)
        person_id = record.pk if isinstance(record, Person) else getattr(record, "person_id", None)
        if person_id is not None:
            officers_offer(form, actor, found.permission, person_id)
        found.prepare(form, record)
        return form

    return prepared


def _context(request: HttpRequest, found: Act, record: Record) -> dict[str, Any]:
    label = str(found.label).removesuffix("…")
    marked = {}
    if isinstance(record, Engagement):  # its title stands there, which bears its own label
        shown = mandates_banner(Engagement.objects.filter(pk=record.pk))
        marked["marking"] = banner_shown(shown)
    return {
        **admin.site.each_context(request),
        **marked,
        "title": label,
        "act": found,
        "label": label,
        "record": record,
        "opts": record._meta,
        "back": _page_of(record),
        "details": found.details(record),
        "stopped": _stopped(found, record, actor_of(request)),
    }


def _stopped(found: Act, record: Record, actor: Actor) -> str:
    """Why the button of an act is not to be pressed; empty where it is."""
    if not found.fits(record):
        return _("Its present state does not allow this.")
    if actor.person_id is not None and found.asker(record) == actor.person_id:
        return _("You had the first part in it, so another officer confirms it.")
    return str(found.against(record, actor))


def _page_of(record: Record) -> str:
    """The record's page; what is of a person shows on his."""
    if record.person_path == "person":
        return reverse("admin:people_person_change", args=[record.person_id])  # type: ignore[attr-defined]  # by its path
    return reverse(
        f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk]
    )

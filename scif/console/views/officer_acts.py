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
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from hardware.models import Rewiring
from scif.console.forms.choices import people_offer
from scif.console.views.grant_forms import GrantForm
from scif.console.views.officer_act import Act, Words
from scif.console.views.officer_actions import BY_NAME
from scif.console.views.officer_forms import RecordForm
from scif.facilities.models import Record
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.access import visible
from scif.people.actors import actor_of
from scif.people.models import Person

CONFLICT = 409
INVALID = 422


@sensitive_post_parameters()
def act(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """Show an act, or do it; a refusal stands beside the control that it stopped."""
    found = BY_NAME.get(name)
    if found is None:
        raise Http404
    actor = actor_of(request)
    rows = visible(found.model._default_manager.all(), actor, found.permission)
    record = rows.get(pk=pk)
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
                refused, status = error, CONFLICT
            except ValidationError as error:
                # What the record's own constraints refuse, such as a second one of the same.
                for words in error.messages:
                    form.add_error(None, words)
            else:
                told = done if isinstance(done, Record) else record
                # A request of two officers has a page of its own, and so has what an act adds.
                record = told if found.adds or isinstance(told, Rewiring) else record
                _tell(request, found.label, told)
                return redirect(_page_of(record))
    context = _context(request, found, record)
    context |= {"form": form, "refused": refused}
    return TemplateResponse(request, "admin/act.html", context, status=status)


def _tell(request: HttpRequest, label: Words, done: Record) -> None:
    """Say what has become of an act: that it is done, or for whom what it asked for waits."""
    if done.waits:
        messages.warning(request, done.waits)
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
        found.prepare(form, record)
        return form

    return prepared


def _context(request: HttpRequest, found: Act, record: Record) -> dict[str, Any]:
    label = str(found.label).removesuffix("…")
    hindered = found.hindered(record)
    unfit = "" if found.fits(record) else _("Its present state does not allow this.")
    return {
        **admin.site.each_context(request),
        "title": label,
        "act": found,
        "label": label,
        "record": record,
        "opts": record._meta,
        "back": _page_of(record),
        "details": found.details(record),
        "hindered": hindered,
        "stopped": hindered or unfit,
    }


def _page_of(record: Record) -> str:
    """The record's page; what is of a person shows on his."""
    if record.person_path == "person":
        return reverse("admin:people_person_change", args=[record.person_id])  # type: ignore[attr-defined]  # by its path
    return reverse(
        f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk]
    )

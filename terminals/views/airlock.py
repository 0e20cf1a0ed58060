"""The author's side of the airlock: the list, a new item, the item with what may be done to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from access.models import Engagement
from access.selectors.engagement import engagements_for
from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from terminals.forms.airlock import AppealForm, BringForm, DraftForm, SealForm, TakeOutForm
from terminals.models import AirlockItem, Direction, Verdict
from terminals.rules.airlock_states import AIRLOCK, ON_THE_CLOCK, AirlockState
from terminals.selectors.airlock import (
    FILTERS,
    VIEW,
    appeal_tied,
    appealed,
    decides_appeal,
    engagements_of_team,
    items_filtered,
    items_for,
    mandate_of,
    sees_content,
    side_of,
    waits_for,
)
from terminals.selectors.ledger import budgets_of
from terminals.services.airlock import (
    airlock_bring,
    airlock_draft,
    airlock_most,
    airlock_reopen,
    airlock_seal,
    airlock_take_out,
    airlock_withdraw,
)
from terminals.services.airlock_vault import outbox_names, version_altered
from terminals.services.appeal import appeal_lodge
from terminals.views.airlock_words import state_words, verdict_words

PAGE_SIZE = 20


@login_required
@require_GET
def items(request: HttpRequest) -> HttpResponse:
    """The items that the reader may know of."""
    actor, search = portal_actor(request), request.GET.get("q", "")
    which = request.GET.get("which", "open")
    which = which if which in FILTERS else "open"
    known = items_for(actor)
    labels = {"open": _("Open"), "mine": _("Mine"), "ended": _("Ended"), "all": _("All")}
    tabs = [
        {
            "label": labels[key],
            "count": items_filtered(known, which=key, search=search, actor=actor).count(),
            "url": f"?which={key}",
            "current": key == which,
        }
        for key in FILTERS
    ]
    found = items_filtered(known, which=which, search=search, actor=actor)
    pages = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {"item": each, "said": state_words(each), "waits": waits_for(each, actor)} for each in pages
    ]
    context = {
        "tabs": tabs,
        "rows": rows,
        "pages": pages,
        "search": search,
        "writes": engagements_of_team(actor).exists(),
    }
    shown = Engagement.objects.filter(pk__in={each.engagement_id for each in pages})
    return page(request, "airlock_items.html", "items", context, mandates=shown)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, direction: str) -> HttpResponse:
    """Begin an export or an intake."""
    actor = portal_actor(request)
    if direction not in Direction.values:
        raise Http404
    engagements = engagements_of_team(actor)
    form = DraftForm(request.POST or None, engagements=engagements)
    if request.method == "POST" and form.is_valid():
        try:
            item = airlock_draft(
                engagement_id=form.cleaned_data["engagement"].pk,
                direction=Direction(direction),
                title=form.cleaned_data["title"],
                actor=actor,
            )
        except Refused as refusal:
            form.add_error(None, f"{refusal.message} {refusal.remedy}")
        else:
            return redirect("airlock:item", item.pk)
    context = {
        "form": form,
        "out": direction == Direction.EXPORT,
        "writes": engagements.exists(),
    }
    status = REFUSED if request.method == "POST" else 200
    return page(request, "airlock_new.html", "items", context, mandates=engagements, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One item: its versions, what was said of them, and what its author may do."""
    actor = portal_actor(request)
    found = get_object_or_404(items_for(actor), pk=pk)
    author = found.author_id == actor.person_id
    forms = _forms(request, found) if author else {}
    act = next((name for name in forms if name in request.POST), "")
    if request.method == "POST":
        if not act:
            messages.warning(request, _("That is no longer open. This is how it stands now."))
            return redirect("airlock:item", pk)
        form = forms[act]
        if form.is_valid():
            try:
                _ACTS[act](found, form, actor)
            except Refused as refusal:
                form.add_error(None, f"{refusal.message} {refusal.remedy}")
            else:
                messages.success(request, _SAID[act])
                return redirect("airlock:item", pk)
    versions = found.versions.prefetch_related("checks__person__organisation")
    context = {
        "item": found,
        "said": state_words(found),
        "versions": [
            {"version": each, "said": [verdict_words(found, said) for said in each.checks.all()]}
            for each in versions
        ],
        "appeal": found.appeal if appealed(found) else None,
        "tied": appeal_tied(found),
        "author": author,
        "forms": forms,
        "altered": found.state == AirlockState.DRAFT and version_altered(found.version),
        "acts": _acts(found) if author else set(),
        "sees": sees_content(found, actor) or decides_appeal(found, actor),
        "people": engagements_for(actor, VIEW).filter(pk=found.engagement_id).exists(),
        "checks": side_of(found, actor) is not None,
        "takes": found.state == AirlockState.RELEASED and sees_content(found, actor),
        "budgets": budgets_of(found.engagement, found.facility_id),
        "zone": found.facility.time_zone,
    }
    status = REFUSED if request.method == "POST" else 200
    return page(
        request, "airlock_item.html", "items", context, mandates=mandate_of(found), status=status
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second step of giving an item up: it names what follows."""
    actor = portal_actor(request)
    found = get_object_or_404(items_for(actor).filter(author_id=actor.person_id), pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            airlock_withdraw(item_id=pk, actor=actor)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("Withdrawn."))
            return redirect("airlock:item", pk)
    checks = found.version.checks.filter(verdict=Verdict.APPROVE) if found.version else None
    context = {
        "item": found,
        "open": "withdraw" in _acts(found),
        "waited": found.state in ON_THE_CLOCK,
        "approvals": checks.count() if checks is not None else 0,
        "refusal": refusal,
    }
    status = REFUSED if refusal else 200
    return page(
        request,
        "airlock_withdraw.html",
        "items",
        context,
        mandates=mandate_of(found),
        status=status,
    )


def _forms(request: HttpRequest, found: AirlockItem) -> dict[str, Form]:
    """The author's forms that fit the item's state, by their button."""
    said = request.POST if request.method == "POST" else None
    acts = _acts(found)
    forms: dict[str, Form] = {}

    def data(act: str) -> Any:
        return said if said is not None and act in said else None

    if found.state == AirlockState.DRAFT and found.direction == Direction.EXPORT:
        forms["take"] = TakeOutForm(data("take"), names=outbox_names(found.engagement.reference))
    elif found.state == AirlockState.DRAFT:
        files = request.FILES if data("bring") is not None else None
        forms["bring"] = BringForm(data("bring"), files)
    if "seal" in acts and found.version is not None and not version_altered(found.version):
        forms["seal"] = SealForm(data("seal"))
    if "appeal" in acts and not appealed(found):
        forms["appeal"] = AppealForm(data("appeal"))
    if "reopen" in acts:
        forms["reopen"] = Form(data("reopen"))
    return forms


def _acts(found: AirlockItem) -> set[str]:
    return {action.value for action in AIRLOCK.allowed(AirlockState(found.state))}


def _bring(found: AirlockItem, form: Form, actor: Actor) -> object:
    file = form.cleaned_data["file"]
    # One byte more than is allowed is enough to be refused; the rest is not read.
    data = file.read(airlock_most(found) + 1)
    return airlock_bring(item_id=found.pk, name=file.name, data=data, actor=actor)


_ACTS: dict[str, Callable[[AirlockItem, Form, Actor], object]] = {
    "take": lambda found, form, actor: airlock_take_out(
        item_id=found.pk, name=form.cleaned_data["name"], actor=actor
    ),
    "bring": _bring,
    "seal": lambda found, form, actor: airlock_seal(
        item_id=found.pk, context=form.cleaned_data["context"], actor=actor
    ),
    "reopen": lambda found, form, actor: airlock_reopen(item_id=found.pk, actor=actor),
    "appeal": lambda found, form, actor: appeal_lodge(
        item_id=found.pk, statement=form.cleaned_data["statement"], actor=actor
    ),
}
_SAID = {
    "take": gettext_lazy("Taken from the harness. Seal it when it is right."),
    "bring": gettext_lazy("Here. Seal it when it is right."),
    "seal": gettext_lazy("Sealed. Its checkers have been given their time."),
    "reopen": gettext_lazy("A draft again. Whatever was approved is void."),
    "appeal": gettext_lazy("The appeal body has it."),
}

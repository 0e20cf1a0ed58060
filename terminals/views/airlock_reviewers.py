"""Whom an engagement names for its airlock."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access.models import Engagement
from access.selectors.engagement import engagements_for
from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from terminals.forms.airlock import NameForm
from terminals.models import Part
from terminals.selectors.airlock import VIEW, appeal_open, names_reviewers, reviewers_of
from terminals.services.reviewer import reviewer_confirm, reviewer_end, reviewer_name


@login_required
@require_http_methods(["GET", "POST"])
def reviewers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lab's checkers and the appeal body; naming, confirming, ending."""
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_for(actor, VIEW), pk=pk)
    names = names_reviewers(engagement, actor)
    lab = actor.person_id == engagement.sponsor.officer_id
    form = NameForm(request.POST if "name" in request.POST else None, lab=lab)
    refused: Refused | None = None
    if request.method == "POST":
        if not names:
            raise Http404
        try:
            if "name" not in request.POST:
                messages.success(request, _confirm_or_end(request, actor))
                return redirect("airlock:reviewers", pk)
            if form.is_valid():
                part = Part(form.cleaned_data["part"])
                login = form.cleaned_data["login"]
                reviewer_name(engagement_id=pk, part=part, login=login, actor=actor)
                messages.success(request, _("Named."))
                return redirect("airlock:reviewers", pk)
        except Refused as refusal:
            refused = refusal
    is_open = appeal_open(engagement)
    context = {
        "engagement": engagement,
        "appeal_open": is_open,
        "rows": [
            {
                "named": each,
                "confirms": names
                and each.part == Part.APPEAL
                and each.confirmed_by_id is None
                and lab != (each.named_by_id == engagement.sponsor.officer_id),
                "ends": names
                and (lab if each.part == Part.LAB else each.confirmed_by_id is None or not lab)
                and not (each.part == Part.APPEAL and is_open),
            }
            for each in reviewers_of(engagement)
        ],
        "names": names,
        "form": form,
        "refused": refused,
    }
    status = REFUSED if request.method == "POST" else 200
    shown = Engagement.objects.filter(pk=pk)
    return page(request, "airlock_reviewers.html", "items", context, mandates=shown, status=status)


def _confirm_or_end(request: HttpRequest, actor: Actor) -> str:
    for act in ("confirm", "end"):
        try:
            chosen = UUID(request.POST.get(act, ""))
        except ValueError:
            continue
        if act == "confirm":
            reviewer_confirm(reviewer_id=chosen, actor=actor)
            return _("Confirmed.")
        reviewer_end(reviewer_id=chosen, actor=actor)
        return _("No longer named.")
    raise Http404

"""The lab's page about an engagement's laptops: the terms, what left, who worked when."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access.forms.need_to_know import zone_of
from access.models import Engagement
from access.selectors.engagement import engagements_disclosed
from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.errors import Refused
from terminals.models import EngagementTerms
from terminals.selectors.harness_policy import harness_told
from terminals.selectors.ledger import budgets_of
from terminals.selectors.session import Share, sessions_of_engagement
from terminals.services.terms import terms_approve_lab
from terminals.views.terms_words import terms_changes


@login_required
@require_http_methods(["GET", "POST"])
def engagement_laptops(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Terms in force and proposed; the sponsor's officer approves for the lab."""
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_disclosed(actor), pk=pk)
    refusal = None
    if request.method == "POST":
        # Those that were replaced while their page was open too: the service says so.
        every = EngagementTerms.objects.filter(engagement=engagement)
        waiting = get_object_or_404(every, pk=_identifier(request))
        try:
            terms_approve_lab(terms_id=waiting.pk, actor=actor)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("Approved for the lab."))
            return redirect("laptops:engagement", pk)
    proposed = _terms(engagement).filter(in_force_at=None).first()
    holds = _terms(engagement).exclude(in_force_at=None).first()
    context = {
        "engagement": engagement,
        "zone": zone_of(engagement).key,
        "terms": holds,
        "untold": harness_told(holds) is False,
        "proposed": proposed,
        "changes": terms_changes(proposed) if proposed else None,
        "shares": _shares(engagement),
        "sessions": sessions_of_engagement(engagement),
        "refusal": refusal,
    }
    return page(
        request,
        "engagement_laptops.html",
        "engagements",
        context,
        mandates=Engagement.objects.filter(pk=pk),
        status=REFUSED if refusal else 200,
    )


def _identifier(request: HttpRequest) -> UUID:
    """Which terms the button was for; what is no identifier names none."""
    try:
        return UUID(request.POST.get("terms", ""))
    except ValueError as error:
        raise Http404 from error


def _terms(engagement: Engagement) -> QuerySet[EngagementTerms]:
    return EngagementTerms.objects.filter(engagement=engagement, ended_at=None)


def _shares(engagement: Engagement) -> list[Share]:
    """The budgets as bars, by the policy of the engagement's first room."""
    area = engagement.areas.order_by("name").first()
    if area is None:
        return []
    budgets = budgets_of(engagement, area.facility_id)
    found = [Share(_("This engagement"), budgets.spent, budgets.of_engagement)]
    if budgets.of_model is not None:
        found.append(Share(_("Its model, all engagements"), budgets.spent_of_model,
                           budgets.of_model))  # fmt: skip
    return found

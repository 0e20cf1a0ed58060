"""Need to know, granted and ended by the engagement's discloser alone (R31)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access.forms.need_to_know import NeedToKnowEndForm, NeedToKnowForm, zone_of
from access.models import Engagement, NeedToKnow
from access.selectors.engagement import engagements_disclosed
from access.services.clearance import need_to_know_grant, need_to_know_revoke
from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused


@login_required
@require_http_methods(["GET", "POST"])
def need_to_know(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who needs to know, until when; granting it, and ending it with a reason."""
    actor = portal_actor(request)
    engagement = get_object_or_404(engagements_disclosed(actor), pk=pk)
    records = (
        NeedToKnow.objects.filter(engagement=engagement, valid_until__gt=now())
        .select_related("person__organisation", "engagement")
        .order_by("person__name", "valid_from")
    )
    ends = "end" in request.POST
    grant = NeedToKnowForm(request.POST if "grant" in request.POST else None, engagement=engagement)
    end = NeedToKnowEndForm(request.POST if ends else None, records=records)
    form: NeedToKnowForm | NeedToKnowEndForm = end if ends else grant
    if request.method == "POST" and form.is_valid():
        try:
            if ends:
                record = end.cleaned_data["record"]
                reason = end.cleaned_data["reason"]
                need_to_know_revoke(need_to_know_id=record.pk, reason=reason, actor=actor)
            else:
                first, last = grant.span
                need_to_know_grant(
                    person_id=grant.cleaned_data["person"].pk,
                    engagement_id=engagement.pk,
                    valid_from=first,
                    valid_until=last,
                    actor=actor,
                )
        except Refused as refusal:
            form.add_error(None, f"{refusal.message} {refusal.remedy}")
        else:
            messages.success(request, _("Ended; doors know.") if ends else _("Granted."))
            return redirect("portal:need-to-know", pk)
    context = {
        "engagement": engagement,
        "records": records,
        "zone": zone_of(engagement).key,
        "grant": grant,
        "end": end,
    }
    status = REFUSED if request.method == "POST" else 200
    shown = Engagement.objects.filter(pk=pk)
    return page(request, "need_to_know.html", "engagements", context, mandates=shown, status=status)

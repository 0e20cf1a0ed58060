"""Where one may work outside the rooms; what the sponsor's officer approves and revokes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access.views.portal.engagements import week_lines
from access.views.portal.page import REFUSED, page, portal_actor
from scif.kernel.errors import Refused
from terminals.forms.place import PlaceRevokeForm
from terminals.models import RegisteredPlace
from terminals.selectors.place import (
    custodies_outside,
    places_of_lab,
    places_of_member,
    places_to_approve,
)
from terminals.services.place import place_approve_lab, place_revoke_lab


@login_required
@require_http_methods(["GET", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """The reader's places and laptops; the sponsor's officer approves and revokes for the lab."""
    actor = portal_actor(request)
    revokes = "revoke" in request.POST
    disclosed = places_of_lab(actor)
    revoke = PlaceRevokeForm(request.POST if revokes else None, places=disclosed)
    refusal = None
    if request.method == "POST" and (not revokes or revoke.is_valid()):
        try:
            if revokes:
                chosen, reason = revoke.cleaned_data["place"], revoke.cleaned_data["reason"]
                place_revoke_lab(place_id=chosen.pk, reason=reason, actor=actor)
            else:
                waiting = get_object_or_404(places_to_approve(actor), pk=_identifier(request))
                place_approve_lab(place_id=waiting.pk, actor=actor)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(
                request,
                _("Revoked; sessions there end.") if revokes else _("Approved for the lab."),
            )
            return redirect("laptops:places")
    context = {
        "rows": [_row(place) for place in places_of_member(actor)],
        "waiting": [_row(place) for place in places_to_approve(actor)],
        "disclosed": [_row(place) for place in disclosed],
        "held": custodies_outside(actor.person_id) if actor.person_id else [],
        "revoke": revoke,
        "refusal": refusal,
    }
    status = REFUSED if request.method == "POST" else 200
    return page(request, "places.html", "places", context, status=status)


def _row(place: RegisteredPlace) -> dict[str, Any]:
    return {"place": place, "hours": week_lines(place.hours), "zone": place.facility.time_zone}


def _identifier(request: HttpRequest) -> UUID:
    """Which place the button was for; what is no identifier names none."""
    try:
        return UUID(request.POST.get("place", ""))
    except ValueError as error:
        raise Http404 from error

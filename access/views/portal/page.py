"""What every page of the portal shares: who asks, the navigation, the marking."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import Engagement
from access.portal_nav import ITEMS
from access.selectors.engagement import engagements_for
from access.selectors.marking import Banner, facilities_banner, mandates_banner
from scif.kernel.actor import Actor
from scif.people.actors import actor_of

__all__ = ["banner_shown", "login_required", "page", "portal_actor"]

REFUSED = 422


def portal_actor(request: HttpRequest) -> Actor:
    """Who asks."""
    return actor_of(request)


def page(
    request: HttpRequest,
    template: str,
    here: str,
    context: Mapping[str, Any],
    *,
    mandates: QuerySet[Engagement] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of the portal under the navigation item ``here``.

    ``mandates``: the engagements whose own words it shows, their title or what is studied; with
    none of them it is marked as a page of the actor's own engagements.
    """
    actor = portal_actor(request)
    if mandates is None or not mandates.exists():
        banner = facilities_banner(engagements_for(actor))
    else:
        banner = mandates_banner(mandates)
    nav = [
        {
            "url": reverse(item.name),
            "label": item.label,
            "current": item.name.rpartition(":")[2] == here,
        }
        for item in ITEMS
        if item.offered(actor)
    ]
    shared = {
        "nav": nav,
        "site_url": reverse("portal:visits"),
        "marking": banner_shown(banner),
    }
    return render(request, f"portal/{template}", {**shared, **context}, status=status)


def banner_shown(banner: Banner) -> dict[str, str] | None:
    """INVARIANT: a page shows nothing above its banner."""
    if not banner.label:
        return None
    return {
        "label": banner.label,
        "note": _("Nothing on this page is above %(level)s") % {"level": banner.label},
        "colour": banner.colour,
        "tone": "u",
    }

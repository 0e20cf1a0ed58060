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
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.actors import actor_of

__all__ = ["login_required", "page", "portal_actor"]

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
    about: QuerySet[Engagement] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of the portal under the navigation item ``here``.

    ``about``: the engagements that it may speak of, where these are not the reader's own.
    """
    actor = portal_actor(request)
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
        "marking": _marking(engagements_for(actor) if about is None else about),
    }
    return render(request, f"portal/{template}", {**shared, **context}, status=status)


def _marking(engagements: QuerySet[Engagement]) -> dict[str, str] | None:
    """The markings of the facilities that the engagements touch, highest of each scheme.

    INVARIANT: the portal shows nothing above them: no compartment, no label of what is studied.
    """
    facilities = Facility.objects.filter(
        areas__engagements__in=engagements.values("pk")
    ).select_related("marking__scheme")
    highest: dict[str, Any] = {}
    for facility in facilities.distinct():
        level = facility.marking
        known = highest.get(level.scheme.code)
        if known is None or known.rank < level.rank:
            highest[level.scheme.code] = level
    if not highest:
        return None
    names = " / ".join(level.name for _code, level in sorted(highest.items()))
    colour = next(iter(highest.values())).colour if len(highest) == 1 else ""
    return {
        "label": names,
        "note": _("Nothing on this page is above %(level)s") % {"level": names},
        "colour": colour,
        "tone": "u",
    }

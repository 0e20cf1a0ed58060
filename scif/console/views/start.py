"""The start page: everybody is sent to the screen of his work."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from scif.people.access import facilities_with
from scif.people.actors import actor_of

DESK, ADMIN, PORTAL = "/desk/", "/admin/", "/portal/"


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Guards to the desk, officers and compliance to the admin, everybody else to the portal."""
    actor = actor_of(request)
    if facilities_with(actor, "console.use_admin").exists():
        return redirect(ADMIN)
    if facilities_with(actor, "access.use_desk").exists():
        return redirect(DESK)
    return redirect(PORTAL)

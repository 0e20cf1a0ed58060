"""The state of the hardware on one page."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from scif.console.selectors.hardware_state import door_rows, gateway_rows
from scif.people.actors import actor_of


def state(request: HttpRequest) -> HttpResponse:
    """Gateways with their devices, then doors."""
    actor = actor_of(request)
    context = {
        **admin.site.each_context(request),
        "title": _("State of the hardware"),
        "gateways": gateway_rows(actor),
        "doors": door_rows(actor),
    }
    return TemplateResponse(request, "admin/hardware.html", context)

"""The state of the hardware on one page."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from scif.console.selectors.hardware_state import door_rows, gateway_rows, plans
from scif.people.actors import actor_of


def state(request: HttpRequest) -> HttpResponse:
    """The plan with every door and device, gateways with their devices, then doors."""
    actor = actor_of(request)
    gateways = gateway_rows(actor)
    context = {
        **admin.site.each_context(request),
        "title": _("State of the hardware"),
        "plans": plans(gateways),
        "gateways": gateways,
        "doors": door_rows(actor),
    }
    return TemplateResponse(request, "admin/hardware.html", context)

"""The officers' site: Django's admin, for whoever holds an officer's or compliance role."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scif.console.admin_nav import Link, navigation
from scif.console.selectors.waiting import airlock_waiting, alarms_open, approvals_waiting
from scif.journal.selectors.freshness import freshness
from scif.kernel.clock import now
from scif.people.access import facilities_with
from scif.people.actors import actor_of, holds
from terminals.selectors.anomaly import anomalies_waiting

ENTER = "console.use_admin"
DECIDE = "access.approve_booking"
# Routes of Django's site that nobody needs here; the less there is, the less can leak.
# Passwords have a page that everybody has, and that tells the journal.
UNUSED = {"view_on_site", "autocomplete", "password_change", "password_change_done"}


class OfficerSite(admin.AdminSite):
    """The stock admin with a dashboard, an approvals inbox and pages that act through services.

    INVARIANT: whoever holds no officer's or compliance role in any facility sees the sign-in page.
    """

    site_header = _("SCIF administration")
    site_title = _("SCIF administration")
    index_title = _("Dashboard")
    index_template = "admin/dashboard.html"
    site_url = None
    empty_value_display = "-"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_active and user.is_authenticated):
            return False
        return holds(request, ENTER)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A page of this site; its times are those of the place, as the head of the page says."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def in_zone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with timezone.override(_zone_of(request)):
                answer: HttpResponseBase = page(request, *args, **kwargs)
                if isinstance(answer, TemplateResponse):
                    answer.render()
                return answer

        return in_zone

    def get_urls(self) -> list[Any]:
        from scif.console.officer_urls import ROUTES

        stock: list[URLPattern | URLResolver] = [
            each for each in super().get_urls() if getattr(each, "name", None) not in UNUSED
        ]
        return [route.wrapped(self) for route in ROUTES] + stock

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        if not self.has_permission(request):
            return context
        actor = actor_of(request)
        first = [
            Link(_("Dashboard"), reverse("admin:index")),
            Link(_("Approvals"), reverse("admin:approvals"), approvals_waiting(actor).count()),
            Link(_("Out and in"), reverse("airlock:items"), airlock_waiting(actor).count()),
            Link(_("Alarms"), _open_alarms_url(), alarms_open(actor).count()),
            Link(_("Anomalies"), _odd_url(), anomalies_waiting(actor).count()),
            Link(_("State of the hardware"), reverse("admin:hardware")),
            Link(_("Would they get in?"), reverse("admin:why")),
            Link(_("Use of engagements"), reverse("use:uses")),
            Link(_("Cost of a room"), reverse("admin:cost_places")),
        ]
        marking = (
            facilities_with(actor, ENTER)
            .order_by("-marking__rank")
            .values("marking__name", "marking__colour")
            .first()
        ) or {"marking__name": "", "marking__colour": ""}
        return {
            **context,
            "navigation": navigation(
                context["available_apps"],
                first,
                [Link(_("Reports"), reverse("reports:list"))],
                evidence_first=not holds(request, DECIDE),
            ),
            "journal": freshness(),
            "post": _("facility officer") if holds(request, DECIDE) else _("compliance"),
            "read_at": now(),
            "zone": timezone.get_current_timezone_name(),
            "marking": {
                "label": marking["marking__name"],
                "colour": marking["marking__colour"],
                "note": _("Personnel security records"),
            },
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from scif.console.views.officer_dashboard import dashboard_context

        return super().index(request, {**dashboard_context(request), **(extra_context or {})})


def _zone_of(request: HttpRequest) -> str:
    """The time zone of the user's facilities; UTC where they have several, or he has none."""
    if not request.user.is_authenticated:
        return "UTC"
    zones = facilities_with(actor_of(request), ENTER).order_by().values_list("time_zone", flat=True)
    found = set(zones)
    return found.pop() if len(found) == 1 else "UTC"


def _odd_url() -> str:
    return f"{reverse('admin:terminals_anomaly_changelist')}?reviewed_at__isempty=1"


def _open_alarms_url() -> str:
    return reverse("admin:alarms_alarm_changelist") + "?closed_at__isempty=1"

"""Terminals: Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TerminalsConfig(AppConfig):
    name = "terminals"
    label = "terminals"
    verbose_name = _("Laptops")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from access import events as access
        from access.laptops import laptop_held_set
        from access.portal_nav import portal_nav_add
        from access.reports.laptop import laptop_teller_set
        from hardware.services.ingest import EdgeEvent
        from scif.kernel.events import subscribe
        from scif.reporting.makers import maker_register
        from scif.reporting.models import ReportKind
        from terminals import events
        from terminals.selectors.terminal import terminal_held
        from terminals.selectors.use import reads_for_lab
        from terminals.services import follow

        laptop_held_set(terminal_held)
        laptop_teller_set("terminals.reports.visit.VisitLaptop")
        maker_register(
            ReportKind.ENGAGEMENT,
            "terminals.reports.engagement.engagement_report",
            own=reads_for_lab,
        )
        maker_register(
            ReportKind.EGRESS, "terminals.reports.egress.egress_report", own=reads_for_lab
        )
        subscribe(EdgeEvent, follow.edge_heard)
        subscribe(access.VisitChanged, follow.visit_changed)
        subscribe(access.PersonChanged, follow.person_changed)
        subscribe(access.BookingChanged, follow.booking_changed)
        subscribe(access.PostureChanged, follow.posture_changed)
        subscribe(access.PolicyPublished, follow.posture_changed)
        subscribe(access.WallChanged, follow.wall_changed)
        subscribe(access.BadgeChanged, follow.badge_changed)
        subscribe(events.TerminalChanged, follow.terminal_changed)
        subscribe(events.TerminalLockRequested, follow.lock_requested)
        subscribe(events.BudgetChanged, follow.budget_changed)
        subscribe(events.PlaceChanged, follow.place_changed)
        portal_nav_add("airlock:items", _("Out and in"))
        portal_nav_add("laptops:places", _("Elsewhere"))

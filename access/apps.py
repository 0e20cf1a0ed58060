"""Access: Django application."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        from access import events
        from access.selectors.people import person_ties
        from access.services import edge, follow
        from hardware.events import PanelEnded, PanelInstalled
        from hardware.services.ingest import EdgeEvent
        from inspections.events import AccreditationChanged, SweepChanged
        from scif.kernel.events import subscribe
        from scif.people.scope import ties_set
        from scif.reporting.makers import maker_register
        from scif.reporting.models import ReportKind

        ties_set(person_ties)
        maker_register(ReportKind.VISIT, "access.reports.visit.visit_report")
        maker_register(ReportKind.COST, "access.reports.cost.cost_report")
        subscribe(EdgeEvent, edge.edge_event_apply)
        subscribe(events.BookingChanged, follow.booking_changed)
        subscribe(events.VisitChanged, follow.visit_changed)
        subscribe(events.PersonChanged, follow.person_changed)
        subscribe(events.RosterChanged, follow.roster_changed)
        subscribe(events.DutyChanged, follow.duty_changed)
        subscribe(events.PostureChanged, follow.posture_changed)
        subscribe(events.PolicyPublished, follow.policy_published)
        subscribe(events.WallChanged, follow.wall_changed)
        subscribe(events.EmergencyChanged, follow.emergency_changed)
        subscribe(events.BadgeChanged, follow.badge_changed)
        subscribe(events.SanitisationChanged, follow.area_changed)
        subscribe(SweepChanged, follow.area_changed)
        subscribe(AccreditationChanged, follow.area_changed)
        subscribe(PanelInstalled, follow.area_changed)
        subscribe(PanelEnded, follow.area_changed)

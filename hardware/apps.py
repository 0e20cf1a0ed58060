"""Hardware: Django application."""

from django.apps import AppConfig


class HardwareConfig(AppConfig):
    name = "hardware"
    label = "hardware"
    verbose_name = "Hardware"

    def ready(self) -> None:
        from hardware.services.device import edge_event_apply
        from hardware.services.ingest import EdgeEvent
        from hardware.services.pin import pin_failures_heard
        from hardware.services.standing import standing_heard
        from hardware.services.tenure import tenure_check
        from scif.kernel.events import subscribe

        subscribe(EdgeEvent, tenure_check)
        subscribe(EdgeEvent, edge_event_apply)
        subscribe(EdgeEvent, standing_heard)
        subscribe(EdgeEvent, pin_failures_heard)

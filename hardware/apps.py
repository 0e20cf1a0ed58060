"""Hardware: Django application."""

from django.apps import AppConfig


class HardwareConfig(AppConfig):
    name = "hardware"
    label = "hardware"
    verbose_name = "Hardware"

    def ready(self) -> None:
        from hardware.services.device import edge_event_apply
        from hardware.services.ingest import EdgeEvent
        from scif.kernel.events import subscribe

        subscribe(EdgeEvent, edge_event_apply)

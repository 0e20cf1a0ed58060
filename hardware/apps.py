"""Hardware: Django application."""

from django.apps import AppConfig


class HardwareConfig(AppConfig):
    name = "hardware"
    label = "hardware"
    verbose_name = "Hardware"
    default_auto_field = "django.db.models.BigAutoField"

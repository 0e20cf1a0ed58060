"""Reports: Django application."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "scif.reporting"
    label = "reporting"
    verbose_name = "Reports"
    default_auto_field = "django.db.models.BigAutoField"

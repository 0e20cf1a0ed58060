"""Facilities: Django application."""

from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "scif.facilities"
    label = "facilities"
    verbose_name = "Facilities"
    default_auto_field = "django.db.models.BigAutoField"

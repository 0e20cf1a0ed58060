"""Alarms: Django application."""

from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "scif.alarms"
    label = "alarms"
    verbose_name = "Alarms"
    default_auto_field = "django.db.models.BigAutoField"

"""Terminals: Django application."""

from django.apps import AppConfig


class TerminalsConfig(AppConfig):
    name = "terminals"
    label = "terminals"
    verbose_name = "Terminals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from access.laptops import laptop_held_set
        from access.portal_nav import portal_nav_add
        from terminals.selectors.terminal import terminal_held

        laptop_held_set(terminal_held)
        portal_nav_add("airlock:items", _("Out and in"))

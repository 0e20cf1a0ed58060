"""Console: Django application."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "scif.console"
    label = "console"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from scif.console.journal_names import journal_names
        from scif.journal.naming import namer_set

        namer_set(journal_names)

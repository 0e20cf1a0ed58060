"""Console: Django application."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "scif.console"
    label = "console"
    verbose_name = "Console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from access.portal_nav import portal_nav_add
        from scif.console.journal_names import journal_meant, journal_names
        from scif.journal.naming import namer_set
        from scif.journal.searching import finder_set
        from terminals.selectors.use import reads_use

        namer_set(journal_names)
        finder_set(journal_meant)
        portal_nav_add("use:uses", _("Use"), reads_use)

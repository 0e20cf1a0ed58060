"""People: Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "scif.people"
    label = "people"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from scif.journal.scope import VIEW_PERMISSION, scope_set
        from scif.people.access import facilities_with
        from scif.people.actors import actor_of

        scope_set(
            lambda request: list(
                facilities_with(actor_of(request), VIEW_PERMISSION).values_list("pk", flat=True)
            )
        )

"""Entry without a booking: the roster and the shifts."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from access.models import Duty, RosterEntry, Sanitisation
from access.selectors.escorted_never import escorted_never_at
from access.selectors.grants import sanitisations_asked
from scif.people.admin.base import ScopedAdmin, ScopedFilter


@admin.register(RosterEntry)
class RosterEntryAdmin(ScopedAdmin[RosterEntry]):
    view_permission = "access.view_decision"
    list_display = ("person", "area", "sponsor", "valid_from", "review_due", "ended_at")
    list_filter = (("area", ScopedFilter), ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("person__name", "sponsor__name", "area__name")
    list_select_related = ("person", "area__facility", "sponsor")
    empty_text = _("Nobody has a permanent right of entry.")


@admin.register(Duty)
class DutyAdmin(ScopedAdmin[Duty]):
    view_permission = "access.view_decision"
    list_display = ("person", "role", "authority", "escort", "facility", "starts_at", "ends_at")
    list_filter = (("facility", ScopedFilter), "role")
    search_fields = ("person__name", "escort__name", "authority")
    list_select_related = ("person", "escort", "facility")
    empty_text = _("No shift is planned.")

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Say where whoever is escorted on this shift will never get in."""
        duty = kwargs.get("obj")
        if duty is not None and duty.escort_id is not None:
            for words in escorted_never_at(duty.facility):
                messages.warning(request, words)
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Sanitisation)
class SanitisationAdmin(ScopedAdmin[Sanitisation]):
    view_permission = "access.view_decision"
    list_display = ("area", "first", "second", "recorded_at", "ends_at", "ended_at", "note")
    fields = list_display
    list_filter = (("area", ScopedFilter), ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("area__name", "recorded_by__name", "note")
    list_select_related = ("area__facility", "recorded_by")
    empty_text = _("No area was recorded as sanitised. An area's page does that.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sanitisation]:
        return sanitisations_asked(super().get_queryset(request))

    @admin.display(description=_("recorded by"))
    def first(self, recorded: Sanitisation) -> str:
        """Who looked and asked for it; what one alone recorded, he recorded."""
        return str(getattr(recorded, "asked_by", None) or recorded.recorded_by or "-")

    @admin.display(description=_("confirmed by"))
    def second(self, recorded: Sanitisation) -> str:
        """The other officer, with whose word it began to hold."""
        asked = getattr(recorded, "asked_by", None)
        return str(recorded.recorded_by or "-") if asked else "-"

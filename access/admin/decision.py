"""Door decisions and presence: why was this person refused, who is inside, who came and went."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from access.models import AccessDecision, Presence, PresenceEvent
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "access.view_decision"


@admin.register(AccessDecision)
class AccessDecisionAdmin(ScopedAdmin[AccessDecision]):
    """Every read at a door. Search the person, filter "refused": each reason is in the list."""

    view_permission = VIEW
    list_display = ("occurred_at", "person", "portal", "direction", "outcome", "reasons", "basis")
    list_filter = ("outcome", ("portal", ScopedFilter), "basis", "direction")
    search_fields = ("person__name", "badge", "portal__code", "visit__reference")
    date_hierarchy = "occurred_at"
    list_select_related = ("person", "portal")
    change_form_template = "admin/decision.html"
    # Shown above the record, each with what mends it.
    exclude = ("objections",)
    empty_text = _("No read at a door matches.")

    @admin.display(description=_("why"))
    def reasons(self, decision: AccessDecision) -> str:
        return " ".join(message_of(each) for each in decision.objections)


def message_of(objection: Any) -> str:
    """An objection as the gateway wrote it: a record with texts, or a bare code."""
    if isinstance(objection, dict):
        return str(objection.get("message") or objection.get("code") or "")
    return str(objection)


@admin.register(Presence)
class PresenceAdmin(ScopedAdmin[Presence]):
    view_permission = VIEW
    list_display = ("person", "zone", "basis", "visit", "since")
    list_filter = (("zone", ScopedFilter), "basis")
    search_fields = ("person__name", "zone__name")
    list_select_related = ("person", "zone", "visit")
    empty_text = _("Nobody is inside.")


@admin.register(PresenceEvent)
class PresenceEventAdmin(ScopedAdmin[PresenceEvent]):
    view_permission = VIEW
    list_display = ("occurred_at", "person", "direction", "zone", "basis", "visit")
    list_filter = (("zone", ScopedFilter), "direction", "basis")
    search_fields = ("person__name", "zone__name", "visit__reference")
    date_hierarchy = "occurred_at"
    list_select_related = ("person", "zone", "visit")
    empty_text = _("Nobody has come or gone.")

"""Door decisions and presence: why was this person refused, who is inside, who came and went."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import AccessDecision, Presence, PresenceEvent
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "access.view_decision"


class BasisFilter(admin.SimpleListFilter):
    """By what a read stood on; an unknown badge stands on nothing."""

    title = _("basis of entry")
    parameter_name = "basis"
    NOTHING = "none"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = AccessDecision.objects.exclude(basis="").order_by("basis").values_list("basis")
        return [(basis, basis) for (basis,) in known.distinct()] + [(self.NOTHING, _("none"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccessDecision]
    ) -> QuerySet[AccessDecision]:
        if self.value() is None:
            return queryset
        return queryset.filter(basis="" if self.value() == self.NOTHING else self.value())


@admin.register(AccessDecision)
class AccessDecisionAdmin(ScopedAdmin[AccessDecision]):
    """Every read at a door. Search the person, filter "refused": each reason is in the list."""

    view_permission = VIEW
    list_display = ("occurred_at", "person", "portal", "direction", "said", "reasons", "basis")
    list_filter = ("outcome", ("portal", ScopedFilter), BasisFilter, "direction")
    search_fields = ("person__name", "badge", "portal__code", "visit__reference")
    date_hierarchy = "occurred_at"
    list_select_related = ("person", "portal")
    change_form_template = "admin/decision.html"
    # Shown above the record, each with what mends it.
    exclude = ("objections",)
    empty_text = _("No read at a door matches.")

    @admin.display(description=_("outcome"), ordering="outcome")
    def said(self, decision: AccessDecision) -> str:
        # Its end, granted or refused, is an entry of its own.
        return gettext("asked for more") if decision.outcome == "pending" else decision.outcome

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

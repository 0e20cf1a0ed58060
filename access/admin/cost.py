"""Cost scenarios: those on a facility's list open its reckoning, the others as they were."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import CostScenario
from access.rules.cost import INPUTS
from access.selectors.cost import VIEW, figures_of
from scif.people.admin.base import ScopedAdmin, ScopedFilter


@admin.register(CostScenario)
class CostScenarioAdmin(ScopedAdmin[CostScenario]):
    view_permission = VIEW
    list_display = ("name", "kind", "facility", "version", "changed_at", "retired_at")
    list_filter = (("facility", ScopedFilter), "kind", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "facility__name")
    list_select_related = ("facility",)
    fields = (
        "facility",
        "name",
        "kind",
        "version",
        "created_at",
        "changed_at",
        "retired_at",
        "told",
    )
    readonly_fields = ("told",)
    empty_text = gettext_lazy("No cost is reckoned. Begin under Cost of a room.")

    @admin.display(description=gettext_lazy("figures"))
    def told(self, record: CostScenario) -> SafeString:
        """Every figure with its source and its day."""
        lines = (
            (_(INPUTS[key].meaning), figure.value, figure.source, figure.dated)
            for key, figure in figures_of(record).items()
        )
        return format_html_join("", "<div>{}: {} ({}, {})</div>", lines)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The reckoning, for a scenario that is on the list."""
        if request.method == "GET" and self.get_object(request, object_id).retired_at is None:
            return redirect("admin:cost", object_id)
        return super().change_view(request, object_id, form_url, extra_context)

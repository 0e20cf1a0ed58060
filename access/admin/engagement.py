"""Mandates, their sponsors and assets."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from access.admin.inline import PartMixin, Rows
from access.models import Engagement, EngagementMember, ModelAsset, Sponsor
from access.selectors.marking import mandates_banner
from access.views.portal.page import banner_shown
from scif.people.admin.base import ScopedAdmin

VIEW = "access.view_engagement"


class Members(PartMixin, Rows[EngagementMember, Engagement]):
    model = EngagementMember
    fields = ("person", "lead")


@admin.register(Engagement)
class EngagementAdmin(ScopedAdmin[Engagement]):
    view_permission = VIEW
    list_display = ("reference", "title", "state", "organisation", "sponsor", "kind", "valid_until")
    list_filter = ("state", "kind")
    search_fields = ("reference", "title", "organisation__name", "members__person__name")
    list_select_related = ("organisation", "sponsor__organisation")
    inlines = (Members,)
    empty_text = _("No engagement matches.")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Under the labels of all whose titles may stand in it."""
        marked = {"marking": banner_shown(mandates_banner(self.get_queryset(request)))}
        return super().changelist_view(request, {**marked, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Under its own label."""
        shown = Engagement.objects.filter(pk=context["original"].pk)
        context["marking"] = banner_shown(mandates_banner(shown))
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Sponsor)
class SponsorAdmin(ScopedAdmin[Sponsor]):
    view_permission = VIEW
    list_display = ("organisation", "officer")
    search_fields = ("organisation__name", "officer__name")
    list_select_related = ("organisation", "officer")


@admin.register(ModelAsset)
class ModelAssetAdmin(ScopedAdmin[ModelAsset]):
    view_permission = VIEW
    list_display = ("name", "code", "sponsor", "security_level", "weight_bytes")
    list_filter = ("security_level",)
    search_fields = ("name", "code")
    list_select_related = ("sponsor__organisation",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelAsset]:
        return super().get_queryset(request).order_by("name")

"""The airlock's records for officers: read here, decided on the page that shows the bytes."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scif.people.actors import actor_of
from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import AirlockCheck, AirlockItem, AirlockReviewer, AirlockVersion, Appeal
from terminals.selectors.airlock import items_for

VIEW = "terminals.view_airlock"


@admin.register(AirlockItem)
class AirlockItemAdmin(ScopedAdmin[AirlockItem]):
    view_permission = VIEW
    list_display = (
        *("reference", "direction", "title", "engagement", "author", "state", "due_at"),
        *("overdue",),
    )
    list_filter = (("engagement", ScopedFilter), "direction", "state", "overdue")
    search_fields = ("reference", "title", "engagement__reference", "versions__sha256")
    list_select_related = ("engagement", "author")
    readonly_fields = ("page",)
    empty_text = _("Nothing is to leave or to come in.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AirlockItem]:
        """Without the drafts that were never sealed: they are their team's alone."""
        return super().get_queryset(request).filter(pk__in=items_for(actor_of(request)))

    @admin.display(description=_("page"))
    def page(self, obj: AirlockItem) -> SafeString:
        """Where it is looked at and decided."""
        words = _("Look at it and decide")
        return format_html('<a href="{}">{}</a>', reverse("airlock:item", args=[obj.pk]), words)


@admin.register(AirlockVersion)
class AirlockVersionAdmin(ScopedAdmin[AirlockVersion]):
    view_permission = VIEW
    list_display = ("item", "number", "sha256", "bytes", "kind", "sealed_at")
    list_filter = (("item__engagement", ScopedFilter), "kind")
    search_fields = ("item__reference", "sha256")
    list_select_related = ("item",)
    empty_text = _("No bytes are in the airlock.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AirlockVersion]:
        """The sealed ones; what a draft holds is its team's alone."""
        return super().get_queryset(request).filter(sealed_at__isnull=False)


@admin.register(AirlockCheck)
class AirlockCheckAdmin(ScopedAdmin[AirlockCheck]):
    view_permission = VIEW
    list_display = ("version", "person", "side", "verdict", "ground", "at")
    list_filter = (("version__item__engagement", ScopedFilter), "side", "verdict", "ground")
    search_fields = ("version__item__reference", "version__sha256", "reason")
    list_select_related = ("version__item", "person")
    empty_text = _("Nobody has checked anything yet.")


@admin.register(AirlockReviewer)
class AirlockReviewerAdmin(ScopedAdmin[AirlockReviewer]):
    view_permission = VIEW
    list_display = ("engagement", "person", "part", "named_by", "confirmed_by")
    list_filter = (("engagement", ScopedFilter), "part")
    search_fields = ("engagement__reference", "person__name")
    list_select_related = ("engagement", "person", "named_by", "confirmed_by")
    empty_text = _("No engagement names anybody for its airlock.")


@admin.register(Appeal)
class AppealAdmin(ScopedAdmin[Appeal]):
    view_permission = VIEW
    list_display = ("item", "lodged_by", "lodged_at", "outcome", "decided_at")
    list_filter = (("item__engagement", ScopedFilter), "outcome")
    search_fields = ("item__reference", "statement")
    list_select_related = ("item", "lodged_by")
    empty_text = _("Nobody has appealed.")

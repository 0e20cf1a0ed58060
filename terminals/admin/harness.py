"""What the adapters before the labs' harnesses are told."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin
from terminals.models import HarnessPolicy

VIEW_ENGAGEMENT = "access.view_engagement"


@admin.register(HarnessPolicy)
class HarnessPolicyAdmin(ScopedAdmin[HarnessPolicy]):
    view_permission = VIEW_ENGAGEMENT
    list_display = (
        *("engagement", "host", "version", "made_at", "confirmed_at", "replaced_at"),
        *("spent", "heard_at"),
    )
    list_filter = (
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("replaced_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("engagement__reference", "host")
    list_select_related = ("engagement",)
    exclude = ("alarmed",)
    empty_text = _("No harness is told anything: no terms name a policy for one.")

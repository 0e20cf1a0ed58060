"""Who had a laptop, who signed for it, what was found when it came back."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import TerminalCustody, TerminalInspection, TerminalSignature

VIEW = "terminals.view_terminal"


@admin.register(TerminalCustody)
class TerminalCustodyAdmin(ScopedAdmin[TerminalCustody]):
    view_permission = VIEW
    list_display = (
        *("terminal", "person", "visit", "place", "issued_at", "due_at"),
        *("ended_at", "ended_how"),
    )
    list_filter = (
        ("terminal", ScopedFilter),
        ("place", admin.EmptyFieldListFilter),
        "ended_how",
    )
    search_fields = ("terminal__asset_tag", "visit__reference", "person__name", "place__name")
    list_select_related = ("terminal", "person", "visit", "place")
    empty_text = _("No laptop was issued.")


@admin.register(TerminalSignature)
class TerminalSignatureAdmin(ScopedAdmin[TerminalSignature]):
    view_permission = VIEW
    list_display = ("signer", "hand_over", "custody", "signed_at")
    list_filter = ("hand_over",)
    search_fields = ("signer__name", "custody__terminal__asset_tag")
    list_select_related = ("signer", "custody__terminal", "custody__visit")
    exclude = ("strokes",)
    empty_text = _("Nobody has signed for a laptop.")


@admin.register(TerminalInspection)
class TerminalInspectionAdmin(ScopedAdmin[TerminalInspection]):
    view_permission = VIEW
    list_display = ("terminal", "at", "inspector", "passed", "remarks")
    list_filter = (("terminal", ScopedFilter), "passed")
    search_fields = ("terminal__asset_tag", "inspector__name")
    list_select_related = ("terminal", "inspector")
    empty_text = _("No laptop was inspected.")

"""Locks, quarantines and losses of laptops."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import LossReport, Quarantine, TerminalLock

VIEW = "terminals.view_terminal"


@admin.register(TerminalLock)
class TerminalLockAdmin(ScopedAdmin[TerminalLock]):
    view_permission = VIEW
    list_display = (
        *("terminal", "reason", "requested_by", "requested_at", "delivered_at", "confirmed_at"),
        "ended_at",
    )
    list_filter = (("terminal", ScopedFilter), ("confirmed_at", admin.EmptyFieldListFilter))
    search_fields = ("terminal__asset_tag", "reason")
    list_select_related = ("terminal", "requested_by")
    exclude = ("alarmed",)
    empty_text = _("No laptop was locked from afar.")


@admin.register(Quarantine)
class QuarantineAdmin(ScopedAdmin[Quarantine]):
    view_permission = VIEW
    list_display = ("terminal", "reason", "placed_at", "asked_by", "released_by", "ended_how")
    list_filter = (("terminal", ScopedFilter), "ended_how")
    search_fields = ("terminal__asset_tag", "reason")
    list_select_related = ("terminal", "asked_by", "released_by")
    empty_text = _("No laptop was quarantined.")


@admin.register(LossReport)
class LossReportAdmin(ScopedAdmin[LossReport]):
    view_permission = VIEW
    list_display = (
        *("terminal", "reported_at", "reported_by", "last_seen_where", "found_at"),
        *("person", "debriefed_at"),
    )
    list_filter = (("terminal", ScopedFilter), ("found_at", admin.EmptyFieldListFilter))
    search_fields = ("terminal__asset_tag", "circumstances")
    list_select_related = ("terminal", "reported_by", "person")
    empty_text = _("No laptop was lost.")

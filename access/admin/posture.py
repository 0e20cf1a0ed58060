"""The state of the place: lockdowns, and who may enter all the same."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from access.models import Lockdown, LockdownPass
from scif.people.admin.base import ScopedAdmin, ScopedFilter


@admin.register(Lockdown)
class LockdownAdmin(ScopedAdmin[Lockdown]):
    view_permission = "access.view_decision"
    list_display = ("facility", "area", "declared_at", "declared_by", "lifted_at", "lifted_by")
    list_filter = (("facility", ScopedFilter), ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("facility__name", "area__name", "reason")
    list_select_related = ("facility", "area__facility", "declared_by", "lifted_by")
    empty_text = _("No lockdown was ever declared.")


@admin.register(LockdownPass)
class LockdownPassAdmin(ScopedAdmin[LockdownPass]):
    view_permission = "access.view_decision"
    list_display = ("person", "facility", "area", "sponsor", "valid_from", "valid_until")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("person__name", "sponsor__name", "reason")
    list_select_related = ("person", "facility", "area__facility", "sponsor")
    empty_text = _("Nobody may enter during a lockdown.")

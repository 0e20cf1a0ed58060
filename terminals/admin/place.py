"""Registered places."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scif.people.admin.base import ScopedAdmin, ScopedFilter
from terminals.models import RegisteredPlace


@admin.register(RegisteredPlace)
class RegisteredPlaceAdmin(ScopedAdmin[RegisteredPlace]):
    view_permission = "access.view_engagement"
    list_display = (
        *("name", "engagement", "state", "network", "ceiling", "valid_from", "valid_until"),
        *("lab_approved_by", "facility_approved_by"),
    )
    list_filter = (("facility", ScopedFilter), "state", "ceiling")
    search_fields = ("name", "address", "network", "engagement__reference")
    list_select_related = ("engagement", "lab_approved_by", "facility_approved_by")
    empty_text = _("No place is registered, or none matches. Register one on an engagement's page.")

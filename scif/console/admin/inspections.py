"""May a room be used: accreditations and sweeps."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inspections.models import Accreditation, Sweep
from scif.people.admin.base import ScopedAdmin, ScopedFilter


@admin.register(Accreditation)
class AccreditationAdmin(ScopedAdmin[Accreditation]):
    view_permission = "inspections.view_accreditation"
    list_display = ("letter", "area", "state", "level", "official", "issued_on", "expires_on")
    list_filter = (("area", ScopedFilter), "state")
    search_fields = ("letter", "official", "area__name")
    list_select_related = ("area__facility", "level")
    empty_text = _("No letter is on record. Record one from the page of its area.")


@admin.register(Sweep)
class SweepAdmin(ScopedAdmin[Sweep]):
    view_permission = "inspections.view_sweep"
    list_display = ("area", "state", "due_since", "cause", "sweeper", "second", "ended_at")
    list_filter = (("area", ScopedFilter), "state")
    search_fields = ("cause", "area__name", "sweeper__name", "second__name")
    list_select_related = ("area__facility", "sweeper", "second")
    empty_text = _("No sweep has been due. One becomes due when a visit ends.")

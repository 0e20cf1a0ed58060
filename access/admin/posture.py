"""The state of the place: lockdowns, and who may enter all the same."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from access.models import (
    ConflictWall,
    Emergency,
    Lockdown,
    LockdownPass,
    Responder,
    Response,
    ThreatLevelChange,
)
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


@admin.register(ThreatLevelChange)
class ThreatLevelChangeAdmin(ScopedAdmin[ThreatLevelChange]):
    view_permission = "access.view_decision"
    list_display = ("facility", "level", "set_at", "set_by", "reason")
    list_filter = (("facility", ScopedFilter), "level")
    search_fields = ("facility__name", "level", "reason")
    list_select_related = ("facility", "set_by")
    empty_text = _("The threat level was never changed; the policy's first one is in force.")


@admin.register(ConflictWall)
class ConflictWallAdmin(ScopedAdmin[ConflictWall]):
    view_permission = "access.view_wall"
    list_display = ("party_a", "party_b", "kind", "facility", "valid_from", "valid_until")
    list_filter = (("facility", ScopedFilter), "kind", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("party_a__name", "party_b__name", "reason")
    list_select_related = ("party_a", "party_b", "facility")
    empty_text = _("No parties are kept apart.")


@admin.register(Responder)
class ResponderAdmin(ScopedAdmin[Responder]):
    view_permission = "access.view_decision"
    list_display = ("person", "facility", "valid_from", "valid_until")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("person__name",)
    list_select_related = ("person", "facility")
    empty_text = _("The response force has no member on record.")


@admin.register(Emergency)
class EmergencyAdmin(ScopedAdmin[Emergency]):
    view_permission = "access.view_decision"
    list_display = ("reference", "facility", "incident", "declared_at", "ended_at", "closed_at")
    list_filter = (("facility", ScopedFilter), ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("reference", "incident")
    list_select_related = ("facility",)
    empty_text = _("No emergency was ever declared.")


@admin.register(Response)
class ResponseAdmin(ScopedAdmin[Response]):
    view_permission = "access.view_decision"
    list_display = ("person", "emergency", "entered_at", "debriefed_at", "debriefed_by")
    list_filter = (("emergency", ScopedFilter), ("debriefed_at", admin.EmptyFieldListFilter))
    search_fields = ("person__name", "emergency__reference")
    list_select_related = ("person", "emergency", "debriefed_by")
    empty_text = _("No responder was ever called.")

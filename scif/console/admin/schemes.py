"""Security schemes: levels, compartments, caveats, equivalences, as data."""

from django.contrib import admin

from scif.facilities.models import Caveat, Compartment, Equivalence, Level, SecurityScheme
from scif.people.admin.base import ScopedAdmin

# Read-only: a scheme is shared by all facilities, so no officer of one of them changes it here.
VIEW = "facilities.view_facility"


@admin.register(SecurityScheme)
class SecuritySchemeAdmin(ScopedAdmin[SecurityScheme]):
    view_permission = VIEW
    list_display = ("name", "code")
    search_fields = ("name", "code")


@admin.register(Level)
class LevelAdmin(ScopedAdmin[Level]):
    view_permission = VIEW
    list_display = ("name", "code", "scheme", "rank", "colour")
    list_filter = ("scheme",)
    search_fields = ("name", "code")
    list_select_related = ("scheme",)


@admin.register(Compartment)
class CompartmentAdmin(ScopedAdmin[Compartment]):
    view_permission = VIEW
    list_display = ("name", "code", "scheme")
    list_filter = ("scheme",)
    search_fields = ("name", "code")
    list_select_related = ("scheme",)


@admin.register(Caveat)
class CaveatAdmin(ScopedAdmin[Caveat]):
    view_permission = VIEW
    list_display = ("name", "code", "scheme", "every")
    list_filter = ("scheme",)
    search_fields = ("name", "code")
    list_select_related = ("scheme",)


@admin.register(Equivalence)
class EquivalenceAdmin(ScopedAdmin[Equivalence]):
    view_permission = VIEW
    list_display = ("accepted", "as_level", "agreement", "valid_from", "valid_until")
    search_fields = ("agreement", "accepted__name", "as_level__name")
    list_select_related = ("accepted", "as_level")

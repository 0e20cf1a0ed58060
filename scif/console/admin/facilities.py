"""Places: facilities, areas, zones, portals, lockers, policies."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from access.selectors.escorted_never import escorted_never
from access.selectors.facts_place import policy_facts
from access.selectors.policy import policies_newest
from access.selectors.threat import threat_raised
from access.services.edit import CHANGE
from scif.console.admin.places import PlaceAdmin
from scif.console.forms.choices import LevelField
from scif.console.forms.hours import HoursField
from scif.console.selectors.policy_profile import profile_page
from scif.facilities.models import (
    Area,
    ClosedDay,
    Facility,
    IdsState,
    Locker,
    LockerBank,
    PolicyProfile,
    Portal,
    Zone,
)
from scif.people.actors import actor_of
from scif.people.admin.base import ScopedAdmin, ScopedFilter

if TYPE_CHECKING:
    from django.forms import ModelForm

VIEW = "facilities.view_facility"


@admin.register(Facility)
class FacilityAdmin(PlaceAdmin[Facility]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "code", "time_zone", "policy", "marking", "sid")
    search_fields = ("name", "code")
    exclude = ("floor_plan",)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """The newest version of each policy: a page left open brings no older one back."""
        if db_field.name == "policy":
            kwargs["queryset"] = policies_newest()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        """A new facility comes with its first roles, from the installation, not from here."""
        return False

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Say on the page what its own desk may never say."""
        facility = kwargs.get("obj")
        if facility is not None and facility.next_post_id is None:
            messages.warning(request, _("No other post is told of a duress code."))
        level = threat_raised(facility, policy_facts(facility)) if facility is not None else ""
        if level:
            words = _("The threat level %(level)s is in force here.")
            messages.warning(request, words % {"level": level})
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Area)
class AreaAdmin(PlaceAdmin[Area]):
    view_permission = "facilities.view_area"
    change_permission = CHANGE
    list_display = (
        "name",
        "facility",
        "kind",
        "level",
        "capacity",
        "bookable",
        "swept_after_use",
        "two_person",
    )
    list_filter = (("facility", ScopedFilter), "kind", "bookable", "two_person")
    search_fields = ("name", "code", "facility__name")
    list_select_related = ("facility", "level")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The week as seven rows, and levels under the name of their scheme."""
        if db_field.name == "hours":
            return HoursField(
                label=_("Opening hours"),
                required=False,
                help_text=_(
                    "In the facility's time. 00:00 at the end is midnight; from 00:00 to 00:00 "
                    "is round the clock."
                ),
            )
        if db_field.name == "level":
            kwargs["form_class"] = LevelField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Say on the page whom the area's own numbers keep out for good."""
        area = kwargs.get("obj")
        for words in escorted_never([area] if area is not None else []):
            messages.warning(request, words)
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(ClosedDay)
class ClosedDayAdmin(PlaceAdmin[ClosedDay]):
    """A day is withdrawn, not deleted, so that the record says what was closed when."""

    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("name", "facility", "area", "first_day", "last_day", "withdrawn")
    list_filter = (("facility", ScopedFilter), "withdrawn")
    search_fields = ("name", "facility__name", "area__name")
    list_select_related = ("facility", "area__facility")
    empty_text = _("No day is closed beside the opening hours.")


@admin.register(IdsState)
class IdsStateAdmin(ScopedAdmin[IdsState]):
    view_permission = "facilities.view_area"
    list_display = ("area", "mode", "in_alarm", "trouble", "heard_at")
    list_filter = ("mode", "in_alarm")
    search_fields = ("area__name",)
    list_select_related = ("area__facility",)
    empty_text = _("No alarm panel has reported.")


@admin.register(Zone)
class ZoneAdmin(PlaceAdmin[Zone]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("code", "name", "area", "anti_passback", "first_person_in", "minimum")
    list_filter = (("area", ScopedFilter),)
    search_fields = ("code", "name", "area__name")
    list_select_related = ("area__facility",)


@admin.register(Portal)
class PortalAdmin(PlaceAdmin[Portal]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = (
        "code",
        "name",
        "zone",
        "pulse_tenths",
        "held_seconds",
        "pin_required",
        "interlock",
    )
    list_filter = (("zone", ScopedFilter), "pin_required", "has_contact")
    search_fields = ("code", "name", "zone__name")
    list_select_related = ("zone",)

    def save_model(
        self, request: HttpRequest, obj: Portal, form: "ModelForm[Portal]", change: bool
    ) -> None:
        """Save it, and warn where the interlock has no other door that could hold this one."""
        super().save_model(request, obj, form, change)
        group = form.cleaned_data.get("interlock")
        here = Portal.objects.filter(zone__area__facility=obj.zone.area.facility_id)
        if group and not here.filter(interlock=group).exclude(pk=obj.pk).exists():
            words = _("The interlock group %(group)s has no other door: it holds nobody back.")
            messages.warning(request, words % {"group": group})


@admin.register(LockerBank)
class LockerBankAdmin(PlaceAdmin[LockerBank]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("code", "name", "facility", "columns")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("code", "name")


@admin.register(Locker)
class LockerAdmin(PlaceAdmin[Locker]):
    view_permission = VIEW
    change_permission = CHANGE
    list_display = ("number", "bank", "lock", "purpose", "in_service")
    list_filter = (("bank", ScopedFilter), "purpose", "in_service")
    search_fields = ("number", "bank__code", "bank__name")
    list_select_related = ("bank",)


@admin.register(PolicyProfile)
class PolicyProfileAdmin(ScopedAdmin[PolicyProfile]):
    """Read-only: a published version never changes, a change is a new version."""

    view_permission = VIEW
    list_display = ("title", "code", "version", "published_at")
    list_filter = ("code",)
    search_fields = ("code", "title")
    fields = ("title", "code", "version", "published_at")
    change_form_template = "admin/policy_profile.html"
    empty_text: ClassVar = _("No policy is published yet.")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The record with its values as a table."""
        profile, actor = context["original"], actor_of(request)
        context["page"] = profile_page(profile, actor, self.view_permission)
        return super().render_change_form(request, context, *args, **kwargs)

"""What people are cleared for, read into, have signed, need to know."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from access.models import Eligibility, Indoctrination, Nda, NeedToKnow
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "access.view_clearance"


@admin.register(Eligibility)
class EligibilityAdmin(ScopedAdmin[Eligibility]):
    view_permission = VIEW
    list_display = ("person", "level", "status", "source", "granted_on", "review_due")
    list_filter = ("status", ("level", ScopedFilter), "vetting_enrolled")
    search_fields = ("person__name", "level__name", "source")
    list_select_related = ("person", "level")
    empty_text = _("No clearance matches.")


@admin.register(Indoctrination)
class IndoctrinationAdmin(ScopedAdmin[Indoctrination]):
    view_permission = VIEW
    list_display = ("person", "compartment", "briefed_by", "briefed_on", "debriefed_on")
    list_filter = (("compartment", ScopedFilter), ("debriefed_on", admin.EmptyFieldListFilter))
    search_fields = ("person__name", "compartment__name", "compartment__code")
    list_select_related = ("person", "compartment", "briefed_by")
    empty_text = _("No read-in matches.")


@admin.register(NeedToKnow)
class NeedToKnowAdmin(ScopedAdmin[NeedToKnow]):
    view_permission = VIEW
    list_display = ("person", "engagement", "grantor", "valid_from", "valid_until")
    list_filter = (("engagement", ScopedFilter),)
    search_fields = ("person__name", "engagement__reference", "grantor__name")
    list_select_related = ("person", "engagement", "grantor")
    empty_text = _("No need to know matches. The sponsor who discloses grants it.")


@admin.register(Nda)
class NdaAdmin(ScopedAdmin[Nda]):
    view_permission = VIEW
    list_display = ("person", "document", "signed_on", "witness")
    search_fields = ("person__name", "document", "witness__name")
    list_select_related = ("person", "witness")
    empty_text = _("No agreement matches.")

"""Lockers, what lies in them, who signed for it, which badge is in whose hand."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import (
    Badge,
    BadgeAssignment,
    CustodyItem,
    LockerAssignment,
    Pin,
    Signature,
)
from access.selectors.badges import encoding_last
from hardware.words import reason_words
from scif.people.admin.base import ScopedAdmin, ScopedFilter

VIEW = "access.view_visit"


@admin.register(LockerAssignment)
class LockerAssignmentAdmin(ScopedAdmin[LockerAssignment]):
    view_permission = VIEW
    list_display = ("locker", "visit", "state", "assigned_at", "shut_confirmed_at", "released_at")
    list_filter = ("state", ("released_at", admin.EmptyFieldListFilter))
    search_fields = ("visit__reference", "visit__person__name", "locker__number")
    list_select_related = ("locker__bank", "visit")
    empty_text = _("No locker was given out.")


@admin.register(CustodyItem)
class CustodyItemAdmin(ScopedAdmin[CustodyItem]):
    view_permission = VIEW
    list_display = ("kind", "mark", "assignment", "stays_with_visitor", "approval", "returned_at")
    list_filter = ("stays_with_visitor", ("returned_at", admin.EmptyFieldListFilter))
    search_fields = ("kind", "mark", "assignment__visit__reference")
    list_select_related = ("assignment__locker__bank", "assignment__visit")
    empty_text = _("Nothing was taken into custody.")


@admin.register(Signature)
class SignatureAdmin(ScopedAdmin[Signature]):
    view_permission = VIEW
    list_display = ("signer", "party", "purpose", "assignment", "signed_at")
    list_filter = ("purpose", "party")
    search_fields = ("signer__name", "assignment__visit__reference")
    list_select_related = ("signer", "assignment__locker__bank", "assignment__visit")
    exclude = ("strokes",)
    empty_text = _("Nobody has signed on the glass yet.")


@admin.register(Badge)
class BadgeAdmin(ScopedAdmin[Badge]):
    view_permission = VIEW
    list_display = ("code", "kind", "state", "facility", "uid", "found_at")
    list_filter = (("facility", ScopedFilter), "kind", "state")
    search_fields = ("code", "uid", "assignments__person__name")
    list_select_related = ("facility",)
    exclude = ("number_sha256",)
    readonly_fields = ("encoding",)
    empty_text = _("No badge matches.")

    def get_fields(self, request: HttpRequest, obj: Badge | None = None) -> Any:
        """How far its encoding is, for a badge that is to be encoded."""
        told = obj is not None and encoding_last(obj) is not None
        return [each for each in super().get_fields(request, obj) if told or each != "encoding"]

    @admin.display(description=_("encoding"))
    def encoding(self, badge: Badge) -> str:
        """How far the order to encode its card has come, while it is blank."""
        order = encoding_last(badge)
        if order is None:
            return ""
        said = gettext("Ordered of the desk reader %(reader)s: %(state)s")
        words = said % {"reader": order.target, "state": order.get_state_display()}
        if not order.reason:
            return words
        why = {"state": words, "why": reason_words(order.reason)}
        return gettext("%(state)s, for %(why)s") % why


@admin.register(BadgeAssignment)
class BadgeAssignmentAdmin(ScopedAdmin[BadgeAssignment]):
    view_permission = VIEW
    list_display = ("badge", "person", "visit", "issued_at", "returned_at")
    list_filter = (("returned_at", admin.EmptyFieldListFilter), "badge__kind")
    search_fields = ("badge__code", "person__name", "visit__reference")
    list_select_related = ("badge", "person", "visit")
    empty_text = _("No badge is in anybody's hand.")


@admin.register(Pin)
class PinAdmin(ScopedAdmin[Pin]):
    """Who has one and since when; the verifier is shown to nobody."""

    view_permission = "access.view_clearance"
    fields = ("person", "facility", "set_at", "set_by")
    list_display = ("person", "facility", "set_at", "set_by")
    list_filter = (("facility", ScopedFilter),)
    search_fields = ("person__name",)
    list_select_related = ("person", "facility", "set_by")
    empty_text = _("Nobody has set a PIN.")

"""Bookings and visits with their steps."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from access.admin.inline import PartMixin, Rows
from access.models import Booking, BookingAttendee, Visit, VisitStep
from access.selectors.escorted_never import escorted_never
from scif.people.admin.base import ScopedAdmin, ScopedFilter


class Attendees(PartMixin, Rows[BookingAttendee, Booking]):
    model = BookingAttendee
    fields = ("person", "escort")
    verbose_name_plural = _("Who comes")


@admin.register(Booking)
class BookingAdmin(ScopedAdmin[Booking]):
    view_permission = "access.view_booking"
    list_display = ("reference", "room", "when", "state", "mandate", "requester")
    list_filter = ("state", ("area", ScopedFilter))
    search_fields = (
        "reference",
        "engagement__reference",
        "engagement__title",
        "requester__name",
        "attendees__person__name",
    )
    date_hierarchy = "starts_at"
    list_select_related = ("area__facility", "engagement", "requester")
    inlines = (Attendees,)
    empty_text = _("No booking matches. Auditors ask for slots in the portal.")

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Say whether a visitor under escort will never get in."""
        booking = kwargs.get("obj")
        if booking is not None and booking.attendees.filter(escort__isnull=False).exists():
            for words in escorted_never([booking.area]):
                messages.warning(request, words)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("area"), ordering="area__name")
    def room(self, booking: Booking) -> str:
        return booking.area.name

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, booking: Booking) -> str:
        first, last = timezone.localtime(booking.starts_at), timezone.localtime(booking.ends_at)
        end = f"{last:%H:%M}" if last.date() == first.date() else date_format(last, "j M Y H:i")
        return f"{date_format(first, 'j M Y H:i')} to {end}"

    @admin.display(description=_("engagement"), ordering="engagement__reference")
    def mandate(self, booking: Booking) -> str:
        return booking.engagement.reference


class Steps(PartMixin, Rows[VisitStep, Visit]):
    model = VisitStep
    fields = ("at", "kind", "by", "details")
    fk_name = "visit"
    verbose_name_plural = _("What was done")


@admin.register(Visit)
class VisitAdmin(ScopedAdmin[Visit]):
    view_permission = "access.view_visit"
    list_display = ("reference", "person", "state", "area", "starts_at")
    list_filter = ("state", ("booking__area", ScopedFilter))
    search_fields = ("reference", "person__name", "booking__reference")
    list_select_related = ("person", "booking__area__facility")
    inlines = (Steps,)
    empty_text = _("No visit matches. Visits begin with an approved booking.")

    @admin.display(description=_("area"), ordering="booking__area")
    def area(self, visit: Visit) -> str:
        return str(visit.booking.area)

    @admin.display(description=_("starts at"), ordering="booking__starts_at")
    def starts_at(self, visit: Visit) -> object:
        return visit.booking.starts_at

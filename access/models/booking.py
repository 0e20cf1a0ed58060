"""Bookings: an area, alone, for a window, under an engagement."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.engagement import Engagement
from scif.facilities.models import Area, Record
from scif.people.models import Person

HOLDING_STATES = ["requested", "approved"]
DECIDED_STATES = ["approved", "refused", "completed"]


class Booking(Record):
    """A booking. States: ``access/rules/states.py``.

    ``held`` is the window and the turnaround buffer after it; no two bookings that hold their slot
    overlap in one area (the exclusion constraint). A requested one holds it until ``hold_until``.
    """

    facility_path = "area__facility"
    own_path = ("attendees__person", "requester")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="bookings")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="bookings")
    requester = models.ForeignKey(Person, models.PROTECT, related_name="bookings_requested")
    state = models.CharField(_("state"), max_length=20, default="requested")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    held = DateTimeRangeField(_("held, changeover included"))
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    hold_until = models.DateTimeField(_("held until"))
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="bookings_decided"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    policy_version = models.CharField(_("policy version"), max_length=60)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-starts_at"]
        constraints = [
            ExclusionConstraint(
                name="booking_slot_once",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("held", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state__in=HOLDING_STATES),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="booking_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("requester")),
                name="booking_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=DECIDED_STATES) | ~models.Q(decided_by=None),
                name="booking_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class BookingAttendee(Record):
    """A person who will come under a booking.

    ``escort`` accompanies one who is not cleared, without a break (R38), and has a right of entry
    for the booking's window.
    """

    facility_path = "booking__area__facility"
    own_path = "person"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="attendees")
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    escort = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="escorted_attendances",
        verbose_name=_("escort"),
    )

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        constraints = [
            models.UniqueConstraint(fields=["booking", "person"], name="attendee_once"),
            models.CheckConstraint(
                condition=models.Q(escort=None) | ~models.Q(escort=models.F("person")),
                name="attendee_escort_another",
                violation_error_message=_("Nobody escorts himself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.booking}"

"""Bookings as the API speaks of them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from access.models import Booking


class BookingAsk(serializers.Serializer[Any]):
    """What a request for a slot says; ``escorts`` is an officer's, by the attendee."""

    engagement = serializers.UUIDField()
    area = serializers.UUIDField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    attendees = serializers.ListField(child=serializers.UUIDField(), allow_empty=False)
    purpose = serializers.CharField(max_length=200, allow_blank=True, default="")
    escorts = serializers.DictField(child=serializers.UUIDField(), default=dict)

    def validate_escorts(self, value: dict[str, UUID]) -> dict[UUID, UUID]:
        """Attendees are named as they are under ``attendees``."""
        try:
            return {UUID(person): escort for person, escort in value.items()}
        except ValueError as error:
            raise serializers.ValidationError("Must be valid UUIDs.") from error


class ReasonGiven(serializers.Serializer[Any]):
    """A reason; needed to refuse, welcome to cancel."""

    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class BookingShown(serializers.ModelSerializer[Booking]):
    """A booking with its team; nothing of other parties, nothing of why anybody is held up."""

    engagement = serializers.CharField(source="engagement.reference")
    area = serializers.CharField(source="area.name")
    facility = serializers.CharField(source="area.facility.code")
    attendees = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = [
            "id",
            "reference",
            "state",
            "engagement",
            "area",
            "facility",
            "starts_at",
            "ends_at",
            "hold_until",
            "purpose",
            "reason",
            "attendees",
        ]
        read_only_fields = fields

    def get_attendees(self, booking: Booking) -> list[dict[str, str]]:
        """Who comes."""
        rows = booking.attendees.select_related("person").order_by("person__name")
        return [{"id": str(row.person_id), "name": row.person.name} for row in rows]

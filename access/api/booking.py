"""Bookings over REST: the same services as the portal and the officers' pages."""

from uuid import UUID

from rest_framework import status
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response

from access.api.base import ServiceView
from access.api.booking_serializers import BookingAsk, BookingShown, ReasonGiven
from access.selectors.booking import FILTERS, bookings_filtered, bookings_for
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve, booking_refuse
from access.services.booking_end import booking_cancel
from scif.kernel.clock import now


class BookingList(ServiceView):
    """List the bookings that the user has a part in; ask for a slot."""

    def get(self, request: Request) -> Response:
        """``which`` is coming, waiting, past or all (default); ``q`` searches."""
        which = request.query_params.get("which", "all")
        found = bookings_filtered(
            bookings_for(self.actor),
            which=which if which in FILTERS else "all",
            search=request.query_params.get("q", ""),
            at=now(),
        )
        pages = LimitOffsetPagination()
        rows = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(BookingShown(rows, many=True).data)

    def post(self, request: Request) -> Response:
        """Ask for a slot."""
        ask = BookingAsk(data=request.data)
        ask.is_valid(raise_exception=True)
        said = ask.validated_data
        booking = booking_request(
            engagement_id=said["engagement"],
            area_id=said["area"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            attendee_ids=said["attendees"],
            purpose=said["purpose"],
            escorts=said["escorts"],
            actor=self.actor,
        )
        return Response(BookingShown(booking).data, status=status.HTTP_201_CREATED)


class BookingDetail(ServiceView):
    """One booking."""

    def get(self, request: Request, pk: UUID) -> Response:
        """A booking that the user has a part in, else 404."""
        return Response(BookingShown(bookings_for(self.actor).get(pk=pk)).data)


class BookingApprove(ServiceView):
    """Approve a requested booking."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By an officer who did not ask for it."""
        return Response(BookingShown(booking_approve(booking_id=pk, actor=self.actor)).data)


class BookingRefuse(ServiceView):
    """Refuse a requested booking."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By an officer, with a reason."""
        booking = booking_refuse(booking_id=pk, reason=_reason(request), actor=self.actor)
        return Response(BookingShown(booking).data)


class BookingCancel(ServiceView):
    """Cancel a booking."""

    def post(self, request: Request, pk: UUID) -> Response:
        """By its requester, a lead, or an officer."""
        booking = booking_cancel(booking_id=pk, reason=_reason(request), actor=self.actor)
        return Response(BookingShown(booking).data)


def _reason(request: Request) -> str:
    given = ReasonGiven(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["reason"])

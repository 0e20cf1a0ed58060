"""Addresses of the bookings' API."""

from django.urls import path

from access.api import booking

urlpatterns = [
    path("bookings/", booking.BookingList.as_view(), name="api-bookings"),
    path("bookings/<uuid:pk>/", booking.BookingDetail.as_view(), name="api-booking"),
    path(
        "bookings/<uuid:pk>/approve/", booking.BookingApprove.as_view(), name="api-booking-approve"
    ),
    path("bookings/<uuid:pk>/refuse/", booking.BookingRefuse.as_view(), name="api-booking-refuse"),
    path("bookings/<uuid:pk>/cancel/", booking.BookingCancel.as_view(), name="api-booking-cancel"),
]

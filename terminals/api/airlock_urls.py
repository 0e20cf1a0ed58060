"""Addresses of the airlock's API."""

from django.urls import path

from terminals.api import airlock

urlpatterns = [
    path("airlock/", airlock.ItemList.as_view(), name="api-airlock"),
    path("airlock/<uuid:pk>/", airlock.ItemDetail.as_view(), name="api-airlock-item"),
    path("airlock/<uuid:pk>/approve/", airlock.ItemApprove.as_view(), name="api-airlock-approve"),
    path("airlock/<uuid:pk>/refuse/", airlock.ItemRefuse.as_view(), name="api-airlock-refuse"),
    path("airlock/<uuid:pk>/release/", airlock.ItemRelease.as_view(), name="api-airlock-release"),
    path("airlock/<uuid:pk>/appeal/", airlock.ItemAppeal.as_view(), name="api-airlock-appeal"),
]

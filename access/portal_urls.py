"""Addresses of the auditor's portal."""

from django.urls import path

from access.views.portal import engagements, need_to_know, slots, visits

app_name = "portal"
urlpatterns = [
    path("", visits.visits, name="visits"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/cancel/", visits.cancel, name="visit-cancel"),
    path("slots/", slots.find, name="slots"),
    path("slots/request/", slots.ask, name="slot-ask"),
    path("engagements/", engagements.engagements, name="engagements"),
    path("engagements/<uuid:pk>/", engagements.engagement, name="engagement"),
    path(
        "engagements/<uuid:pk>/need-to-know/",
        need_to_know.need_to_know,
        name="need-to-know",
    ),
    path("rooms/", engagements.rooms, name="rooms"),
    path("me/", engagements.me, name="me"),
]

"""Addresses of the laptops' pages in the portal."""

from django.urls import path

from terminals.views import places, terms

app_name = "laptops"
urlpatterns = [
    path("places/", places.places, name="places"),
    path("engagements/<uuid:pk>/laptops/", terms.engagement_laptops, name="engagement"),
]

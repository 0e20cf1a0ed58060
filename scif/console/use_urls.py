"""Addresses of the record of an engagement's use, in the portal."""

from django.urls import path

from scif.console.views import use
from scif.console.views.use_entry import use_entry

app_name = "use"
urlpatterns = [
    path("", use.uses, name="uses"),
    path("<uuid:pk>/", use.use, name="use"),
    path("<uuid:pk>/report/", use.report, name="report"),
    path("<uuid:pk>/entries/<int:position>/", use_entry, name="entry"),
]

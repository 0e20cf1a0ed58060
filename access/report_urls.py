"""Addresses of reports and of the page that checks their codes."""

from django.urls import path

from access.views import reports

app_name = "reports"
urlpatterns = [
    path("reports/", reports.reports, name="list"),
    path("reports/visits/", reports.visits, name="visits"),
    path("reports/make/", reports.make, name="make"),
    path("reports/<uuid:pk>/", reports.download, name="download"),
    path("reports/<uuid:pk>/retry/", reports.retry, name="retry"),
    path("verify/", reports.verify, name="verify"),
]

"""Addresses of all pages and sockets: the composition root of the web process.

Errors are answered by Django's own handlers with templates/400.html, 403.html, 404.html and
500.html; axes answers a locked account with 429.html. None of them needs the database.
"""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from scif.console import desk_urls
from scif.console.views.account import PasswordByLink, PasswordByLinkDone, PasswordChange
from scif.console.views.session import SignIn, SignOut
from scif.console.views.start import start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start, name="start"),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("account/password/", PasswordChange.as_view(), name="account_password"),
    path("account/done/", PasswordByLinkDone.as_view(), name="account_done"),
    path("account/<uidb64>/<token>/", PasswordByLink.as_view(), name="account_set"),
    # One page to sign in, so that people know what it looks like.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("desk/", include("scif.console.desk_urls")),
    path("", include("scif.console.bench_urls")),
    path("portal/airlock/", include("terminals.airlock_urls")),
    path("portal/use/", include("scif.console.use_urls")),
    path("portal/", include("access.portal_urls")),
    path("portal/", include("terminals.portal_urls")),
    path("", include("access.report_urls")),
    path("api/v1/", include("access.api.booking_urls")),
    path("api/v1/", include("terminals.api.airlock_urls")),
    path("terminals/", include("terminals.urls")),
]

websocket_urlpatterns: list[URLPattern] = [*desk_urls.websocket_urlpatterns]

"""Addresses of all pages and sockets: the composition root of the web process."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]

websocket_urlpatterns: list[URLPattern] = []

"""Addresses of the laptops' agents."""

from django.urls import path

from terminals.views.heartbeat import heartbeat

urlpatterns = [path("<uuid:pk>/heartbeat/", heartbeat, name="terminal-heartbeat")]

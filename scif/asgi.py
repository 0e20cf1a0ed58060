"""ASGI entry: HTTP by Django, websockets by Channels."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.production")
http = get_asgi_application()

import scif.celery  # noqa: E402, F401  tasks are sent through this application
from scif.kernel.memory import settle  # noqa: E402  as the apps above: Django is set up first
from scif.urls import websocket_urlpatterns  # noqa: E402  needs the apps

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
settle()  # every page has been loaded; a collection of it all would hold up every screen

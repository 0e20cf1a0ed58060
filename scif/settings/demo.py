"""The demonstration: embedded servers on unix sockets, virtual devices, published logins."""

import os
from pathlib import Path

from scif.settings.base import *  # noqa: F403  settings modules extend one another
from scif.settings.base import VAR_DIR

# A demo on loopback without TLS; production settings refuse to start on this key.
SECRET_KEY = "demo-key-not-for-production"  # noqa: S105  published on purpose
SIMULATORS = True
PORT_DIR = Path(os.environ.setdefault("SCIF_SIM_DIR", str(VAR_DIR / "sim")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from the sources; nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True

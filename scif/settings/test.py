"""Tests: the demo's settings with a fast hash; tests/services.py starts the servers."""

from scif.settings.demo import *  # noqa: F403  settings modules extend one another

SECRET_KEY = "test-key"  # noqa: S105  tests only
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

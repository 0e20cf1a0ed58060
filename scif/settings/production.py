"""Production. INVARIANT: a setting that is missing, or a demo secret, stops the start."""

from django.core.exceptions import ImproperlyConfigured

from scif.settings.base import *  # noqa: F403  settings modules extend one another
from scif.settings.base import DATABASES, env

SECRET_KEY = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("demo", "test", "django-insecure")):
    raise ImproperlyConfigured("SECRET_KEY must be a random secret of at least 50 characters")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
for name in (
    "JOURNAL_ORIGIN",
    "DB_HOST",
    "DB_NAME",
    "DB_USER",
    "VALKEY_URL",
    "SCIF_KEYS",
    "SCIF_VAR",
):
    env.str(name)
if env.bool("SIMULATORS", default=False) or env.str("SCIF_SIM_DIR", default=""):
    raise ImproperlyConfigured("Production refuses simulators: unset SIMULATORS and SCIF_SIM_DIR")
DATABASES["default"]["PASSWORD"] = env.str("DB_PASSWORD")
DATABASES["default"]["CONN_MAX_AGE"] = 60

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

"""Settings that every process shares; what differs by place comes from the environment."""

import warnings
from pathlib import Path

import environ
from csp.constants import NONE, SELF

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("SCIF_VAR", default=str(BASE_DIR / "var")))
# docs/keys.md: every key is a file of its own here, readable by the processes that hold it.
KEY_DIR = Path(env.str("SCIF_KEYS", default=str(VAR_DIR / "keys")))

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
ROOT_URLCONF = "scif.urls"
ASGI_APPLICATION = "scif.asgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "scif.console",
    "terminals",
    "access",
    "inspections",
    "hardware",
    "scif.alarms",
    "scif.reporting",
    "scif.people",
    "scif.facilities",
    "scif.journal",
    # Django's admin with the officers' site as its default.
    "scif.console.admin_config.OfficerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "channels",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "scif.console.middleware.PrivacyMiddleware",
    "scif.console.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# A file of people is read whole, into memory and onto one page.
PEOPLE_FILE_MOST_ROWS = env.int("PEOPLE_FILE_MOST_ROWS", default=500)
BADGES_MOST_AT_ONCE = env.int("BADGES_MOST_AT_ONCE", default=500)
PEOPLE_FILE_MOST_BYTES = env.int("PEOPLE_FILE_MOST_BYTES", default=256 * 1024)
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = env.float("LOGIN_COOLOFF_HOURS", default=0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Attempts of all facilities in one table: no officer of one of them reads it.
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "429.html"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Each process connects under a role of its own (scif/journal/migrations/0001_roles.py).
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env.str("DB_HOST", default=""),
        "PORT": env.str("DB_PORT", default=""),
        "NAME": env.str("DB_NAME", default="scif"),
        "USER": env.str("DB_USER", default="scif_web"),
        "PASSWORD": env.str("DB_PASSWORD", default=""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": env.str("DB_APP", default="scif")},
    }
}

VALKEY_URL = env.str("VALKEY_URL", default="redis://127.0.0.1:6379/0")
CHANNEL_LAYERS = {
    "default": {
        # The core layer dies after 5 s idle on redis-py 8 (channels_redis#422).
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [VALKEY_URL]},
    }
}
# Celery has a scheme of its own for unix sockets.
CELERY_BROKER_URL = VALKEY_URL.replace("unix://", "redis+socket://", 1)
# The name that the journal signs for; unique to the installation, no space and no plus.
JOURNAL_ORIGIN = env.str("JOURNAL_ORIGIN", default="scif.demo/journal")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["scif.settings.formats"]

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "static-collected"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
# WhiteNoise hands small files over synchronously; under ASGI Django reads them in a thread.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

# INVARIANT: no page may load, send to, or be framed by anything but this installation.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
}

# The control process (docs/sessions.md): the bastion's control socket, the address that
# laptops are told, and where they ask. Times in seconds; bytes of a message as the bastion has it.
BASTION_CONTROL = env.str("BASTION_CONTROL", default=str(VAR_DIR / "run" / "bastion"))
BASTION_ADDRESS = env.str("BASTION_ADDRESS", default="127.0.0.1:8022")
SESSION_LISTEN = env.str("SESSION_LISTEN", default="127.0.0.1:8023")
# Control sockets of adapters before labs' harnesses, with commas: host that terms name=path.
HARNESS_CONTROL = env.dict("HARNESS_CONTROL", default={})
SESSION_TIMING = {
    "heartbeat": env.float("SESSION_HEARTBEAT", default=0.5),
    "patience": env.float("SESSION_PATIENCE", default=2.0),
    "stale": env.float("SESSION_STALE", default=2.0),
    "poll": env.float("SESSION_POLL", default=0.25),
    "refresh": env.float("SESSION_REFRESH", default=5.0),
    "longest_message": env.int("BASTION_LONGEST_MESSAGE", default=65_536),
    "clerks": env.int("SESSION_CLERKS", default=4),
}
# Seconds without a look of the control process after which none is said to work.
CONTROL_SILENT = env.float("CONTROL_SILENT", default=5.0)
# What laptops may ask: connections at once in all and of one address, questions of one address at
# once, and seconds until it has so many again.
SESSION_LIMITS = {
    "connections": env.int("SESSION_CONNECTIONS", default=200),
    "of_address": env.int("SESSION_OF_ADDRESS", default=2),
    "questions": env.int("SESSION_QUESTIONS", default=30),
    "seconds": env.float("SESSION_QUESTIONS_SECONDS", default=60.0),
}
# The airlock's store, and what a harness puts out and takes in (docs/airlock.md).
AIRLOCK_DIR = Path(env.str("SCIF_AIRLOCK", default=str(VAR_DIR / "airlock")))

# Where a serial port lies that is named without a folder.
PORT_DIR = Path("/dev")
# Virtual devices and the page that plays with them; only the demo settings switch them on.
SIMULATORS = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}

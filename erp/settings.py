"""Settings of the ERP. Deployment-specific values come from the environment.

Without any variables set it runs on SQLite, local disk and memory, and writes everything below `var/`.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ

from erp.launch.loopback import is_loopback
from erp.launch.private_files import DIRECTORY, FILE, private_directory, private_file
from erp.launch.secret_key import read_or_make
from uploads.stores.cloudinary import credentials

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = private_directory(Path(env.str("ERP_VAR", default=str(BASE_DIR / "var"))).resolve())
"""Directory of everything the ERP writes; each of several servers gets its own."""
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or read_or_make(VAR / "secret_key")
HOSTS = env.list("ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS = ["127.0.0.1", "localhost", *HOSTS]
HTTPS = env.bool("HTTPS", default=False)
"""Whether browsers reach the ERP through TLS only."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "uploads",
    "consumers",
    "erp.marketing",
    "erp.demo",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "erp.web.streamed_static.StreamedStaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

SESSION_ENGINE = "erp.web.sessions"

ROOT_URLCONF = "erp.urls"
ASGI_APPLICATION = "asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "erp" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# --- Database and channel layer

SQLITE_OPTIONS = {
    # IMMEDIATE, because a transaction that begins as a reader and then writes fails at once, whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
POSTGRESQL_OPTIONS = {
    # Under ASGI a new connection per request costs more than its queries; the pool must serve every database thread.
    "pool": {"min_size": 2, "max_size": env.int("DATABASE_POOL_SIZE", default=24), "timeout": 10},
    # Statements and locks time out before a person stops waiting. A process that hangs in a transaction releases its
    # draft about when its lease lapses.
    "options": "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s",
}

database: dict[str, Any]
if env.str("DATABASE_URL", default=""):
    database = env.db_url("DATABASE_URL")
else:
    # Not as a URL: a path may contain characters that have a meaning in URLs.
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(VAR / "erp.sqlite3")}
    private_file(VAR / "erp.sqlite3")
if database["ENGINE"] == "django.db.backends.sqlite3":
    database["OPTIONS"] = SQLITE_OPTIONS
    # A file, because threads of a test cannot share an in-memory database.
    database["TEST"] = {"NAME": VAR / "test.sqlite3"}
else:
    database["OPTIONS"] = {**POSTGRESQL_OPTIONS, **database.get("OPTIONS", {})}
    # After a restart of PostgreSQL the pool holds dead connections, so each is tested before use.
    database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": env.str("CHANNEL_LAYER_BACKEND", default="channels.layers.InMemoryChannelLayer")}
}
if REDIS_URL:
    from redis.asyncio.retry import Retry
    from redis.backoff import ExponentialBackoff
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import TimeoutError as RedisTimeoutError

    CHANNEL_LAYERS["default"] = {
        "BACKEND": "consumers.broadcast.redis_layer.PatientRedisLayer",
        "CONFIG": {
            # Retrying subscriptions survive a restart of Redis; messages sent meanwhile are lost.
            "hosts": [
                {
                    "address": REDIS_URL,
                    "retry": Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3),
                    "retry_on_error": [RedisConnectionError, RedisTimeoutError],
                    "health_check_interval": 15,
                }
            ],
            # Redis' database numbers do not separate publishers, so every environment needs its own prefix.
            "prefix": env.str("REDIS_PREFIX", default="erp"),
        },
    }

# --- Files

STATIC_URL = "/static/"
STATICFILES_DIRS = [("erp", BASE_DIR / "static" / "erp")]

# Private directories protect a file between its creation and the setting of its mode.
PRIVATE = {"file_permissions_mode": FILE, "directory_permissions_mode": DIRECTORY}
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "media", **PRIVATE},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # The key "media/product_files/7/x.jpg" is also the path of its URL: see erp/marketing/media.py.
    "draft_uploads": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": private_directory(VAR / "files"), "base_url": "/", **PRIVATE},
    },
}

# Setting one of the variables is intent: half an account is an error of the checks, no reason to use the local disk.
ON_CLOUDINARY = credentials.is_configured(None, os.environ)
DELIVERY_ORIGINS: list[str] = []
if ON_CLOUDINARY:
    try:
        DELIVERY_ORIGINS = [credentials.find(None, os.environ).delivery_origin]
    except credentials.CredentialsError:
        DELIVERY_ORIGINS = []

X_ACCEL = env.str("X_ACCEL_REDIRECT_PREFIX", default="")
GRACE_SECONDS = env.int("UPLOADS_GRACE_SECONDS", default=300)
GRACE_SECONDS_LOST = env.int("UPLOADS_GRACE_SECONDS_LOST", default=env.int("UPLOADS_GRACE_SECONDS", default=3600))
UPLOADS: dict[str, Any] = {
    "GRACE_SECONDS": GRACE_SECONDS,
    "GRACE_SECONDS_LOST": GRACE_SECONDS_LOST,
    "LIMITS": env.json("UPLOADS_LIMITS", default={}),
    "STORAGE_LIMITS": env.json("UPLOADS_STORAGE_LIMITS", default={}),
    "STORE": {
        "BACKEND": "uploads.stores.cloudinary.store.CloudinaryStore",
        "OPTIONS": {
            "promote_mode": env.str("UPLOADS_PROMOTE_MODE", default="rename"),
            "max_side": env.int("UPLOADS_MAX_SIDE", default=None),
        },
    }
    if ON_CLOUDINARY
    else {
        "BACKEND": "uploads.stores.django_storage.DjangoStorageStore",
        "OPTIONS": {"alias": "draft_uploads"},
    },
    "SPOOL_DIR": str(VAR / "spool"),
    # nginx serves files on the local disk: see docs/deployment.md.
    "X_ACCEL_REDIRECT": {f"{X_ACCEL}{folder}/": str(VAR / folder) for folder in ("spool", "files")} if X_ACCEL else {},
    # A rename invalidates the URLs on the page shown after a save, so it is delayed until that page has loaded.
    "PROMOTE_DELAY_SECONDS": env.int("UPLOADS_PROMOTE_DELAY_SECONDS", default=10 if ON_CLOUDINARY else 0),
    # Behind a proxy: the full origins of its pages, such as https://erp.example.com.
    "ORIGINS": env.list("UPLOADS_ORIGINS", default=[]),
    "AUTHORISER": "erp.marketing.permissions.ProductAccess",
    "TRUSTED_PROXIES": env.list("TRUSTED_PROXIES", default=[]),
    "REQUESTS": env.json("UPLOADS_REQUESTS", default={}),
    # These forms carry images if JavaScript is unavailable.
    "BODY_LIMITS": {
        "/marketing/api/temp_upload_file/": "file",
        "/marketing/product_create/": "draft",
        r"/marketing/product/\d+/edit/": "draft",
    },
}

FILE_UPLOAD_HANDLERS = [
    "uploads.files.form_names.KeepNames",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Signing in

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "marketing:product_list"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "erp.demo.accounts.RefuseKnownPasswords",
    "django.contrib.auth.backends.ModelBackend",
]
SHORTEST_PASSWORD = 12
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
"""Bounded: messages that do not fit into a cookie are dropped. Django's default falls back to the session row, which
grows without limit."""
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# A pause after ten failures for one user name from one address. By address alone a whole office would be locked out, by
# name alone anybody could be by anyone; `erp.web.sign_in` counts known browsers separately.
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(seconds=env.int("SIGN_IN_PAUSE_SECONDS", default=300))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "erp.web.sign_in.failure_name"
AXES_RESET_ON_SUCCESS = True
# Further attempts neither extend the pause nor write rows.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Only the launcher knows the address listened on; a host name or TLS means that a proxy exposes the ERP.
DEMO_ON_LOOPBACK = (
    env.bool("ERP_DEMO_ON_LOOPBACK", default=False)
    and database["ENGINE"] == "django.db.backends.sqlite3"
    and not (HTTPS or [host for host in HOSTS if not is_loopback(host)])
)
DEMO_PASSWORDS: dict[str, Any] = json.loads(env.str("ERP_DEMO_PASSWORDS", default="") or "{}")

# --- Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        # blob: shows an image before it is uploaded.
        "img-src": ["'self'", "blob:", *DELIVERY_ORIGINS],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# The page copies the current token into its form before submitting, so scripts must be able to read this cookie.
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "erp.marketing.api_responses.csrf_failure"
# Behind TLS: the proxy sets X-Forwarded-Proto, and no other peer is trusted to (docs/deployment.md).
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains and the preload list is for the owner of the domain to decide.
    "security.W005",
    "security.W021",
    # `erp.web.sign_in` shows the pause on the page itself.
    "axes.W002",
]

# --- Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "erp" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Logging: the logger uploads.events writes one JSON line per event, ready for a log collector

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "message": {"format": "%(message)s"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "filters": {"client errors": {"()": "erp.web.log_filters.OneLineForClientErrors"}},
    "handlers": {
        "events": {"class": "logging.StreamHandler", "formatter": "message"},
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["client errors"]},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "uploads.events": {"handlers": ["events"], "level": "INFO", "propagate": False},
        # Django's default mails ADMINS; here errors go to the console.
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

"""Django's settings, all derived from the environment (`environment.py`)."""

from pathlib import Path
from typing import cast

import dj_database_url

from pharos import environment

ENVIRONMENT = environment.read()
HERE = Path(__file__).parent
DATA_DIR = ENVIRONMENT.data_dir.resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
UPLOADS_DIR = DATA_DIR / "uploads"
OUTBOX_DIR = DATA_DIR / "outbox"
PUBLIC_DIR = DATA_DIR / "public"

SECRET_KEY = environment.secret(ENVIRONMENT)
environment.needs_keys(ENVIRONMENT)  # nothing starts with keys that are none
DEBUG = False
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
PUBLIC_URL = ENVIRONMENT.public_url

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pharos.apps.PharosConfig",
]

MIDDLEWARE = [
    "pharos.http.middleware.ResponseHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pharos.http.middleware.OwnCookies",
    # Language and the forms' secret come before what reads the store: they are in its answer when it is away.
    "pharos.http.middleware.Language",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "pharos.http.middleware.OrganisationOfHost",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pharos.http.middleware.NoNul",
]

ROOT_URLCONF = "pharos.urls"
WSGI_APPLICATION = None
ASGI_APPLICATION = "pharos.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pharos.http.context.pharos",
            ],
            "builtins": ["pharos.http.template_tags"],
        },
    }
]
FORM_RENDERER = "pharos.http.forms.FormRenderer"

# A PostgreSQL that is cut off without a word must not hold every thread for the minutes that TCP would wait.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def _database() -> dict[str, object]:
    url = ENVIRONMENT.database_url or f"sqlite:///{DATA_DIR / 'pharos.sqlite3'}"
    config: dict[str, object] = {**dj_database_url.parse(url, conn_max_age=None)}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
        }
        config["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
        config["ENGINE"] = "pharos.sqlite"
    else:
        config["CONN_HEALTH_CHECKS"] = True
        config["ENGINE"] = "pharos.postgresql"
        config["OPTIONS"] = {**PATIENCE, **cast("dict[str, object]", config.get("OPTIONS", {}))}
    return config


DATABASES = {"default": _database()}
SQLITE = DATABASES["default"]["ENGINE"] == "pharos.sqlite"

AUTH_USER_MODEL = "pharos.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["pharos.http.passwords.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "pharos.http.accounts.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "60/m/ip,5/300s/key"}  # a whole shift has one address
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fa", "فارسی"), ("hy", "Հայերեն"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = ["pharos.http.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise wants it there, even while the files come from the finders
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": UPLOADS_DIR}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_HSTS_SECONDS = 365 * 86400 if ENVIRONMENT.secure else 0
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "pharos.http.errors.csrf_failure"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "pharos.http.logs.Lines", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {"uvicorn": {"level": "WARNING"}, "httpx": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}

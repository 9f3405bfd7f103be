"""The one Django app."""

from django.apps import AppConfig


class PharosConfig(AppConfig):
    """Label `pharos`, one migration history."""

    name = "pharos"
    label = "pharos"
    verbose_name = "Pharos"
    default_auto_field = "django.db.models.BigAutoField"

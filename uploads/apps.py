"""The Django app of draft uploads."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """Registers the models and the system checks."""

    name = "uploads"
    label = "draft_uploads"
    verbose_name = "Draft uploads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from uploads import checks  # noqa: F401 - importing registers them

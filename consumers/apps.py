"""The Django app of the live connection."""

from django.apps import AppConfig


class ConsumersConfig(AppConfig):
    """Provides the management command and the URLs."""

    name = "consumers"
    label = "draft_consumers"
    verbose_name = "Draft uploads: live wire"

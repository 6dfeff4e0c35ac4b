"""The Django app of the live wire."""

from django.apps import AppConfig


class ConsumersConfig(AppConfig):
    """Brings the management command and the addresses."""

    name = "consumers"
    label = "draft_consumers"
    verbose_name = "Draft uploads: live wire"

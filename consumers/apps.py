"""The Django app of the live wire."""

from django.apps import AppConfig


class ConsumersConfig(AppConfig):
    """Connects the broadcaster to the drafts' signal."""

    name = "consumers"
    label = "draft_consumers"
    verbose_name = "Draft uploads: live wire"

    def ready(self) -> None:
        """Connect the broadcaster."""
        from consumers.broadcast import broadcaster

        broadcaster.connect()

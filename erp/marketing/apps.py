"""The marketing app: products, their variants and their images."""

from __future__ import annotations

from django.apps import AppConfig


class MarketingConfig(AppConfig):
    """Connects the app to the signals of `uploads`."""

    name = "erp.marketing"

    def ready(self) -> None:
        """Subscribe to the signal for files that reached their permanent address."""
        from erp.marketing import product_files
        from uploads import api

        api.file_promoted.connect(product_files.follow_file, dispatch_uid="erp.marketing.follow_file")

"""A copy of the database, such as a backup."""

from __future__ import annotations

from django.apps import apps
from django.core import serializers
from django.db import transaction


class Copy:
    """The rows of `uploads` at one moment."""

    def __init__(self) -> None:
        self._models = list(apps.get_app_config("draft_uploads").get_models())
        rows = [row for model in self._models for row in model._base_manager.order_by("pk")]
        self._text = serializers.serialize("json", rows)

    def erase(self) -> None:
        with transaction.atomic():
            for model in reversed(self._models):
                model._base_manager.all()._raw_delete(using="default")

    def restore(self) -> None:
        with transaction.atomic():
            self.erase()
            for row in serializers.deserialize("json", self._text):
                row.save()

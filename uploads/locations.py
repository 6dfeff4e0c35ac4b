"""Where a browser sees the bytes of a file."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from uploads.core.states import FileState
from uploads.models import File
from uploads.stores.base import Thumbnails
from uploads.stores.registry import store


def own_url(file_id: UUID) -> str:
    """Our own address of a file: right in every state, wherever the bytes are at that moment."""
    return reverse("uploads:file", args=[file_id])


def file_url(file_id: UUID) -> str:
    """The address for a page: our own until the file is PERMANENT, then the store's lasting one."""
    file = File.objects.filter(pk=file_id, state=FileState.PERMANENT).first()
    return store().url(file.store_key, file.receipt) if file else own_url(file_id)


def small_url(file_id: UUID) -> str:
    """Our own address of a file for a small picture of it, reduced where the store can do that."""
    return f"{own_url(file_id)}?small"


def thumbnail_urls(file_ids: Collection[UUID], width: int, height: int) -> dict[UUID, str]:
    """Addresses of those of the files that the store shows reduced to `width` x `height` pixels. It is not called.

    Files that are not PERMANENT yet have `small_url`. Those that another store has are left out.
    """
    backend = store()
    if not isinstance(backend, Thumbnails):
        return {}
    return {
        file.pk: backend.thumbnail_url(file.store_key, file.receipt, width, height)
        if file.state == FileState.PERMANENT
        else small_url(file.pk)
        for file in File.objects.filter(pk__in=file_ids, store_name=backend.name)
    }

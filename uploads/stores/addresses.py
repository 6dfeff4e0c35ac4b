"""Where a browser sees the bytes of a file."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from uploads.core.limits import NEEDS_PREVIEW
from uploads.core.states import FileState
from uploads.images.previews import LARGE_PIXELS, SMALL_PIXELS
from uploads.models import File
from uploads.stores.base import Opens, Receipt, Thumbnails
from uploads.stores.registry import current_store


def app_url(file_id: UUID) -> str:
    """Our own address of a file: right in every state, wherever the bytes are at that moment."""
    return reverse("uploads:file", args=[file_id])


def file_url(file_id: UUID) -> str:
    """The address for a page: our own until the file is PERMANENT, then the store's lasting one."""
    file = File.objects.filter(pk=file_id, state=FileState.PERMANENT).first()
    return public_url(file, file.store_key, file.receipt) if file else app_url(file_id)


def public_url(file: File, key: str, receipt: Receipt) -> str:
    """Where every browser sees a permanent file whose object is `key`. The store is not called.

    That is the store's address of the object. Of a photo that few browsers show it is the store's reduced one, else
    our own, where we show a preview.
    """
    backend = current_store()
    if file.content_type in NEEDS_PREVIEW:
        if isinstance(backend, Thumbnails):
            return backend.thumbnail_url(key, receipt, LARGE_PIXELS, LARGE_PIXELS)
        if isinstance(backend, Opens):
            return app_url(file.pk)
    return backend.url(key, receipt)


def thumbnail_url(file_id: UUID) -> str:
    """Our own address of a file for a small picture of it, reduced where the store can do that."""
    return f"{app_url(file_id)}?small"


def thumbnail_urls(file_ids: Collection[UUID], width: int, height: int) -> dict[UUID, str]:
    """Addresses of those of the files that the store shows reduced to `width` x `height` pixels. It is not called.

    Files that are not PERMANENT yet have `thumbnail_url`. Those that another store has are left out. Where the store
    cannot do that, small pictures of photos that few browsers show are told all the same: they are made by us.
    """
    backend = current_store()
    if not isinstance(backend, Thumbnails):
        if max(width, height) > SMALL_PIXELS:
            return {}
        previewed = File.objects.filter(pk__in=file_ids, store_name=backend.name, content_type__in=NEEDS_PREVIEW)
        return {file_id: thumbnail_url(file_id) for file_id in previewed.values_list("pk", flat=True)}
    return {
        file.pk: backend.thumbnail_url(file.store_key, file.receipt, width, height)
        if file.state == FileState.PERMANENT
        else thumbnail_url(file.pk)
        for file in File.objects.filter(pk__in=file_ids, store_name=backend.name)
    }

"""URLs at which a browser sees the bytes of a file."""

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
    """Return the app's own URL of a file: valid in every state, wherever the bytes are."""
    return reverse("uploads:file", args=[file_id])


def file_url(file_id: UUID) -> str:
    """Return the URL for a page: the app's own until the file is PERMANENT, then the store's public one."""
    file = File.objects.filter(pk=file_id, state=FileState.PERMANENT).first()
    return public_url(file, file.store_key, file.receipt) if file else app_url(file_id)


def public_url(file: File, key: str, receipt: Receipt) -> str:
    """Return the public URL of a permanent file whose object is `key`, without calling the store.

    For a type that few browsers can show it is the store's thumbnail URL, or else the app's own, which serves a
    preview.
    """
    backend = current_store()
    if file.content_type in NEEDS_PREVIEW:
        if isinstance(backend, Thumbnails):
            return backend.thumbnail_url(key, receipt, LARGE_PIXELS, LARGE_PIXELS)
        if isinstance(backend, Opens):
            return app_url(file.pk)
    return backend.url(key, receipt)


def thumbnail_url(file_id: UUID) -> str:
    """Return the app's own URL of a file's thumbnail, scaled if the store can do that."""
    return f"{app_url(file_id)}?small"


def thumbnail_urls(file_ids: Collection[UUID], width: int, height: int) -> dict[UUID, str]:
    """Return thumbnail URLs of at most `width` x `height` pixels by file, without calling the store.

    Files not PERMANENT yet get `thumbnail_url`; files in another store are left out. If the store cannot scale images,
    only small thumbnails of types that few browsers can show are returned: the app makes those itself.
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

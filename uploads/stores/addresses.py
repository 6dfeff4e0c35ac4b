"""URLs at which a browser sees the bytes of a file."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from msgspec import Struct

from uploads.core import small_pictures
from uploads.core.limits import NEEDS_PREVIEW
from uploads.core.states import FileState
from uploads.models import File
from uploads.stores.base import Opens, Receipt, Thumbnails
from uploads.stores.registry import current_store


class SmallPictures(Struct, frozen=True):
    """The URLs of a file's small pictures, and the size of the upright image they show; None if it is not known.

    `small` is 320 pixels wide and `large` 1,280, or as wide as the image is.
    """

    small: str
    large: str
    width: int | None
    height: int | None

    @property
    def srcset(self) -> str:
        """Return both for the attribute of that name; empty if they are equally wide."""
        if self.width is not None and self.width <= small_pictures.SMALL:
            return ""
        return f"{self.small} {small_pictures.SMALL}w, {self.large} {small_pictures.LARGE}w"


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
            return backend.thumbnail_url(key, receipt, *small_pictures.box(small_pictures.LARGE))
        if isinstance(backend, Opens):
            return app_url(file.pk)
    return backend.url(key, receipt)


def snapshot_url(file_id: UUID) -> str:
    """Return the address that tabs get: that of the narrower small picture, as tabs of the previous version write it.

    Without its query it is the app's own address of the file.
    """
    return f"{app_url(file_id)}?small"


def small_picture_url(file_id: UUID, width: int = small_pictures.SMALL) -> str:
    """Return the app's own URL of a file's small picture of that width: valid in every state."""
    return f"{app_url(file_id)}?w={width}"


def small_picture_urls(file_ids: Collection[UUID]) -> dict[UUID, SmallPictures]:
    """Return the URLs of the small pictures of each file, without calling the store.

    Those of a permanent file are the store's own if it scales images; all others are the app's. Files in another store
    are left out.
    """
    files = File.objects.filter(pk__in=file_ids, store_name=current_store().name)
    return {file.pk: _small_pictures(file) for file in files}


def _small_pictures(file: File) -> SmallPictures:
    backend = current_store()
    if file.state == FileState.PERMANENT and isinstance(backend, Thumbnails):
        boxes = map(small_pictures.box, small_pictures.WIDTHS)
        small, large = (backend.thumbnail_url(file.store_key, file.receipt, *box) for box in boxes)
    else:
        small, large = (small_picture_url(file.pk, width) for width in small_pictures.WIDTHS)
    return SmallPictures(small, large, file.width, file.height)

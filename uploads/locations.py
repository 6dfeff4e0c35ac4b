"""Where a browser sees the bytes of a file."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from uploads.core.states import FileState
from uploads.models import File
from uploads.stores.registry import store


def own_url(file_id: UUID) -> str:
    """Our own address of a file: right in every state, wherever the bytes are at that moment."""
    return reverse("uploads:file", args=[file_id])


def file_url(file_id: UUID) -> str:
    """The address for a page: our own until the file is PERMANENT, then the store's lasting one."""
    key = File.objects.filter(pk=file_id, state=FileState.PERMANENT).values_list("store_key", flat=True).first()
    return store().url(key) if key else own_url(file_id)

"""The multipart bodies a browser sends to the ERP: images and filled-in forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.images.pictures import picture
from uploads import api

UPLOAD = "/marketing/api/temp_upload_file/"
CLEANUP = "/marketing/api/cleanup_temp_files/"
CREATE = "/marketing/product_create/"


def new_draft(client: Client) -> UUID:
    """Follow *Start another product* and return the draft's id from the URL."""
    return UUID(client.get(f"{CREATE}?new=1").headers["Location"].partition("draft=")[2])


def image(name: str = "mug.jpg", seed: int = 1) -> SimpleUploadedFile:
    """A small valid image; different seeds give different bytes."""
    return SimpleUploadedFile(name, picture(seed=seed), "image/jpeg")


def upload(client: Client, name: str = "mug.jpg", **fields: Any) -> dict[str, Any]:
    """Send an image as the original page did, and return the `file_data` of the response."""
    answer = client.post(UPLOAD, {"file": image(name), "file_type": "main_image", **fields})
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()["file_data"]
    return data


def add_to(user: User, draft: UUID, name: str, variant: str | None = None) -> api.AcceptedFile:
    """Add an image to any draft of `user`, even one of an edited product."""
    file_type = "variant_image" if variant else "main_image"
    return api.accept_upload(user, image(name), draft_id=draft, file_type=file_type, variant_temp_id=variant)


def bytes_at(client: Client, url: str) -> bytes:
    """Return what a browser receives at a URL, part by part."""
    answer: Any = client.get(url)
    assert answer.status_code == 200

    async def read() -> bytes:
        return b"".join([part async for part in answer])

    return async_to_sync(read)()


def sent(
    title: str = "Mug", sku: str = "MUG-1", *, rows: dict[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """A filled-in product form; `rows` are variant names by temporary id."""
    rows = rows or {}
    return {
        "title": title,
        "sku": sku,
        "price": "9.90",
        "description": "",
        "without": "",
        "variant_temp_id": list(rows),
        "variant_name": list(rows.values()),
        **fields,
    }

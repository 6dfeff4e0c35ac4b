"""Stores on a strict Cloudinary on loopback."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from uploads.stores.cloudinary.store import CloudinaryStore

Make = Callable[..., CloudinaryStore]


@pytest.fixture
def make_store(cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Stores on the cloud of the test."""
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url)
    return lambda **options: CloudinaryStore(timeout_seconds=5, **options)


@pytest.fixture
def cloudinary(make_store: Make) -> CloudinaryStore:
    return make_store()


@pytest.fixture
def asked(cloudinary_server: Cloud) -> Callable[[], list[str]]:
    """The endpoints requested from the cloud so far, in order."""
    return lambda: [event.endpoint for event in cloudinary_server.calls()]

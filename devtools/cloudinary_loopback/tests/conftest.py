"""A fresh cloud that nothing checks afterwards, and a client that can send anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.fixtures import cloudinary_server, loopback_cloudinary
from devtools.cloudinary_loopback.server import CloudinaryServer
from devtools.cloudinary_loopback.tests.raw_client import RawClient

__all__ = ["cloudinary_server", "loopback_cloudinary"]


@pytest.fixture
def cloud(loopback_cloudinary: CloudinaryServer) -> Iterator[Cloud]:
    cloud = loopback_cloudinary.cloud()
    yield cloud
    loopback_cloudinary.forget(cloud)


@pytest.fixture
def client(cloud: Cloud) -> RawClient:
    return RawClient(cloud)


@pytest.fixture
def sender(client: RawClient) -> RawClient:
    """A client whose parts may be as small as 11 bytes."""
    client.cloud.plan.part_floor_bytes = 10
    return client


@pytest.fixture
def stocked(client: RawClient) -> RawClient:
    """The client of a cloud with two folders whose names begin alike, and one more asset."""
    for public_id in ("u1/a", "u1/b", "u10/a", "other"):
        client.upload(public_id=public_id)
    return client

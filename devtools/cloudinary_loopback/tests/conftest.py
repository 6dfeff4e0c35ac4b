"""The contract's own tests: a cloud that does not mind nonsense, because they send much of it."""

from __future__ import annotations

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.fixtures import cloudinary_server, loopback_cloudinary
from devtools.cloudinary_loopback.tests.raw_client import RawClient

__all__ = ["cloudinary_server", "loopback_cloudinary"]


@pytest.fixture
def cloud(cloudinary_server: Cloud) -> Cloud:
    cloudinary_server.plan.strict = False
    return cloudinary_server


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

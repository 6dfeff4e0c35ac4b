"""Pytest fixtures: the server, and a fresh cloud for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.server import CloudinaryServer


@pytest.fixture(scope="session")
def loopback_cloudinary() -> Iterator[CloudinaryServer]:
    """Start one server for the run, with the first test that needs it."""
    server = CloudinaryServer().start()
    yield server
    server.stop()


@pytest.fixture
def cloudinary_server(loopback_cloudinary: CloudinaryServer) -> Iterator[Cloud]:
    """Return a fresh cloud. The test fails if it sent anything without effect."""
    cloud = loopback_cloudinary.cloud()
    yield cloud
    try:
        cloud.check()
    finally:
        loopback_cloudinary.forget(cloud)

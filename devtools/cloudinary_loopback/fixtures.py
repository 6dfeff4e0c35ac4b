"""Pytest fixtures: the server, and a fresh cloud for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.server import CloudinaryServer


@pytest.fixture(scope="session")
def loopback_cloudinary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudinaryServer]:
    """One server for the run, started by the first test that needs it."""
    server = CloudinaryServer(tmp_path_factory.mktemp("cloudinary")).start()
    yield server
    server.stop()


@pytest.fixture
def cloudinary_server(loopback_cloudinary: CloudinaryServer) -> Iterator[Cloud]:
    """A fresh cloud. Its test fails if anything was sent to it without effect."""
    cloud = loopback_cloudinary.cloud()
    yield cloud
    try:
        cloud.check()
    finally:
        loopback_cloudinary.forget(cloud)

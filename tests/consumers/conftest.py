"""One real server for all tests of a file, because starting one takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.request_fixtures import asked, clock  # noqa: F401 - fixtures
from tests.support.servers.server import Server
from tests.support.wire.http_client import HttpClient


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server(UPLOADS_GRACE_SECONDS="1", UPLOADS_GRACE_SECONDS_LOST="3")


@pytest.fixture(scope="module")
def staff(server: Server) -> HttpClient:
    return HttpClient(server.url)


@pytest.fixture
def draft(staff: HttpClient) -> Iterator[str]:
    """A new draft, discarded after the test, because a user may have only 20 at once."""
    draft = staff.new_draft()
    yield draft
    staff.post("/marketing/api/cleanup_temp_files/", {"draft": draft})

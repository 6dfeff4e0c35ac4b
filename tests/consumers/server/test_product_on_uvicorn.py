"""The whole product under a server other than Daphne, which implements the lifespan protocol itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.images.pictures import photo
from tests.support.servers.multipart import UPLOAD
from tests.support.servers.server import copy_of, wait_for
from tests.support.servers.uvicorn_server import UvicornServer
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient


@pytest.fixture(scope="module")
def server(prepared_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UvicornServer]:
    """One for all tests; the last one stops it."""
    server = UvicornServer(copy_of(prepared_var, tmp_path_factory.mktemp("uvicorn") / "var"))
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://[", "null", "{url}.evil.example", "http://127.0.0.1"]
)
async def test_other_pages_open_no_socket(server: UvicornServer, origin: str):
    staff = HttpClient(server.url)
    with pytest.raises(InvalidStatus) as refused:
        async with DraftClient(staff, staff.new_draft(), origin=origin.format(url=server.url)):
            pass

    assert refused.value.response.status_code == 403
    assert server.tracebacks() == []


async def test_a_message_over_the_limit_of_a_frame_ends_its_socket_only(server: UvicornServer):
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as hostile, DraftClient(staff, draft) as other:
        await hostile.until(lambda: hostile.snapshot)
        await hostile.socket.send(b"\0" * 600_000)

        assert await hostile.closed() == 1009
        assert await other.until(lambda: other.snapshot)


async def test_images_go_in_and_out_and_a_stop_gives_the_sockets_back(server: UvicornServer):
    staff, content = HttpClient(server.url), photo(2)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        over_socket = await tab.upload(content, "1.jpg")
        over_http = staff.post(UPLOAD, {"draft": draft, "file_type": "main_image"}, ("2.jpg", content, "image/jpeg"))
        shown = [staff.get(f"/uploads/file/{over_socket}/"), staff.get(over_http.json()["file_data"]["url"])]
        (alive,) = server.query("SELECT count(*) FROM draft_uploads_socket WHERE closed_ms IS NULL")[0]

        server.terminate()

        # uvicorn closes them itself, with "service restart", before it reports that it stops.
        assert await tab.closed() == 1012
    assert [answer.body for answer in shown] == [content, content]
    assert alive == 1
    assert server.query("SELECT count(*) FROM draft_uploads_socket WHERE closed_ms IS NULL") == [(0,)]
    # A loss, not a clean close: the draft gets the longer grace.
    assert server.query("SELECT state, grace_cause FROM draft_uploads_draft WHERE id = ?", draft.replace("-", "")) == [
        ("grace", "lost")
    ]
    assert server.tracebacks() == []


@pytest.mark.process
def test_without_a_database_it_does_not_start(tmp_path: Path):
    server = UvicornServer(tmp_path / "empty")
    with pytest.raises(AssertionError, match="did not start"):
        server.start()

    wait_for(lambda: any("no such table" in line for line in server.lines))

"""No server decompresses messages: their size is what was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from consumers.protocol.messages import SUBPROTOCOL
from tests.support.servers.server import Server, copy_of
from tests.support.servers.uvicorn_server import UvicornServer
from tests.support.wire.http_client import HttpClient


@pytest.mark.parametrize("kind", [Server, UvicornServer])
async def test_an_offer_to_compress_is_not_taken(prepared_var: Path, tmp_path: Path, kind: Callable[[Path], Server]):
    server = kind(copy_of(prepared_var, tmp_path / "var")).start()
    try:
        staff = HttpClient(server.url)
        url = f"{server.url.replace('http', 'ws', 1)}/ws/uploads/{staff.new_draft()}/"
        headers = {"Cookie": staff.cookie_header, "Origin": server.url}
        async with connect(
            url, subprotocols=[Subprotocol(SUBPROTOCOL)], additional_headers=headers, compression="deflate"
        ) as socket:
            assert "permessage-deflate" in str(socket.request.headers if socket.request else "")
            assert "Sec-WebSocket-Extensions" not in (socket.response.headers if socket.response else {})
    finally:
        server.kill()

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.servers.server import Server


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/uploads/none/", "/ws/uploads/%00/", "/ws/%ff/"])
async def test_an_unknown_path_is_closed_with_4404_and_leaves_no_traceback(server: Server, path: str):
    address = f"ws://127.0.0.1:{server.port}{path}"
    async with connect(address, origin=server.url) as socket:  # type: ignore[arg-type]  # its own type of string
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404
    assert server.tracebacks() == []


async def test_pages_of_others_are_not_told_which_paths_there_are(server: Server):
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{server.port}/nowhere/"):
            pass

    assert refused.value.response.status_code == 403

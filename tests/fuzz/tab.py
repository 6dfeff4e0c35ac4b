"""One tab on the draft of a world: a socket to the real consumer, reopened whenever a case has ended it."""

from __future__ import annotations

import asyncio
import json
import time
from struct import Struct as Layout
from types import TracebackType
from typing import Any
from uuid import uuid4

from consumers.protocol import messages
from consumers.protocol.close_codes import CloseCode
from tests.fuzz.report import MAX_CASE_SECONDS
from tests.fuzz.world import World, runtime
from tests.support.wire.asgi_socket import Socket
from uploads.core.errors import Code, Refusal
from uploads.presence import sockets
from uploads.runtime.threads import database

NEWS = ("snapshot", "pong", "progress", Code.SUPERSEDED)
"""Messages that may arrive at any time."""
CODES = {*Code}
CHUNK_NUMBER = Layout(">I")
SIZES = (600_000, 10)
"""Sizes of the files that a tab sends."""
TYPES = {str(message.__struct_config__.tag) for message in messages.SERVER_MESSAGES}


class Tab:
    """See the module. Two of its files are being uploaded: chunks for handle 1 or 2 are of the first or second one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runtime = runtime()
        self._socket: Socket | None = None
        self._serving: asyncio.Future[None] | None = None
        self._sending: dict[str, int] = {}

    async def __aenter__(self) -> Tab:
        self._runtime.heartbeat.process_id = await database.run(sockets.start_process)
        self._runtime.broadcaster.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()
        self._runtime.broadcaster.stop()

    async def fresh(self) -> None:
        """Continue with a new draft."""
        await self._close()
        await database.run(self._world.fresh)

    async def answer(self, content: str | bytes) -> tuple[str, list[str]]:
        """Send a frame; return the response, and what is wrong with it."""
        socket = self._socket if self._is_open() else await self._open()
        assert socket is not None
        told = len(socket.sent)
        socket.send(content if isinstance(content, str) else self._addressed(content))
        socket.say(type="ping")
        texts = await self._texts(socket, told, pongs=2 if is_ping(content) else 1)
        judged = self._judged(socket, texts)
        if self._is_open() and any(text.get("file") in self._sending for text in texts):
            await self._begin_transfers(socket)
        return judged

    def _addressed(self, chunk: bytes) -> bytes:
        """Return a chunk for the intended transfer."""
        numbers = {CHUNK_NUMBER.pack(n): CHUNK_NUMBER.pack(h) for n, h in enumerate(self._sending.values(), start=1)}
        return numbers.get(chunk[:4], chunk[:4]) + chunk[4:]

    async def _texts(self, socket: Socket, told: int, pongs: int) -> list[Any]:
        """Return the events after the first `told` ones, up to `pongs` pongs or the end."""
        end = time.monotonic() + MAX_CASE_SECONDS + 1
        while True:
            new = [json.loads(event["text"]) for event in socket.sent[told:] if event["type"] == "websocket.send"]
            answered = sum(text["type"] == "pong" for text in new) >= pongs
            if answered or not self._is_open() or time.monotonic() > end:
                return new
            await asyncio.sleep(0.001)

    def _judged(self, socket: Socket, texts: list[Any]) -> tuple[str, list[str]]:
        problems = [f"sent {text}" for text in texts if text["type"] not in TYPES]
        errors = [text for text in texts if text["type"] == "error"]
        problems += [f"refused with {error}" for error in errors if error["code"] not in CODES or not error["message"]]
        problems += [f"refused with {error}" for error in errors if error["code"] == Code.SERVER_ERROR]
        if socket.closed_with not in (None, *CloseCode):
            problems.append(f"closed with {socket.closed_with}")
        if self._serving is not None and self._serving.done() and (failed := self._serving.exception()):
            problems.append(f"the consumer failed: {failed!r}")
        answers = [answer for text in texts if (answer := text.get("code", text["type"])) not in NEWS]
        return (answers or ["nothing"])[0], problems

    def _is_open(self) -> bool:
        ended = self._serving is None or self._serving.done()
        return self._socket is not None and self._socket.closed_with is None and not ended

    async def _open(self) -> Socket:
        await self._close()
        socket = self._socket = Socket(self._runtime)
        serving = asyncio.ensure_future(socket.serve(self._world.session_key, self._world.draft_id))
        self._serving = serving
        await socket.until(lambda: socket.sent or serving.done())
        await self._begin_transfers(socket)
        if self._is_open():
            return socket
        # The last case ended the draft.
        await self.fresh()
        return await self._open()

    async def _begin_transfers(self, socket: Socket) -> None:
        told = len(socket.sent)
        for size in SIZES:
            socket.say(type="add", op="open", file=str(uuid4()), name="x", size=size, content_type="image/jpeg")
        socket.say(type="ping")
        texts = await self._texts(socket, told, pongs=1)
        self._sending = {text["file"]: text["handle"] for text in texts if text["type"] == "transfer"}

    async def _close(self) -> None:
        socket, serving = self._socket, self._serving
        self._socket = self._serving = None
        if socket is not None and serving is not None:
            socket.end()
            await asyncio.wait([serving], timeout=MAX_CASE_SECONDS)


def is_ping(content: str | bytes) -> bool:
    """Whether the response to a frame is a pong."""
    if not isinstance(content, str) or len(content) > messages.MAX_TEXT_FRAME:
        return False
    try:
        return isinstance(messages.decode(content), messages.Ping)
    except Refusal:
        return False

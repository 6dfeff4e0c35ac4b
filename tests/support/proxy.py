"""A TCP proxy between browser and server: slow, cut, closed, or against WebSockets, as a network is."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from tests.support.server import free_port

PART_BYTES = 16_384
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Listens on its own port and passes on to `target`. `bytes_per_second` slows what the browser sends.

    With `blocks_websockets` each handshake is answered with 403, as by a corporate proxy; `handshakes` counts those.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.bytes_per_second: float | None = None
        self.is_open = True
        self.blocks_websockets = False
        self.handshakes = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self, *, stay_closed: bool = False) -> None:
        """Break every connection without a goodbye; with `stay_closed` nothing gets through until `mend`."""
        self.is_open = not stay_closed
        asyncio.run_coroutine_threadsafe(self._abort_all(), self._loop).result(10)

    def mend(self) -> None:
        """Let connections through again."""
        self.is_open = True

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self.is_open:
                # Python 3.11 reports the cancellation of a connection at the end as an error.
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await self._join(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser makes a new connection for each handshake: its first part says so.
        first = await reader.read(PART_BYTES)
        if b"upgrade: websocket" in first.lower():
            self.handshakes += 1
            if self.blocks_websockets:
                writer.write(FORBIDDEN)
                await writer.drain()
                return
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        up_writer.write(first)
        ends = {writer, up_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, up_writer, slow=True))
                both.create_task(self._pass(up_reader, writer, slow=False))
        finally:
            self._writers -= ends
            up_writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(PART_BYTES):
                if slow and self.bytes_per_second:
                    await asyncio.sleep(len(part) / self.bytes_per_second)
                writer.write(part)
                await writer.drain()
            writer.write_eof()

    async def _abort_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        await self._abort_all()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

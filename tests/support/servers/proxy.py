"""A TCP proxy between browser and server that behaves like a network: slow, cut, half-open or without WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Iterator

from tests.support.servers.server import free_port
from tests.support.servers.upload_hold import HttpLine, Line, UploadHold, WebSocketLine

PART_BYTES = 16_384
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Listens on its own port and forwards to `target`. Its faults can be set while it runs:

    `bytes_per_second` slows what the browser sends, `latency` delays everything (seconds), `slice_bytes` sends in
    pieces of 1 to this many bytes, `limit_bytes` cuts a connection after this many from the browser, `swallowing`
    silently drops everything, and `slow_close` forwards the end of a connection only after this many seconds.

    `hold_uploads` holds back the bytes of images, and nothing else, until `release_uploads`.

    With `renames_host`, handshakes have a different Host than the page, as behind a proxy that rewrites it. With
    `blocks_websockets`, each handshake is answered with 403, as by a corporate proxy; `handshakes` counts them.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.bytes_per_second: float | None = None
        self.latency = 0.0
        self.slice_bytes = 0
        self.limit_bytes: int | None = None
        self.swallowing = False
        self.slow_close = 0.0
        self.is_open = True
        self.blocks_websockets = False
        self.renames_host = False
        self.handshakes = 0
        self._writers: dict[asyncio.StreamWriter, set[asyncio.StreamWriter]] = {}
        self._hold = UploadHold()
        self._lines: dict[asyncio.StreamWriter, Line] = {}
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
        """Break every connection without notice; with `stay_closed`, block new ones until `mend`."""
        self.is_open = not stay_closed
        asyncio.run_coroutine_threadsafe(self._abort_all(), self._loop).result(10)

    def reset(self) -> None:
        """Reset every connection, towards both sides."""
        asyncio.run_coroutine_threadsafe(self._abort_all(reset=True), self._loop).result(10)

    def mend(self) -> None:
        """Allow connections again, complete and at full speed. Dropped bytes stay lost."""
        self.is_open = True
        self.bytes_per_second = self.limit_bytes = None
        self.latency = self.slow_close = 0.0
        self.slice_bytes = 0
        self.swallowing = False
        self.release_uploads()

    def hold_uploads(self, *, after: int = 0) -> None:
        """Hold back the bytes of images once `after` more of them have passed, counted in whole chunks."""
        self._loop.call_soon_threadsafe(self._hold.begin, after)

    def release_uploads(self) -> None:
        """Release what is held back, and let everything pass from now on."""
        self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._hold.end()
        for writer, line in self._lines.items():
            writer.write(line.release())

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
                # A browser opens connections in advance; one without traffic yet is cut like any other.
                self._writers[writer] = {writer}
                # Python 3.11 reports the cancellation of a connection at shutdown as an error.
                with contextlib.suppress(OSError, asyncio.CancelledError):
                    await self._join(reader, writer)
        finally:
            self._tasks.discard(task)
            self._writers.pop(writer, None)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser opens a new connection for each handshake, so its first part identifies it.
        first = await reader.read(PART_BYTES)
        if self.swallowing:
            await reader.read()
            return
        line: Line = HttpLine(self._hold)
        if b"upgrade: websocket" in first.lower():
            line = WebSocketLine(self._hold)
            self.handshakes += 1
            if self.blocks_websockets:
                writer.write(FORBIDDEN)
                await writer.drain()
                return
            if self.renames_host:
                first = first.replace(b"Host: 127.0.0.1:", b"Host: localhost:")
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        if writer.transport.is_closing():
            up_writer.transport.abort()
            return
        up_writer.write(first if isinstance(line, WebSocketLine) else line.feed(first))
        ends = {writer, up_writer}
        self._lines[up_writer] = line
        self._writers |= dict.fromkeys(ends, ends)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, up_writer, slow=True))
                both.create_task(self._pass(up_reader, writer, slow=False))
        finally:
            del self._writers[up_writer], self._lines[up_writer]
            up_writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool) -> None:
        passed, lost = 0, False
        with contextlib.suppress(OSError):
            while part := await reader.read(PART_BYTES):
                # A stream with a gap can never recover, so it stays silent until one side gives up.
                lost = lost or self.swallowing
                if lost:
                    continue
                passed += len(part)
                if slow and self.limit_bytes is not None and passed > self.limit_bytes:
                    raise ConnectionAbortedError
                if slow and self.bytes_per_second:
                    await asyncio.sleep(len(part) / self.bytes_per_second)
                await asyncio.sleep(self.latency)
                for piece in self._pieces(self._lines[writer].feed(part) if slow else part):
                    writer.write(piece)
                    await writer.drain()
            await asyncio.sleep(self.slow_close)
            if not lost:
                writer.write_eof()
            return
        # Broken: the other direction must not continue alone.
        for end in (writer, *self._writers.get(writer, ())):
            end.transport.abort()

    def _pieces(self, part: bytes) -> Iterator[bytes]:
        while self.slice_bytes and part:
            size = random.randint(1, self.slice_bytes)  # noqa: S311 - no secret
            yield part[:size]
            part = part[size:]
        if part:
            yield part

    async def _abort_all(self, *, reset: bool = False) -> None:
        for writer in list(self._writers):
            if reset and not writer.transport.is_closing():
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _close(self) -> None:
        self.is_open = False
        # A connection just accepted still needs the server: closed first, it would forget the socket (Python 3.11).
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        await self._abort_all()
        for task in self._tasks:
            task.cancel()
        while serving := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(serving)
        self._server.close()

"""A client of the wire protocol, with well-behaved and hostile methods."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from consumers.protocol.framing import CHUNK_HEADER
from consumers.protocol.messages import SUBPROTOCOL
from tests.support.wire.http_client import HttpClient

SECONDS = 15
Message = dict[str, Any]


class SocketEnded(AssertionError):
    """The socket was closed while something was still expected on it."""


class DraftClient:
    """One socket of `staff` on a draft: `async with DraftClient(staff, draft) as tab`."""

    def __init__(
        self, staff: HttpClient, draft: str, *, origin: str | None = None, subprotocols: Any = (SUBPROTOCOL,)
    ) -> None:
        self._staff, self.draft = staff, draft
        self._origin = staff.url if origin is None else origin
        self._subprotocols = list(subprotocols)
        self.received: list[Message] = []
        self.snapshot: Message = {}
        self.close_code: int | None = None
        self._changed = asyncio.Condition()
        self._ops = 0

    async def __aenter__(self) -> DraftClient:
        url = f"{self._staff.url.replace('http', 'ws', 1)}/ws/uploads/{self.draft}/"
        self.socket: ClientConnection = await connect(
            url,
            subprotocols=self._subprotocols,
            origin=self._origin,  # type: ignore[arg-type]
            ssl=self._staff.tls if url.startswith("wss") else None,
            additional_headers={"Cookie": self._staff.cookie_header},
            compression=None,
            max_size=None,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self, code: int = 1000) -> None:
        with suppress(ConnectionClosed):
            await self.socket.close(code)
        await self._read_to_the_end()

    async def abort(self) -> None:
        """Disconnect without a close frame, as when the network or the browser fails."""
        self.socket.transport.abort()
        await self._read_to_the_end()

    async def _read_to_the_end(self) -> None:
        # Awaited without a shield, it would be cancelled together with any waiter that gives up, and would cancel the
        # next one.
        await asyncio.wait({self._reader})
        self._reader.result()

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self.socket:
                message = json.loads(text)
                async with self._changed:
                    self.received.append(message)
                    if message["type"] == "snapshot":
                        self.snapshot = message
                    self._changed.notify_all()
        async with self._changed:
            self.close_code = self.socket.close_code
            self._changed.notify_all()

    async def until(self, condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """Return the first true value of `condition`, checked after every message."""
        async with asyncio.timeout(seconds), self._changed:
            while not (value := condition()):
                if self.close_code is not None:
                    raise SocketEnded(f"closed with {self.close_code}; last messages: {self.received[-3:]}")
                await self._changed.wait()
            return value

    async def closed(self, seconds: float = SECONDS) -> int | None:
        """Wait for the close and return its code."""
        async with asyncio.timeout(seconds), self._changed:
            while self.close_code is None and not self._reader.done():
                await self._changed.wait()
        return self.close_code

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def command(self, type_: str, **fields: Any) -> Message:
        """Send a command and return the response: `ok`, `transfer` or `error`."""
        self._ops += 1
        op = fields.pop("op", f"op{self._ops}")
        seen = len(self.received)
        await self.send(type=type_, op=op, **fields)
        return await self.until(
            lambda: next((m for m in self.received[seen:] if m.get("op") == op and m["type"] != "snapshot"), None)
        )

    async def announce(self, content: bytes, name: str = "mug.jpg", **fields: Any) -> Message:
        """Send `add` for `content`; the response is usually a `transfer`."""
        fields = {"file": str(uuid4()), "content_type": "image/jpeg", "size": len(content), **fields}
        return await self.command("add", name=name, **fields)

    async def send_bytes(self, transfer: Message, content: bytes, until: int | None = None) -> int:
        """Send `content` from the transfer's offset on, one window at a time; return the acknowledged offset."""
        limits = self.snapshot["limits"]
        end = len(content) if until is None else until
        offset = acked = transfer["offset"]
        while acked < end:
            while offset < end and offset - acked < limits["window_chunks"] * limits["chunk_bytes"]:
                part = content[offset : min(end, offset + limits["chunk_bytes"])]
                await self.chunk(transfer["handle"], offset, part)
                offset += len(part)
            before = acked
            acked = await self.until(lambda: self._acked(transfer["handle"], before))  # noqa: B023 - awaited at once
        return acked

    def _acked(self, handle: int, above: int) -> int | None:
        offsets = [m["offset"] for m in self.received if m["type"] == "ack" and m["handle"] == handle]
        return max((offset for offset in offsets if offset > above), default=None)

    async def chunk(self, handle: int, offset: int, payload: bytes) -> None:
        await self.socket.send(CHUNK_HEADER.pack(handle, offset) + payload)

    async def finish(self, file: str, content: bytes) -> Message:
        return await self.command("finish", file=file, sha256=hashlib.sha256(content).hexdigest())

    async def upload(self, content: bytes, name: str = "mug.jpg", **fields: Any) -> str:
        """Upload one file until it is stored; return its id."""
        transfer = await self.announce(content, name, **fields)
        assert transfer["type"] == "transfer", transfer
        await self.send_bytes(transfer, content)
        answer = await self.finish(transfer["file"], content)
        assert answer["type"] == "ok", answer
        await self.state_of(transfer["file"], "stored")
        return str(transfer["file"])

    def file(self, file: str) -> Any:
        """Return the file in the newest snapshot, or None."""
        return next((f for f in self.snapshot.get("files", []) if f["file"] == file), None)

    async def state_of(self, file: str, state: str) -> Message:
        """Wait until the file is in `state` in a snapshot."""
        return await self.until(lambda: (f := self.file(file)) is not None and f["state"] == state and f)

    def names(self, variant: str | None = None) -> list[str]:
        """Return the names of a list in order."""
        listed = [f for f in self.snapshot["files"] if f["variant_temp_id"] == variant and f["state"] != "removed"]
        return [f["name"] for f in sorted(listed, key=lambda f: f["sequence"])]

"""Every frame of the corpus gets its response: chunks from the consumer, malformed frames from the server."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from consumers.protocol.framing import parse_chunk
from tests.support.corpus.frames import ACK, CHUNKS, ENDS, GOES_ON, NOTHING, SHORT, SIZE, Chunk
from tests.support.servers.server import Server
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient
from tests.support.wire.raw_socket import TEXT, RawSocket, text
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits


@pytest.mark.parametrize("chunk", [chunk for chunk in CHUNKS.values() if chunk.answer != Code.BAD_MESSAGE])
def test_a_chunk_is_parsed(chunk: Chunk):
    parsed = parse_chunk(chunk.frame(7), Limits())

    assert (parsed.offset, len(parsed.payload)) == (chunk.offset, chunk.length)


@pytest.mark.parametrize(
    "frame", [*SHORT, *(chunk.frame(7) for chunk in CHUNKS.values() if chunk.answer == Code.BAD_MESSAGE)], ids=len
)
def test_a_header_without_a_payload_and_a_long_payload_are_no_chunk(frame: bytes):
    with pytest.raises(Refusal):
        parse_chunk(frame, Limits())


async def test_a_chunk_gets_its_answer(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        wrong = {}
        for name, chunk in CHUNKS.items():
            transfer = await tab.announce(b"", size=SIZE)
            seen = len(tab.received)
            await tab.socket.send(chunk.frame(transfer["handle"]))
            await tab.send(type="ping")
            await tab.until(lambda: any(m["type"] == "pong" for m in tab.received[seen:]))  # noqa: B023 - awaited at once
            answers = [m.get("code", m["type"]) for m in tab.received[seen:] if m["type"] in ("ack", "error")]
            if answers != ([] if chunk.answer == NOTHING else [chunk.answer]):
                wrong[name] = answers

        assert wrong == {}
        assert {ACK, NOTHING} < {chunk.answer for chunk in CHUNKS.values()}


def after(server: Server, draft: str, cookies: str, frame: bytes) -> bool:
    """Whether a socket still responds after `frame`."""
    with RawSocket(server.url, draft, cookies) as line:
        line.push(frame + text(type="ping"))
        with suppress(OSError):
            while True:
                opcode, payload = line.next_frame()
                if opcode == TEXT and json.loads(payload)["type"] == "pong":
                    return True
        return False


@pytest.mark.parametrize("frame", GOES_ON.values(), ids=GOES_ON)
async def test_what_is_odd_and_allowed_keeps_the_socket(server: Server, staff: HttpClient, draft: str, frame: bytes):
    assert await asyncio.to_thread(after, server, draft, staff.cookie_header, frame)


@pytest.mark.parametrize("frame", ENDS.values(), ids=ENDS)
async def test_what_is_no_frame_ends_the_connection_and_nothing_else(
    server: Server, staff: HttpClient, draft: str, frame: bytes
):
    async with DraftClient(staff, draft) as other:
        await other.until(lambda: other.snapshot)

        assert not await asyncio.to_thread(after, server, draft, staff.cookie_header, frame)
        await other.send(type="ping")
        assert await other.until(lambda: any(m["type"] == "pong" for m in other.received))
    assert server.tracebacks() == []

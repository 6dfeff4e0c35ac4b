"""What the protocol refuses, how, and that the server stays up: hostile and mistaken clients."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
import zlib
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from consumers.protocol.messages import CLIENT_MESSAGES
from consumers.rate_limits import CONNECTS
from tests.support.corpus.json_texts import TEXTS
from tests.support.images.pictures import picture
from tests.support.run.counts import Counted
from tests.support.servers.server import Server
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient
from tests.support.wire.raw_socket import (
    BINARY,
    CONTINUATION,
    PING,
    TEXT,
    RawSocket,
    frame,
    resident_bytes,
    text,
)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_nonsense_is_answered_and_the_socket_stays(staff: HttpClient, draft: str, text: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        await tab.socket.send(text)
        error = await tab.until(lambda: next((m for m in tab.received if m["type"] == "error"), None))
        await tab.send(type="ping")

        assert error["code"] == "bad_message"
        assert await tab.until(lambda: any(m["type"] == "pong" for m in tab.received))


@pytest.mark.parametrize("name", ["unknown field", "NUL", "lone surrogate", "huge number"])
async def test_a_refusal_of_nonsense_names_its_command(staff: HttpClient, draft: str, name: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        await tab.socket.send(TEXTS[name].replace('{"type": "sync"', '{"type": "sync", "op": "a"'))
        error = await tab.until(lambda: next((m for m in tab.received if m["type"] == "error"), None))

        assert error["op"] == "a"


async def test_ten_bad_messages_in_a_row_close_with_4400(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        for _ in range(10):
            await tab.socket.send("nonsense")

        assert await tab.closed() == 4400


@pytest.mark.parametrize("frame", [b"", b"\0" * 12, b"\0" * 11, b"\0" * (262_144 + 13)], ids=len)
async def test_a_chunk_of_a_wrong_length_is_answered(staff: HttpClient, draft: str, frame: bytes):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        await tab.socket.send(frame)
        error = await tab.until(lambda: next((m for m in tab.received if m["type"] == "error"), None))

        assert error["code"] == "bad_message"


async def test_a_flood_of_chunks_closes_with_4413(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(b"", size=20_000_000)
        with suppress(ConnectionClosed):
            for number in range(2000):
                await tab.chunk(transfer["handle"], number * 262_144, b"\0" * 262_144)

        assert await tab.closed() == 4413
        assert tab.received[-1]["code"] == "too_much_data"


async def test_too_many_commands_close_with_4429(server: Server):
    hasty = HttpClient(server.url, afresh=True)
    async with DraftClient(hasty, hasty.new_draft()) as tab:
        with suppress(ConnectionClosed):
            for _ in range(2000):
                await tab.send(type="ping")

        assert await tab.closed() == 4429


async def test_connecting_in_a_loop_closes_with_4429_and_leaves_no_row(server: Server):
    hasty = HttpClient(server.url, afresh=True)
    draft = hasty.new_draft()

    async def connect() -> list[object]:
        """Return the code with which it was refused; None if it was admitted."""
        async with DraftClient(hasty, draft) as tab:
            first = await tab.until(lambda: tab.received and tab.received[0])
            if first["type"] == "snapshot":
                return []
            return [await tab.closed(), first["code"], first["message"], first["retryable"]]

    answers: list[list[object]] = []
    while not any(answers):
        assert len(answers) < 2 * CONNECTS.burst
        answers += await asyncio.gather(*(connect() for _ in range(20)))
    refused = [answer for answer in answers if answer]
    let_in = len(answers) - len(refused)
    rows = server.query("SELECT count(*) FROM draft_uploads_socket WHERE draft_id = ?", UUID(draft).hex)

    sentence = "Too many connections in a short time. Try again in a second."
    assert refused == [[4429, "too_fast", sentence, True]] * len(refused)
    assert rows == [(let_in,)]
    assert let_in >= CONNECTS.burst
    async with DraftClient(HttpClient(server.url, "sam"), draft) as other:
        assert await other.closed() == 4404


async def test_nobody_opens_a_socket_without_a_session(server: Server, staff: HttpClient, draft: str):
    stranger = HttpClient.__new__(HttpClient)
    stranger.url, stranger.tls, stranger._cookies = server.url, None, type(staff._cookies)()
    async with DraftClient(stranger, draft) as tab:
        assert await tab.closed() == 4401
        assert [m["code"] for m in tab.received] == ["signed_out"]


async def test_a_foreign_draft_and_a_missing_one_get_the_same_answer(server: Server, draft: str):
    answers = []
    sam = HttpClient(server.url, "sam")
    for wanted in (draft, str(uuid4())):
        async with DraftClient(sam, wanted) as tab:
            code = await tab.closed()
            answers.append((code, [m["code"] for m in tab.received]))

    assert answers == [(4404, ["draft_not_found"])] * 2


async def test_signing_out_closes_the_sockets_of_that_session(server: Server):
    leaver = HttpClient(server.url, afresh=True)
    async with DraftClient(leaver, leaver.new_draft()) as tab:
        await tab.until(lambda: tab.snapshot)
        leaver.post("/accounts/logout/", {})

        assert await tab.closed() == 4401


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "null",
        "http://user@{host}",
        "http://[",
        "{url}/x",
    ],
)
async def test_other_origins_are_refused_in_the_handshake(server: Server, staff: HttpClient, draft: str, origin: str):
    wrong = origin.format(host=server.url.removeprefix("http://"), url=server.url)
    with pytest.raises(InvalidStatus) as refused:
        async with DraftClient(staff, draft, origin=wrong):
            pass

    # autobahn itself answers 400 to an origin that is not a URL.
    assert refused.value.response.status_code in (400, 403)


async def test_a_client_without_the_subprotocol_is_told(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft, subprotocols=[]) as tab:
        assert await tab.closed() == 4400
        assert [m["code"] for m in tab.received] == ["bad_message"]


async def test_a_saved_draft_says_where_the_product_is(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        await tab.upload(picture())
        sku = uuid4().hex[:12]
        fields = {"title": "Mug", "sku": sku, "description": "", "price": "9.50", "without": ""}
        saved = staff.post(f"/marketing/product_create/?draft={draft}", fields)
        assert await tab.closed() == 4409
        ended = tab.received[-1]

        assert (ended["type"], ended["reason"], ended["by"]) == ("ended", "committed", "demo")
        assert saved.url.endswith(ended["url"])
    async with DraftClient(staff, draft) as late:
        assert await late.closed() == 4409
        assert late.received == [ended]


def test_the_wire_is_not_served_to_plain_http(server: Server, draft: str):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}/ws/uploads/{draft}/")  # noqa: S310 - our own server
    refused.value.close()

    assert refused.value.code == 404


def test_there_is_a_test_of_the_wire_for_every_message():
    """Guards against a message that nobody ever sends: each has a row in the protocol's table."""
    assert len({message.__struct_config__.tag for message in CLIENT_MESSAGES}) == len(CLIENT_MESSAGES) == 15


async def test_compression_is_not_negotiated_and_its_frames_are_refused(server: Server, staff: HttpClient, draft: str):
    def answer() -> bytes:
        with RawSocket(server.url, draft, staff.cookie_header, extensions="permessage-deflate") as line:
            bomb = zlib.compress(b"0" * 4_194_304)
            line.push(bytes([0xC1]) + frame(TEXT, bomb)[1:])
            with pytest.raises(OSError):  # noqa: PT011 - a reset or an end
                line.close_code()
            return line.head

    assert b"permessage-deflate" not in (await asyncio.to_thread(answer)).lower()


@pytest.mark.parametrize("size", [600_000, 1_048_577, 20_000_000])
async def test_a_message_beyond_every_limit_ends_the_connection_and_stays_outside(
    server: Server, staff: HttpClient, draft: str, size: int
):
    def pushed() -> int:
        before = resident_bytes(server.pid)
        with RawSocket(server.url, draft, staff.cookie_header) as line:
            line.push(frame(BINARY, b"\0" * size))
            with pytest.raises(OSError):  # noqa: PT011 - a reset or an end
                line.close_code()
            return resident_bytes(server.pid) - before

    assert await asyncio.to_thread(pushed) < 16_000_000


FLOODS = {
    "messages": text(type="ping") * 1_000,
    "empty messages": frame(TEXT) * 10_000,
    "pings": frame(PING) * 5_000,
    "fragments": frame(TEXT, final=False) + frame(CONTINUATION, final=False) * 10_000,
    "tiny chunks": frame(BINARY, b"\0" * 13) * 3_000,
}


@pytest.mark.parametrize("signed_in", [True, False], ids=["a user", "a stranger"])
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
async def test_who_floods_holds_up_nobody_and_fills_nothing(
    server: Server, flood: bytes, signed_in: bool, counted: Counted
):
    """Before there were limits, each of these blocked the server for 7 to 10 s; a second of it is enough to show."""
    seconds = counted(1, 3)
    other, hasty = HttpClient(server.url, "sam"), HttpClient(server.url, afresh=True)
    draft, cookies = hasty.new_draft(), hasty.cookie_header if signed_in else ""

    def flooded() -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError), RawSocket(server.url, draft, cookies, seconds=1) as line:
                while time.monotonic() < end and line.push(flood):
                    """Send until the server accepts no more."""
                line.reset()

    def slowest() -> float:
        end, worst = time.monotonic() + seconds, 0.0
        while (began := time.monotonic()) < end:
            other.get("/accounts/login/")
            worst = max(worst, time.monotonic() - began)
        return worst

    before = resident_bytes(server.pid)
    worst, _, _ = await asyncio.gather(
        asyncio.to_thread(slowest), asyncio.to_thread(flooded), asyncio.to_thread(flooded)
    )

    # A machine that runs other tests in parallel is slow by itself.
    assert worst < 2
    assert resident_bytes(server.pid) - before < 64_000_000


async def test_who_asks_and_does_not_read_fills_nothing(server: Server, staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        for number in range(100):
            added = await tab.announce(b"x" * 10, "n" * 110 + f"{number}.jpg")
            await tab.command("describe", file=added["file"], alt_text="\u0001" * 300)

        def asked() -> int:
            before = resident_bytes(server.pid)
            lines = [RawSocket(server.url, draft, staff.cookie_header, seconds=1) for _ in range(10)]
            for line in lines:
                line.push(text(type="sync") * 40)
            # Requested snapshots are rate-limited; nothing else has to wait.
            time.sleep(3)
            held = resident_bytes(server.pid) - before
            for line in lines:
                line.reset()
            return held

        assert await asyncio.to_thread(asked) < 64_000_000


async def test_the_largest_draft_is_shown_to_every_tab(server: Server):
    """It is larger than any message that may be received, and was sent to nobody."""
    # The floods above have used up what their user may send.
    staff = HttpClient(server.url, "sam")
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        for number in range(200):
            added = await tab.announce(b"x", "n" * 110 + f"{number}.jpg")
            await tab.command("describe", file=added["file"], alt_text="\u0001" * 300)
        rows = [{"temp_id": f"v{number}" + "x" * 55, "label": "\u0001" * 200} for number in range(100)]
        await tab.command("variants", revision=tab.snapshot["revision"], rows=rows)
        await tab.until(lambda: len(tab.snapshot["variants"]) == 100 and len(tab.snapshot["files"]) == 200)
        async with DraftClient(staff, draft) as late:
            await late.until(lambda: late.snapshot)
            size = len(json.dumps(late.snapshot))

    assert 524_288 < size < 1_000_000

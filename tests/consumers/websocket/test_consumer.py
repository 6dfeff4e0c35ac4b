"""The protocol with a real Daphne process: uploads, and two tabs on one draft."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from consumers import dispatch
from consumers.protocol import messages
from consumers.runtime import Runtime
from consumers.security import sessions
from consumers.websocket.consumer import DraftConsumer
from tests.support.images.pictures import photo, picture
from tests.support.servers.server import Server, wait_for
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient
from uploads.presence.sockets import STRAY_MS


def gone(server: Server, file: str) -> None:
    """Wait until nothing of the file is on disk any more."""
    wait_for(lambda: not [path for path in server.temp_objects() if file in path.name], what=f"{file} gone")


async def test_a_file_goes_from_the_first_byte_to_stored(server: Server, staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        file = await tab.upload(picture(), "front.jpg")
        stored = tab.file(file)

        assert stored is not None
        assert (stored["name"], stored["sequence"], stored["width"]) == ("front.jpg", 0, 320)
        assert staff.get(f"/uploads/file/{stored['file']}/").body == picture()


async def test_the_snapshot_tells_limits_and_grace(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        snapshot = await tab.until(lambda: tab.snapshot)

    assert snapshot["draft"]["id"] == draft
    assert (snapshot["draft"]["grace_seconds"], snapshot["draft"]["grace_seconds_lost"]) == (1, 3)
    assert snapshot["limits"]["max_file_bytes"] == 20_000_000
    assert snapshot["sockets"] == 1


async def test_each_chunk_is_acknowledged_with_its_end(staff: HttpClient, draft: str):
    content = photo(1)
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content)
        await tab.send_bytes(transfer, content)
        acks = [m["offset"] for m in tab.received if m["type"] == "ack"]

    size = tab.snapshot["limits"]["chunk_bytes"]
    assert acks == [*range(size, len(content), size), len(content)]


async def test_a_dropped_socket_resumes_at_the_servers_offset(staff: HttpClient, draft: str):
    content = photo(1)
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content, "back.jpg")
        acked = await tab.send_bytes(transfer, content, until=600_000)
        await tab.abort()
    async with DraftClient(staff, draft) as tab:
        again = await tab.command("resume", file=transfer["file"], size=len(content))
        assert again["offset"] == acked
        await tab.send_bytes(again, content)
        await tab.finish(transfer["file"], content)
        stored = await tab.state_of(transfer["file"], "stored")

        assert staff.get(f"/uploads/file/{stored['file']}/").body == content


async def test_add_and_finish_may_be_repeated(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        file = await tab.upload(picture())
        added = await tab.announce(picture(), file=file)
        finished = await tab.finish(file, picture())

        assert (added["type"], finished["type"]) == ("ok", "ok")
        assert len(tab.snapshot["files"]) == 1


async def test_a_wrong_hash_restarts_the_file(staff: HttpClient, draft: str):
    content = picture()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content)
        await tab.send_bytes(transfer, b"\0" * len(content))
        answer = await tab.finish(transfer["file"], content)
        assert (answer["code"], answer["retryable"]) == ("checksum_mismatch", True)
        again = await tab.command("resume", file=transfer["file"], size=len(content))
        assert again["offset"] == 0
        await tab.send_bytes(again, content)
        await tab.finish(transfer["file"], content)

        assert await tab.state_of(transfer["file"], "stored")


async def test_a_chunk_out_of_order_is_refused_and_can_be_resumed(staff: HttpClient, draft: str):
    content = picture()
    async with DraftClient(staff, draft) as tab:
        transfer = await tab.announce(content)
        await tab.chunk(transfer["handle"], 5, content[5:10])
        error = await tab.until(lambda: next((m for m in tab.received if m["type"] == "error"), None))
        assert (error["code"], error["file"]) == ("bad_chunk", transfer["file"])
        again = await tab.command("resume", file=transfer["file"], size=len(content))

        assert again["offset"] == 0


async def test_taking_over_a_transfer_tells_the_old_socket(staff: HttpClient, draft: str):
    content = photo(1)
    async with DraftClient(staff, draft) as old, DraftClient(staff, draft) as new:
        await old.until(lambda: old.snapshot)
        transfer = await old.announce(content)
        await old.send_bytes(transfer, content, until=500_000)
        again = await new.command("resume", file=transfer["file"], size=len(content))
        error = await old.until(lambda: next((m for m in old.received if m["type"] == "error"), None))

        assert (error["code"], error["file"]) == ("superseded", transfer["file"])
        assert again["offset"] >= 500_000


async def test_another_tab_sees_the_file_its_progress_and_its_end(staff: HttpClient, draft: str):
    content = photo(3)
    async with DraftClient(staff, draft) as sender, DraftClient(staff, draft) as watcher:
        await sender.until(lambda: sender.snapshot.get("sockets") == 2)
        file = await sender.upload(content, "wide.jpg")
        seen = await watcher.state_of(file, "stored")
        progress = [m["received"] for m in watcher.received if m["type"] == "progress"]

        assert seen["name"] == "wide.jpg"
        assert progress == sorted(progress)
        assert progress
        assert all(0 < received <= len(content) for received in progress)
        assert not [m for m in sender.received if m["type"] == "progress"]


async def test_reordering_shows_in_every_tab_and_is_applied_once(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as one, DraftClient(staff, draft) as two:
        files = [await one.upload(picture(seed=seed), f"{seed}.jpg") for seed in (1, 2, 3)]
        move = {"files": [files[2]], "file_type": "main_image", "variant_temp_id": None, "after": None}
        first = await one.command("reorder", op="move-1", **move)
        await two.until(lambda: two.names() == ["3.jpg", "1.jpg", "2.jpg"])
        await two.command("reorder", op="other", **{**move, "files": [files[0]]})
        repeated = await one.command("reorder", op="move-1", **move)
        await one.until(lambda: one.names() == ["1.jpg", "3.jpg", "2.jpg"])

        assert first == repeated


async def test_a_stored_file_waits_in_the_tray_and_comes_back_to_its_place(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as one, DraftClient(staff, draft) as two:
        files = [await one.upload(picture(seed=seed), f"{seed}.jpg") for seed in (1, 2, 3)]
        await one.command("remove", file=files[1])
        await two.state_of(files[1], "removed")
        assert two.names() == ["1.jpg", "3.jpg"]
        await two.command("restore", file=files[1])
        await one.state_of(files[1], "stored")

        assert one.names() == ["1.jpg", "2.jpg", "3.jpg"]


async def test_purging_a_file_of_the_tray_deletes_its_object(server: Server, staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        file = await tab.upload(picture())
        refused = await tab.command("purge", file=file)
        await tab.command("remove", file=file)
        await tab.command("purge", file=file)
        await tab.until(lambda: tab.snapshot["files"] == [])
        await asyncio.to_thread(gone, server, file)

        assert refused["code"] == "not_possible"


async def test_removing_an_unfinished_file_leaves_nothing(server: Server, staff: HttpClient, draft: str):
    content = photo(1)
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content)
        await tab.send_bytes(transfer, content, until=300_000)
        await tab.command("remove", file=transfer["file"])
        await tab.chunk(transfer["handle"], 300_000, content[300_000:400_000])
        await tab.command("note", fields={"title": ["x"]})
        await tab.until(lambda: tab.snapshot["files"] == [])
    await asyncio.to_thread(gone, server, transfer["file"])
    states = await asyncio.to_thread(wait_for, lambda: set(server.file_states(draft).values()) == {"deleted"})

    assert states


async def test_variant_rows_hold_files_and_give_them_back_when_they_go(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        snapshot = await tab.until(lambda: tab.snapshot)
        await tab.command("variants", revision=snapshot["revision"], rows=[{"temp_id": "red", "label": "Red"}])
        file = await tab.upload(picture(), "red.jpg", file_type="variant_image", variant_temp_id="red")
        await tab.until(lambda: tab.names("red") == ["red.jpg"])
        stale = await tab.command("variants", revision=snapshot["revision"], rows=[])
        assert stale["code"] == "stale"
        await tab.command("variants", revision=tab.snapshot["revision"], rows=[])
        await tab.until(lambda: tab.names() == ["red.jpg"])
        unknown = await tab.command(
            "reorder", files=[file], file_type="variant_image", variant_temp_id="no", after=None
        )

        assert unknown["code"] == "unknown_variant"


async def test_a_damaged_image_is_rejected_with_a_sentence(staff: HttpClient, draft: str):
    content = picture()[:-400]
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content, "half.jpg")
        await tab.send_bytes(transfer, content)
        await tab.finish(transfer["file"], content)
        rejected = await tab.state_of(transfer["file"], "rejected")

        assert rejected["error"]["code"] == "image_truncated"
        assert rejected["error"]["retryable"] is False
        assert "cut off" in rejected["error"]["message"]


async def test_the_limits_are_enforced_on_what_is_sent_not_on_what_is_said(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        too_large = await tab.announce(b"", "huge.jpg", size=20_000_001)
        empty = await tab.announce(b"", "none.jpg")
        text = await tab.announce(b"x", "notes.txt", content_type="text/plain")
        liar = await tab.announce(b"xx", "liar.jpg", size=1)
        await tab.chunk(liar["handle"], 0, b"xx")
        error = await tab.until(
            lambda: next((m for m in tab.received if m.get("file") == liar["file"] and m["type"] == "error"), None)
        )

    assert [m["code"] for m in (too_large, empty, text, error)] == [
        "too_large",
        "empty_file",
        "unsupported_type",
        "too_large",
    ]


async def test_the_text_of_a_page_of_the_version_before_is_kept(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        before = await tab.until(lambda: tab.snapshot)
        answer = await tab.command("note", fields={"title": ["Enamel mug"], "sku": ["MUG-1"]})
        too_long = await tab.command("note", fields={"title": ["x" * 70_000]})

        assert answer["revision"] > before["revision"]
        assert too_long["code"] == "text_too_large"
        assert "Enamel mug" in staff.get(f"/marketing/product_create/?draft={draft}").text


async def test_discard_ends_the_draft_in_every_tab_and_deletes_its_files(server: Server, staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as one, DraftClient(staff, draft) as two:
        file = await one.upload(picture(), "gone.jpg")
        await one.send(type="discard", op="bye")
        codes = await asyncio.gather(one.closed(), two.closed())

        assert list(codes) == [4409, 4409]
        assert [m for m in two.received if m["type"] == "ended"] == [
            {
                "type": "ended",
                "reason": "discarded",
                "by": "demo",
                "url": "",
                "names": ["gone.jpg"],
                "deleted": False,
            }
        ]
    await asyncio.to_thread(gone, server, file)


async def test_a_foreign_file_id_is_refused(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as mine:
        file = await mine.upload(picture())
    async with DraftClient(staff, staff.new_draft()) as other:
        taken = await other.announce(picture(), file=file)
        moved = await other.command("remove", file=file)

        assert (taken["code"], moved["code"]) == ("file_id_taken", "file_not_found")


async def test_twenty_files_announced_at_once_keep_their_order(staff: HttpClient, draft: str):
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        names = [f"{number:02}.png" for number in range(20)]
        for name in names:
            file = str(uuid4())
            await tab.send(type="add", op=name[:2], file=file, name=name, size=10, content_type="image/png")
        await tab.until(lambda: len(tab.snapshot["files"]) == 20)

        assert tab.names() == names


async def test_finish_without_a_hash_is_taken_outside_a_secure_context(staff: HttpClient, draft: str):
    content = picture()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content)
        await tab.send_bytes(transfer, content)
        await tab.command("finish", file=transfer["file"], sha256=None)
        stored = await tab.state_of(transfer["file"], "stored")

        assert (
            hashlib.sha256(staff.get(f"/uploads/file/{stored['file']}/").body).digest()
            == hashlib.sha256(content).digest()
        )


def test_a_handshake_that_is_broken_off_leaves_no_open_socket(server: Server, staff: HttpClient, draft: str):
    """At any moment: before the server read it, while it opens the draft, and after its response."""
    request = (
        f"GET /ws/uploads/{draft}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {staff.url}\r\n"
        f"Cookie: {staff.cookie_header}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {messages.SUBPROTOCOL}\r\n\r\n"
    )
    for number in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            if number % 2:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(request.encode())
            if number % 4 < 2:
                # The server accepts first and opens the draft afterwards: each of these has a row.
                assert line.recv(12) == b"HTTP/1.1 101"
            # The moment of the break is chosen, so there is nothing to wait for.
            time.sleep(number / 1000)

    counts = "SELECT count(closed_ms), count(*) FROM draft_uploads_socket WHERE draft_id = ?"

    def all_closed() -> bool:
        closed, made = server.query(counts, UUID(draft).hex)[0]
        return closed == made >= 10

    # The last resort, `close_strays`, ignores rows younger than this.
    wait_for(all_closed, STRAY_MS / 1000)


async def test_an_answer_that_comes_too_late_does_not_end_the_consumer():
    """It would end before its `websocket.disconnect`; only the session check would then find the socket's row."""

    async def closed(event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            raise ConnectionError("Attempt to send on a closed protocol")

    events: Iterator[dict[str, Any]] = iter(
        [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}]
    )

    async def receive() -> dict[str, Any]:
        return next(events)

    scope = {"type": "websocket", "url_route": {"kwargs": {"draft_id": uuid4()}}, "headers": [], "subprotocols": []}
    await DraftConsumer(Runtime())(scope, receive, closed)

    assert next(events, None) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("successor", "code"), [(uuid4(), 4408), (None, 4503)], ids=["declared dead", "stopping"])
async def test_a_tab_that_connects_while_its_process_ends_reconnects(
    monkeypatch: pytest.MonkeyPatch, successor: UUID | None, code: int
):
    """It was not connected yet when the others were closed: its draft would start its grace while a socket is open."""

    runtime = Runtime()
    runtime.heartbeat.process_id = uuid4()

    def connect(*_: object) -> dispatch.OpenedSocket:
        runtime.heartbeat.process_id = successor
        return dispatch.OpenedSocket(uuid4(), "7")

    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    codes: list[int] = []

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "websocket.close":
            codes.append(event["code"])
            events.put_nowait({"type": "websocket.disconnect", "code": event["code"]})

    monkeypatch.setattr(sessions, "session_users", dict.fromkeys)
    monkeypatch.setattr(dispatch, "connect", connect)
    events.put_nowait({"type": "websocket.connect"})
    route = {"kwargs": {"draft_id": uuid4()}}
    headers = [(b"cookie", b"sessionid=of-somebody")]
    scope = {"type": "websocket", "url_route": route, "headers": headers, "subprotocols": [messages.SUBPROTOCOL]}
    await asyncio.wait_for(DraftConsumer(runtime)(scope, events.get, send), 30)

    assert codes == [code]
    assert list(runtime.connections) == []

"""Servers that are killed, stopped and left: what is promised survives, what is abandoned is deleted."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from tests.support.images.pictures import photo, picture
from tests.support.servers.server import Server, wait_for
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient

GRACE = {"UPLOADS_GRACE_SECONDS": "2", "UPLOADS_GRACE_SECONDS_LOST": "4"}


async def test_a_killed_server_loses_no_acknowledged_byte(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff, content = HttpClient(server.url), photo(4)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        kept = await tab.upload(picture(), "kept.jpg")
        transfer = await tab.announce(content, "half.jpg")
        acked = await tab.send_bytes(transfer, content, until=2_000_000)
        server.kill()
        await tab.closed()
    server.start()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.names() == ["kept.jpg", "half.jpg"] if tab.snapshot else None)
        again = await tab.command("resume", file=transfer["file"], size=len(content))
        assert again["offset"] >= acked
        await tab.send_bytes(again, content)
        await tab.finish(transfer["file"], content)
        stored = await tab.state_of(transfer["file"], "stored")

        assert staff.get(f"/uploads/file/{stored['file']}/").body == content
        assert staff.get(f"/uploads/file/{kept}/").body == picture()


def test_over_http_any_process_goes_on_where_a_killed_one_stopped(make_server: Callable[..., Server]):
    """A process holds no state of a tab in limited mode: two share its draft here, and one dies in the middle."""
    one = make_server(**GRACE)
    two = Server(one.var, **GRACE).start()
    staff, content, file = HttpClient(one.url), photo(4), str(uuid4())
    tab = f"?tab={uuid4()}"
    draft = f"/uploads/draft/{staff.new_draft()}/"
    try:
        claim = {"file": file, "name": "half.jpg", "size": len(content), "content_type": "image/jpeg"}
        added = staff.send(draft + tab, json.dumps({"type": "add", "op": "1", **claim}).encode())
        (transfer,) = added.json()["messages"]
        offset = 0
        while offset < len(content):
            staff.url = two.url if offset > 1_000_000 or staff.url == one.url else one.url
            if offset > 2_000_000:
                one.kill()
            part = content[offset : offset + 524_288]
            answer = staff.send(f"{draft}{file}/{transfer['handle']}/{offset}/{tab}", part)
            (ack,) = answer.json()["messages"]
            assert ack["offset"] == offset + len(part)
            offset = ack["offset"]
        finish = {"type": "finish", "op": "2", "file": file, "sha256": hashlib.sha256(content).hexdigest()}
        assert staff.send(draft + tab, json.dumps(finish).encode()).json()["messages"][0]["type"] == "ok"

        def stored() -> list[bytes]:
            return [path.read_bytes() for path in two.temp_objects() if path.suffix == ".jpg"]

        wait_for(lambda: stored() == [content], 20, "the whole file is stored")
    finally:
        two.kill()


async def test_a_file_that_was_being_checked_when_the_server_died_is_stored_by_the_next(
    make_server: Callable[..., Server],
):
    server = make_server(**GRACE)
    staff, content = HttpClient(server.url), photo(8)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        transfer = await tab.announce(content)
        await tab.send_bytes(transfer, content)
        await tab.finish(transfer["file"], content)
        server.kill()
        await tab.closed()
    server.start()
    async with DraftClient(staff, draft) as tab:
        # The job of the dead process becomes free when its lease has lapsed.
        await tab.until(lambda: (f := tab.file(transfer["file"])) and f["state"] == "stored", seconds=30)

        assert staff.get(f"/uploads/file/{transfer['file']}/").body == content


async def test_a_stopping_server_tells_the_tabs_to_reconnect(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        status = await asyncio.to_thread(server.terminate)

        assert await tab.closed() == 4503
        assert tab.received[-1]["code"] == "restarting"
        assert status == 0
    assert server.draft_state(draft) == "grace"
    assert any('"cause": "restart"' in line for line in server.events("grace_started"))


def test_a_stopping_server_answers_what_it_was_asked_and_ends(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    request = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    database = sqlite3.connect(server.var / "erp.sqlite3", isolation_level=None)
    with contextlib.closing(request), contextlib.closing(database):
        # Opening a draft has to wait for the single lock.
        database.execute("BEGIN IMMEDIATE")
        request.request("GET", "/marketing/product_create/?new=1", headers={"Cookie": staff.cookie_header})
        os.kill(server.pid, signal.SIGTERM)
        wait_for(lambda: refuses_connections(server), what="the server stops to listen")
        database.execute("ROLLBACK")

        assert request.getresponse().status == 302
    assert server.terminate() == 0


def refuses_connections(server: Server) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


async def test_a_closed_tab_costs_the_files_after_n_and_not_before(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.upload(picture())
    closed = time.monotonic()
    await asyncio.to_thread(wait_for, lambda: server.temp_objects() == [], 10)
    took = time.monotonic() - closed

    assert 2 <= took < 4, took
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired")
    assert len(server.events("draft_expired")) == 1
    temp = server.var / "files" / "media" / "temp_product_files"
    assert list(temp.iterdir()) == []


async def test_a_lost_connection_has_the_longer_grace(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.upload(picture())
        await tab.abort()
    lost = time.monotonic()
    await asyncio.to_thread(wait_for, lambda: server.temp_objects() == [], 12)

    assert time.monotonic() - lost >= 4


async def test_coming_back_within_n_keeps_everything(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.upload(picture(), "kept.jpg")
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot and tab.names() == ["kept.jpg"])
        # Longer than N: an open draft has no deadline.
        back_at = server.service_time()
        await asyncio.to_thread(wait_for, lambda: server.service_time() > back_at + 3000)

        assert server.draft_state(draft) == "open"
        assert len(server.temp_images()) == 1
    assert len(server.events("draft_returned")) == 1


async def test_time_in_which_no_server_runs_does_not_count(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.upload(picture())
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "grace")
    server.kill()
    stopped_at = server.service_time()
    down = time.monotonic()
    await asyncio.to_thread(wait_for, lambda: time.monotonic() - down > 5)
    server.start()

    assert server.service_time() - stopped_at < 4000
    assert len(server.temp_images()) == 1
    await asyncio.to_thread(wait_for, lambda: server.draft_state(draft) == "expired", 10)


async def test_a_server_paused_beyond_its_lease_drops_its_sockets(make_server: Callable[..., Server]):
    first = make_server(UPLOADS_GRACE_SECONDS="60")
    staff = HttpClient(first.url)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        await asyncio.to_thread(pause_between_transactions, first)
        second = Server(first.var, UPLOADS_GRACE_SECONDS="60")
        try:
            await asyncio.to_thread(second.start)
            await asyncio.to_thread(wait_for, lambda: first.draft_state(draft) == "grace", 40)
            # The line is printed after the commit.
            await asyncio.to_thread(wait_for, lambda: second.events("grace_started"))
            assert any('"cause": "lapsed"' in line for line in second.events("grace_started"))
        finally:
            os.kill(first.pid, signal.SIGCONT)
            await asyncio.to_thread(second.terminate)

        assert await tab.closed() == 4408


def test_no_process_of_a_killed_server_stays_behind(make_server: Callable[..., Server]):
    server = make_server(**GRACE)
    staff = HttpClient(server.url)
    staff.post(
        "/marketing/api/temp_upload_file/",
        {"draft": staff.new_draft(), "file_type": "main_image", "sequence": "0"},
        ("mug.jpg", picture(), "image/jpeg"),
    )
    children = _children(server.pid)
    assert children
    server.kill()

    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children), what="children gone")


def pause_between_transactions(server: Server) -> None:
    """Send SIGSTOP; a process stopped in the middle of a transaction would hold SQLite's single lock."""

    def paused() -> bool:
        os.kill(server.pid, signal.SIGSTOP)
        # The signal is asynchronous, and every thread stops in its own time.
        wait_for(lambda: _states(server.pid) == {"T"})
        with contextlib.closing(sqlite3.connect(server.var / "erp.sqlite3", timeout=0)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(server.pid, signal.SIGCONT)
                return False
        return True

    wait_for(paused)


def _states(pid: int) -> set[str]:
    """Return the states of all threads, as the kernel reports them: `T` is stopped."""
    stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return {stat.rpartition(")")[2].split()[0] for stat in stats}


def _children(pid: int) -> list[int]:
    # By every process's parent, because the kernel's own list of a thread's children may be incomplete while threads
    # start and end.
    children = []
    for status in Path("/proc").glob("[0-9]*/status"):
        # A process may end while it is being inspected.
        with contextlib.suppress(OSError):
            if f"PPid:\t{pid}\n" in status.read_text():
                children.append(int(status.parent.name))
    return children

"""A scripted staff member on a site under faults: uploads, reorders, ends its draft, and reconnects until it is done.

Like the browser, it repeats everything until it gets a response. Everything it hears is recorded in its `History`.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from copy import copy
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.exceptions import WebSocketException

from tests.soak.history import End, FileHistory, History
from tests.soak.watch import Watch
from tests.support.images.pictures import photo, picture
from tests.support.wire.draft_client import DraftClient, SocketEnded
from tests.support.wire.http_client import Answer, HttpClient

BROKEN = (OSError, HTTPException, WebSocketException, SocketEnded, TimeoutError)
PAUSE_CAP = 1.0
PATIENCE = 3.5
"""Seconds after which a silent server counts as gone."""
HTTP_PATIENCE = 10.0
"""Longer, because giving up on a response opens drafts that nobody uses."""
TRIES = 400
AGAIN = {"server_error", "superseded", "bad_chunk", "restarting", "lease_lost", "checksum_mismatch", "storage_full"}
CREATE = "/marketing/product_create/"


class Expired(Exception):
    """The draft is gone."""


class Client:
    """One draft of `staff`, on whichever of `urls` responds. Ends with a complete `history`."""

    def __init__(
        self,
        urls: Callable[[], Sequence[str]],
        staff: HttpClient,
        watch: Watch,
        chance: random.Random,
        note: Callable[[str], None],
    ) -> None:
        self._note = note
        self._urls, self._staff, self._watch, self._chance = urls, staff, watch, chance
        self._ops = 0
        self._tab: DraftClient | None = None
        self._pinger: asyncio.Task[None] | None = None
        self.history = History("")
        self.heard_at = 0.0
        """When it last knew that its socket was alive, or ended its draft, on the monotonic clock."""
        self.leave = asyncio.Event()
        self.done = False

    async def live(self, files: int, end: End) -> None:
        """Open a draft, upload `files` images, reorder them, and end it as given. `STAY` waits for `leave`."""
        try:
            self.history.draft = await self._open_draft()
            self._note(f"opened draft {self.history.draft}, to end with: {end}")
            for number in range(files):
                await self._reach(self._sending(self._new_file(number)))
            if files > 1 and self._chance.random() < 0.5:
                await self._reorder()
            if files > 2 and self._chance.random() < 0.3:
                await self._remove()
            if self._chance.random() < 0.3:
                await self._go_and_come_back()
            await self._finish(end)
            self.history.end = end
            self._note(f"ended: {end}")
        except Expired:
            self.history.end = End.FOUND_EXPIRED
            self._note("found its draft expired")
        except Exception as error:
            self.history.complaints.append(f"{type(error).__name__}: {error}")
            self._note(f"complained: {error}")
            raise
        finally:
            await self._drop()
            self.done = True

    # --- The socket

    async def _reach(self, step: Callable[[DraftClient], Awaitable[None]]) -> None:
        """Do `step` on a socket, using as many sockets as it takes."""
        for _ in range(TRIES):
            try:
                await step(await self._socket())
            except BROKEN as error:
                self.history.losses += 1
                self._note(f"lost its socket: {type(error).__name__} {error}")
                await self._drop()
                continue
            self._still_here()
            return
        raise AssertionError("never got through")

    async def _socket(self) -> DraftClient:
        if self._tab is not None and self._tab.close_code is None:
            return self._tab
        await self._drop()
        pause = 0.25
        while True:
            url = self._chance.choice(self._urls())
            tab = DraftClient(self._at(url), self.history.draft)
            try:
                async with asyncio.timeout(PATIENCE):
                    await tab.__aenter__()
                    await tab.until(lambda: tab.snapshot)  # noqa: B023 - awaited at once
            except BROKEN:
                await self._judge_refusal(tab)
                await asyncio.sleep(self._chance.uniform(0, pause))
                pause = min(PAUSE_CAP, pause * 2)
                continue
            self._tab, self._pinger = tab, asyncio.create_task(self._ping(tab))
            self._note(f"has a socket at {url}")
            self._still_here()
            return tab

    async def _judge_refusal(self, tab: DraftClient) -> None:
        if hasattr(tab, "socket"):
            with suppress(*BROKEN):
                await tab.abort()
        if any(message["type"] == "ended" for message in tab.received):
            self.history.back_ms = self._watch.s_ms
            raise Expired
        if tab.close_code in (4400, 4401, 4403, 4404, 4413, 4429):
            raise AssertionError(f"refused with {tab.close_code}: {tab.received[-1:]}")

    async def _ping(self, tab: DraftClient) -> None:
        """A server that hangs, or a network that swallows everything, looks like silence."""
        with suppress(*BROKEN):
            while True:
                seen = len(tab.received)
                await tab.send(type="ping")
                await tab.until(lambda: len(tab.received) > seen, PATIENCE)  # noqa: B023 - awaited at once
                self._still_here()
                await asyncio.sleep(1)
        with suppress(*BROKEN):
            await tab.abort()

    def _still_here(self) -> None:
        self.history.left_ms = self._watch.s_ms
        self.heard_at = time.monotonic()

    async def _drop(self) -> None:
        tab, self._tab = self._tab, None
        if self._pinger is not None:
            self._pinger.cancel()
        if tab is not None:
            with suppress(*BROKEN):
                await tab.abort()

    def _at(self, url: str) -> HttpClient:
        staff = copy(self._staff)
        staff.url, staff.patience = url, HTTP_PATIENCE
        return staff

    async def _command(self, tab: DraftClient, type_: str, **fields: Any) -> dict[str, Any]:
        answer = await tab.command(type_, **fields)
        if answer["type"] == "error":
            if answer["code"] in AGAIN:
                await asyncio.sleep(self._chance.uniform(0.1, 0.5))
                raise SocketEnded(f"to be tried again: {answer}")
            if answer["code"] == "draft_expired":
                raise Expired
            raise AssertionError(f"{type_} was answered {answer}")
        return answer

    def _op(self) -> str:
        self._ops += 1
        return f"op{self._ops}"

    # --- Steps. Each may be repeated on another socket, with the same ids.

    def _new_file(self, number: int) -> tuple[FileHistory, bytes]:
        seed = self._chance.randrange(12)
        content = photo(0.7, seed) if self._chance.random() < 0.3 else picture(seed=seed)
        name = f"{number}.jpg"
        file = FileHistory(str(uuid4()), name, hashlib.sha256(content).hexdigest(), len(content))
        self.history.files.append(file)
        return file, content

    def _sending(self, new: tuple[FileHistory, bytes]) -> Callable[[DraftClient], Awaitable[None]]:
        file, content = new

        async def send(tab: DraftClient) -> None:
            fields = {"file": file.id, "size": file.size, "content_type": "image/jpeg", "file_type": "main_image"}
            answer = await self._command(tab, "add", op=self._op(), name=file.name, **fields)
            if file.id not in self.history.order:
                self.history.order.append(file.id)
            if answer["type"] == "transfer":
                await self._send_bytes(tab, file, content, answer)
            await self._until_stored(tab, file)

        return send

    async def _send_bytes(self, tab: DraftClient, file: FileHistory, content: bytes, transfer: dict[str, Any]) -> None:
        handle = transfer["handle"]
        file.heard.append(("transfer", handle, transfer["offset"]))
        try:
            await tab.send_bytes(transfer, content)
        finally:
            acks = [m["offset"] for m in tab.received if m["type"] == "ack" and m["handle"] == handle]
            file.heard += [("ack", handle, offset) for offset in acks]
        await self._command(tab, "finish", file=file.id, sha256=file.sha256)

    async def _until_stored(self, tab: DraftClient, file: FileHistory) -> None:
        while True:
            with suppress(TimeoutError):
                shown = await tab.until(lambda: tab.file(file.id), 2)
                if shown["state"] == "stored":
                    break
                if shown["state"] == "rejected":
                    raise AssertionError(f"a good image was rejected: {shown}")
                await tab.until(lambda: tab.file(file.id)["state"] not in ("receiving", "checking", "storing"), 2)
                continue
            # A layer may lose the message, and the session check is slow for a test.
            await tab.send(type="sync")
        file.stored = True
        self._note(f"was told that {file.name}, file {file.id}, is stored")

    async def _reorder(self) -> None:
        moved, op = self._chance.choice(self.history.order), self._op()
        rest = [file for file in self.history.order if file != moved]
        at = self._chance.randrange(len(rest) + 1)
        after = rest[at - 1] if at else None

        async def reorder(tab: DraftClient) -> None:
            place = {"file_type": "main_image", "variant_temp_id": None, "after": after}
            await self._command(tab, "reorder", op=op, files=[moved], **place)

        await self._reach(reorder)
        self.history.order = [*rest[:at], moved, *rest[at:]]
        self._note(f"moved file {moved}")

    async def _remove(self) -> None:
        gone = self._chance.choice(self.history.files)

        async def remove(tab: DraftClient) -> None:
            await self._command(tab, "remove", op=self._op(), file=gone.id)

        await self._reach(remove)
        gone.removed = True
        self._note(f"removed file {gone.id}")
        self.history.order.remove(gone.id)

    async def _go_and_come_back(self) -> None:
        tab = await self._socket()
        self._still_here()
        await (_close(tab) if self._chance.random() < 0.5 else tab.abort())
        await asyncio.sleep(self._chance.uniform(0, 1))
        await self._socket()

    # --- Ends

    async def _finish(self, end: End) -> None:
        match end:
            case End.COMMIT:
                await self._save()
            case End.DISCARD:
                await self._discard()
            case End.STAY:
                await self._stay()
            case End.LEAVE | End.VANISH:
                tab = await self._socket()
                self._still_here()
                with suppress(*BROKEN):
                    await (_close(tab) if end is End.LEAVE else tab.abort())

    async def _discard(self) -> None:
        with suppress(Expired):
            await self._reach(lambda tab: self._until_discarded(tab))

    async def _until_discarded(self, tab: DraftClient) -> None:
        await self._command(tab, "discard", op=self._op())

    async def _stay(self) -> None:
        self.history.end = End.STAY
        while not self.leave.is_set():
            await self._reach(lambda tab: tab.send(type="ping"))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.leave.wait(), 0.5)
        # What is compared with the facts must be held by a live socket.
        await self._reach(lambda tab: self._command_pong(tab))

    async def _command_pong(self, tab: DraftClient) -> None:
        seen = len(tab.received)
        await tab.send(type="ping")
        await tab.until(lambda: len(tab.received) > seen, PATIENCE)

    async def _save(self) -> None:
        """Submit *Create Product* until there is a response; sometimes twice at once, on two servers."""
        clicks = 2 if self._chance.random() < 0.3 else 1
        fields = {"title": "Mug", "sku": self.history.draft[:20], "price": "1.00", "description": ""}
        answers = await asyncio.gather(*(self._until_saved(fields) for _ in range(clicks)))
        self.history.products += [urlsplit(answer.url).path for answer in answers]
        self._note(f"saved as {self.history.products}")

    async def _until_saved(self, fields: dict[str, str]) -> Answer:
        for _ in range(TRIES):
            answer = await self._http(lambda staff: staff.post(f"{CREATE}?draft={self.history.draft}", fields))
            if answer.status == 200 and urlsplit(answer.url).path != CREATE:
                return answer
            if answer.status == 410:
                self.history.back_ms = self._watch.s_ms
                raise Expired
            assert answer.status >= 500, f"a save was answered {answer.status}: {answer.text[:500]}"
            await asyncio.sleep(self._chance.uniform(0, PAUSE_CAP))
        raise AssertionError("never saved")

    async def _open_draft(self) -> str:
        for _ in range(TRIES):
            answer = await self._http(lambda staff: staff.get(f"{CREATE}?new=1"))
            if named := parse_qs(urlsplit(answer.url).query).get("draft"):
                self._still_here()
                return named[0]
            await asyncio.sleep(self._chance.uniform(0, PAUSE_CAP))
        raise AssertionError(f"no draft, but {answer.status}: {answer.text[:300]}")

    async def _http(self, request: Callable[[HttpClient], Answer]) -> Answer:
        """Make one request, on another server if this one breaks."""
        for _ in range(TRIES):
            staff = self._at(self._chance.choice(self._urls()))
            with suppress(*BROKEN):
                return await asyncio.wait_for(asyncio.to_thread(request, staff), 60)
            await asyncio.sleep(self._chance.uniform(0, PAUSE_CAP))
        raise AssertionError("no server answered")


async def _close(tab: DraftClient) -> None:
    """Close cleanly; if nobody responds, the tab is gone all the same."""
    try:
        await asyncio.wait_for(tab.close(), PATIENCE)
    except TimeoutError:
        await tab.abort()

"""Flood: a client that pushes 500 MB and ignores acknowledgements. How much does it cost, and how does it end?

Two variants, each on a new socket: `announced` sends twenty-five files of 20 MB, all of them valid, as fast as the
socket accepts them; `unasked` keeps sending one file of 20 MB after its end. The client reads what it receives, but
only the end of the connection stops it.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from uuid import uuid4

from benchmarks import machine
from benchmarks.bars import MEGABYTE, Bar, all_held, megabytes
from benchmarks.frames import Frame, chunk_frames, push
from benchmarks.wire import Closed, Refused, Wire
from tests.support.servers.server import Server
from tests.support.wire.http_client import HttpClient

FLOOD_BYTES = 500 * MEGABYTE
FILE_BYTES = 20 * MEGABYTE
MOST_GROWTH = 16 * MEGABYTE
TOO_MUCH_DATA = 4413


def run() -> bool:
    """Run both floods, print the results, and return whether the bars held."""
    print(machine.description())
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "var")
        try:
            with machine.on(machine.SERVER_CORES):
                server.start()
            with machine.on(machine.CLIENT_CORES):
                staff = HttpClient(server.url)
                behave(staff)
                return all_held(
                    [*flood(server, staff, "announced", files=25), *flood(server, staff, "unasked", files=1)]
                )
        finally:
            server.terminate()


def behave(staff: HttpClient) -> None:
    """Send one file by the rules, because what a server allocates once is not growth."""
    with Wire(staff, staff.new_draft()) as wire:
        push(wire, announced_frames(wire, 1, FILE_BYTES), wire.window_bytes)


def flood(server: Server, staff: HttpClient, how: str, *, files: int) -> list[Bar]:
    """Push 500 MB into `files` announced files; return what happened."""
    with Wire(staff, staff.new_draft()) as wire:
        frames = announced_frames(wire, files, FLOOD_BYTES // files)
        machine.forget_peak(server.pid)
        before = machine.resident_bytes(server.pid)
        end = pour(wire, frames)
        growth = machine.peak_bytes(server.pid) - before
    print(f"{how}: {end}; {megabytes(wire.acknowledged_bytes)} acknowledged; the server grew by {megabytes(growth)}")
    return [
        Bar(f"{how}: the server grows by less than {megabytes(MOST_GROWTH)}", megabytes(growth), growth < MOST_GROWTH),
        Bar(f"{how}: closed with {TOO_MUCH_DATA}", str(end), end.code == TOO_MUCH_DATA),
    ]


def announced_frames(wire: Wire, files: int, bytes_each: int) -> list[Frame]:
    """Announce `files` files of 20 MB; return frames that carry `bytes_each` into each, whether announced or not."""
    content = memoryview(bytes(bytes_each))
    return [frame for _ in range(files) for frame in chunk_frames(announce(wire), content, wire.chunk_bytes)]


def announce(wire: Wire) -> int:
    """Announce a file of 20 MB; return the handle of its transfer."""
    transfer = wire.command("add", file=str(uuid4()), name="flood.jpg", size=FILE_BYTES, content_type="image/jpeg")
    return int(transfer["handle"])


class End(NamedTuple):
    """The server's reaction to the flood."""

    code: int | None
    """The close code; None if it accepted everything."""
    sent_bytes: int
    """Bytes sent by the client until then."""

    def __str__(self) -> str:
        return (
            f"{'taken whole' if self.code is None else f'closed with {self.code}'} after {megabytes(self.sent_bytes)}"
        )


def pour(wire: Wire, frames: list[Frame]) -> End:
    """Send `frames` until the connection is gone."""
    codes: list[int] = []
    reader = Thread(target=listen, args=(wire, codes))
    reader.start()
    sent = 0
    with suppress(ConnectionError):
        for frame in frames:
            wire.send(frame.wire)
            sent += 0 if codes else len(frame.wire)
        wire.ping()
    reader.join()
    return End(codes[0] if codes else None, sent)


def listen(wire: Wire, codes: list[int]) -> None:
    """Read until the server has handled everything or closes; append its close code to `codes`."""
    kind = ""
    while kind != "pong" and not codes:
        try:
            kind = wire.receive()["type"]
        except Refused:
            continue
        except Closed as closed:
            codes.append(closed.code)

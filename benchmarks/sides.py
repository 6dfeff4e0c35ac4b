"""The servers that `benchmarks.ingest` compares, the client of each, and the timing of a round."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple
from uuid import uuid4

from benchmarks import machine
from benchmarks.bars import MEGABYTE
from benchmarks.frames import Frame, chunk_frames, push
from benchmarks.raw_sink import RawLink
from benchmarks.wire import Wire
from tests.support.servers.server import ROOT, Server, wait_for
from tests.support.wire.http_client import HttpClient

CHUNK_BYTES = 262_144
WINDOW_BYTES = 4 * CHUNK_BYTES
FILES = [os.urandom(chunks * CHUNK_BYTES) for chunks in (67, 67, 66)]
"""50 MiB per client, as files the product accepts (at most 20 MB). Random, so that no layer can compress it."""
CLIENT_BYTES = sum(map(len, FILES))
SHA256 = [hashlib.sha256(file).hexdigest() for file in FILES]
RAW_FRAMES = [
    Frame(file[at : at + CHUNK_BYTES], CHUNK_BYTES) for file in FILES for at in range(0, len(file), CHUNK_BYTES)
]


class Measured(NamedTuple):
    """One round of one side."""

    bytes: int
    wall_seconds: float
    cpu_seconds: float
    """CPU seconds of the server's process tree."""

    @property
    def megabytes_per_second(self) -> float:
        """Bytes over all clients."""
        return self.bytes / MEGABYTE / self.wall_seconds


Client = Callable[[Barrier, Barrier], None]
"""A client that prepares, waits for all, sends, waits for all, and cleans up."""


class Side(NamedTuple):
    """A running server, and how to use it."""

    pid: int
    client: Client
    settle: Callable[[], object]
    """Return when the server is idle."""


def measure(server_pid: int, clients: list[Client]) -> Measured:
    """Run the clients in parallel; return the time from when all are ready until the last one has sent everything."""
    cpu, wall = [0.0, 0.0], [0.0, 0.0]

    def start() -> None:
        cpu[0], wall[0] = machine.cpu_seconds(server_pid), time.perf_counter()

    def stop() -> None:
        wall[1], cpu[1] = time.perf_counter(), machine.cpu_seconds(server_pid)

    ready, done = Barrier(len(clients), start, timeout=60), Barrier(len(clients), stop, timeout=60)

    def run(client: Client) -> None:
        try:
            client(ready, done)
        except BaseException:
            ready.abort()
            done.abort()
            raise

    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(run, clients))
    return Measured(CLIENT_BYTES * len(clients), wall[1] - wall[0], cpu[1] - cpu[0])


def raw_client(port: int, ready: Barrier, done: Barrier) -> None:
    """Send 50 MiB to the sink."""
    link = RawLink(port, CHUNK_BYTES)
    ready.wait()
    push(link, RAW_FRAMES, WINDOW_BYTES)
    done.wait()
    link.close()


def product_client(staff: HttpClient, ready: Barrier, done: Barrier) -> None:
    """Send 50 MiB to a new draft as a browser does, then discard the draft."""
    with Wire(staff, staff.new_draft()) as wire:
        if (wire.chunk_bytes, wire.window_bytes) != (CHUNK_BYTES, WINDOW_BYTES):
            raise RuntimeError(f"the sinks keep another window than the server: {wire.snapshot['limits']}")
        transfers = [add(wire, file) for file in FILES]
        frames = [frame for index, transfer in enumerate(transfers) for frame in masked_file(index, transfer["handle"])]
        ready.wait()
        push(wire, frames, wire.window_bytes)
        done.wait()
        for transfer, sha256 in zip(transfers, SHA256, strict=True):
            wire.command("finish", file=transfer["file"], sha256=sha256)
        # Random bytes are not an image. Their refusal shows that the server is done with them.
        wire.until(lambda: {file["state"] for file in wire.snapshot["files"]} == {"rejected"})
        wire.command("discard")


def add(wire: Wire, content: bytes) -> dict[str, Any]:
    """Announce a file; return its `transfer`."""
    return wire.command("add", file=str(uuid4()), name="noise.jpg", size=len(content), content_type="image/jpeg")


@cache
def masked_file(index: int, handle: int) -> list[Frame]:
    """Return the frames of the file `index`, masked once for all clients and rounds.

    That is possible because handles count from 1 on every socket.
    """
    return chunk_frames(handle, memoryview(FILES[index]), CHUNK_BYTES)


@contextmanager
def raw_sink(directory: Path, *hash_name: str) -> Iterator[Side]:
    """A running sink, which optionally hashes."""
    command = [sys.executable, "-m", "benchmarks.raw_sink", str(directory), str(CHUNK_BYTES), *hash_name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            yield Side(process.pid, partial(raw_client, int(process.stdout.readline())), lambda: None)
        finally:
            process.terminate()


@contextmanager
def product(directory: Path) -> Iterator[Side]:
    """A running server with a signed-in staff member."""
    server = Server(directory / "var").start()
    try:
        jobs = partial(server.query, "SELECT 1 FROM draft_uploads_storejob LIMIT 1")
        settle = partial(wait_for, lambda: not jobs(), 60, "store jobs done")
        yield Side(server.pid, partial(product_client, HttpClient(server.url)), settle)
    finally:
        server.terminate()

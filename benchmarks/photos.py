"""Photos: twenty of 3 to 8 MB dropped at once, over one socket, three at a time, until every one is stored.

Everything is real: the images are JPEGs that have to be decoded, and the store writes them to disk.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from itertools import chain, zip_longest
from pathlib import Path
from uuid import uuid4

from benchmarks import machine
from benchmarks.bars import MEGABYTE, Bar, all_held, megabytes
from benchmarks.frames import Frame, chunk_frames, push
from benchmarks.wire import Wire
from tests.support.images.pictures import photo
from tests.support.servers.server import Server
from tests.support.wire.http_client import HttpClient

PHOTOS = 20
SMALLEST, LARGEST = 3.0, 8.0
"""Sizes in megabytes: the smallest and the largest; the others are spaced evenly between them."""
MOST_GROWTH = 150 * MEGABYTE
"""Growth of the server process. The image workers are reported in a figure without a bar."""


def run() -> bool:
    """Create the photos, send them, print the results, and return whether the bar held."""
    print(f"{machine.description()}\nMaking {PHOTOS} photos ...", flush=True)
    step = (LARGEST - SMALLEST) / (PHOTOS - 1)
    photos = [photo(SMALLEST + index * step, seed=index) for index in range(PHOTOS)]
    with tempfile.TemporaryDirectory() as directory:
        server = Server(Path(directory) / "var").start()
        try:
            bars = measure(server, photos)
        finally:
            server.terminate()
    return all_held(bars)


def measure(server: Server, photos: list[bytes]) -> list[Bar]:
    """Send the photos to `server`, which has received none before, and print the cost."""
    staff = HttpClient(server.url)
    with Wire(staff, staff.new_draft()) as wire:
        machine.forget_peak(server.pid)
        before = machine.resident_bytes(server.pid)
        began = time.perf_counter()
        send(wire, photos)
        received = time.perf_counter()
        wire.until(lambda: all(file["state"] in ("stored", "rejected") for file in wire.snapshot["files"]))
        ended = time.perf_counter()
        stored = sum(file["state"] == "stored" for file in wire.snapshot["files"])
        growth = machine.peak_bytes(server.pid) - before
        everyone = sum(machine.peak_bytes(pid) for pid in machine.tree(server.pid))
        wire.command("discard")
    print(f"{len(photos)} photos, {megabytes(sum(map(len, photos)))}")
    print(f"received after {received - began:.1f} s, all stored after {ended - began:.1f} s")
    print(f"server process {megabytes(before)} + {megabytes(growth)}; with its workers at most {megabytes(everyone)}")
    return [
        Bar("all photos are stored", f"{stored} of {len(photos)}", stored == len(photos)),
        Bar(f"the server process grows by less than {megabytes(MOST_GROWTH)}", megabytes(growth), growth < MOST_GROWTH),
    ]


def send(wire: Wire, photos: list[bytes]) -> None:
    """Send as many photos at a time as the server allows, interleaving their chunks."""
    at_once = wire.snapshot["limits"]["parallel_files"]
    for first in range(0, len(photos), at_once):
        batch = photos[first : first + at_once]
        files = [str(uuid4()) for _ in batch]
        transfers = [
            wire.command("add", file=file, name=f"{file[:8]}.jpg", size=len(content), content_type="image/jpeg")
            for file, content in zip(files, batch, strict=True)
        ]
        frames = [
            chunk_frames(transfer["handle"], memoryview(content), wire.chunk_bytes)
            for transfer, content in zip(transfers, batch, strict=True)
        ]
        push(wire, in_turns(frames), wire.window_bytes)
        for file, content in zip(files, batch, strict=True):
            wire.command("finish", file=file, sha256=hashlib.sha256(content).hexdigest())


def in_turns(frames: list[list[Frame]]) -> list[Frame]:
    """Yield the first frame of each file, then the second of each, and so on."""
    return [frame for frame in chain.from_iterable(zip_longest(*frames)) if frame is not None]

"""What an attack costs everybody else in time, and the server in memory.

Each attack runs for some seconds against a fresh server, while a staff member alternately opens a page and sends
commands over a socket. The bars: page and socket stay within twice their quiet p95 or 100 ms; the server grows by at
most 64 MB, most of which it releases afterwards; no process's lease lapses.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from uuid import uuid4

from benchmarks import machine
from benchmarks.bars import MEGABYTE, Bar, all_held, megabytes
from benchmarks.wire import Closed, Wire
from tests.support.images.pictures import photo
from tests.support.servers.server import Server, copy_of
from tests.support.wire.http_client import HttpClient

SECONDS = 8
SETTLE_SECONDS = 15
MOST_GROWTH = 64 * MEGABYTE
MOST_MS = 100
PAUSE_SECONDS = 0.1
"""Seconds between two saves of text: more than ten a second have to wait (`TYPING`), with or without an attack."""
Attack = Callable[["Target", Event], None]


class Target(NamedTuple):
    """The server under attack, and what an attacker knows about it."""

    server: Server
    static: str
    """The path of its largest static file."""
    image: str
    """The path of an image of 16 MB."""
    cookie: str
    """The session cookie of a malicious signed-in user."""
    draft: str
    """A draft of that user."""

    def connect(self) -> socket.socket:
        """Open a connection that hardly ever reads."""
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        return connection


def run(attacks: dict[str, Attack]) -> bool:
    """Run every attack in `$ATTACK`, or all; print the results, and return whether the bars held."""
    print(machine.description())
    chosen = os.environ.get("ATTACK", "").split() or list(attacks)
    with tempfile.TemporaryDirectory() as directory:
        prepared = Path(directory) / "prepared"
        Server(prepared).start().terminate()
        bars = [
            bar
            for name, attack in attacks.items()
            if name in chosen
            for bar in attacked(name, attack, Server(copy_of(prepared, Path(directory) / name)))
        ]
    return all_held(bars)


def attacked(name: str, attack: Attack, server: Server) -> list[Bar]:
    """Run `attack` against `server`."""
    try:
        with machine.on(machine.SERVER_CORES):
            server.start()
        with machine.on(machine.CLIENT_CORES):
            return measured(name, attack, server)
    finally:
        server.kill()


def measured(name: str, attack: Attack, server: Server) -> list[Bar]:
    """Return the bars of one attack."""
    staff, other = HttpClient(server.url), HttpClient(server.url, "sam")
    staff.patience = 10
    with Wire(staff, staff.new_draft()) as wire:
        target = target_of(server, other)
        quiet = waits(staff, wire, SECONDS)
        before = machine.resident_bytes(server.pid)
        machine.forget_peak(server.pid)
        cpu = machine.cpu_seconds(server.pid)
        with running(attack, target):
            under = waits(staff, wire, SECONDS)
            cpu = machine.cpu_seconds(server.pid) - cpu
        time.sleep(SETTLE_SECONDS)
    peak = machine.peak_bytes(server.pid) - before
    after = machine.resident_bytes(server.pid) - before
    lapsed = [line for line in server.lines if "lapsed" in line]
    print(
        f"{name}: p95 {p95(quiet):.0f} ms quiet, {p95(under):.0f} ms; CPU {cpu:.1f} s; + {megabytes(peak)},"
        f" afterwards + {megabytes(after)}; {len(server.tracebacks())} tracebacks"
    )
    most = max(2 * p95(quiet), MOST_MS)
    return [
        Bar(f"{name}: others wait at most {most:.0f} ms (p95)", f"{p95(under):.0f} ms", p95(under) <= most),
        Bar(f"{name}: the server grows by at most {megabytes(MOST_GROWTH)}", megabytes(peak), peak <= MOST_GROWTH),
        Bar(f"{name}: afterwards most is given back", megabytes(after), after <= MOST_GROWTH / 2),
        Bar(f"{name}: no lease lapses", f"{len(lapsed)} lapsed", not lapsed),
    ]


def waits(staff: HttpClient, wire: Wire, seconds: float) -> list[float]:
    """Response times of the page and the socket, in ms."""
    found: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for ask in (lambda: staff.get("/marketing/"), lambda: wire.command("note", fields={"title": [uuid4().hex]})):
            began = time.perf_counter()
            with suppress(OSError, Closed):
                ask()
            found.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_SECONDS)
    return found


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]


@contextmanager
def running(attack: Attack, target: Target) -> Iterator[None]:
    """Run the attack during the block."""
    stop = Event()
    attacker = Thread(target=attack, args=(target, stop))
    attacker.start()
    time.sleep(1)
    try:
        yield
    finally:
        stop.set()
        attacker.join()


def static_file(server: Server) -> str:
    """Return the path of the largest static file."""
    folder = server.var / "static"
    largest = max((path for path in folder.rglob("*.*.js")), key=lambda path: path.stat().st_size)
    return f"/static/{largest.relative_to(folder)}"


def target_of(server: Server, staff: HttpClient) -> Target:
    """Return the target for `staff`: the server, and a draft of theirs with an image of 16 MB."""
    draft = staff.new_draft()
    staff.patience = 60
    fields = {"draft": draft, "file_type": "main_image", "sequence": "0"}
    answer = staff.post("/marketing/api/temp_upload_file/", fields, ("large.jpg", photo(16), "image/jpeg"))
    image = str(answer.json()["file_data"]["url"])
    return Target(server, static_file(server), image, staff.cookie_header, draft)


def several(count: int, target: Target, stop: Event, one: Callable[[Target, Event], None]) -> None:
    """Run `one` in `count` threads until the stop."""

    def loop() -> None:
        while not stop.is_set():
            with suppress(OSError):
                one(target, stop)

    threads = [Thread(target=loop) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

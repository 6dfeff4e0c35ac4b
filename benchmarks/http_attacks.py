"""HTTP attacks: what a stranger, or one user, costs everybody else, and how much memory.

Each attack runs for some seconds against a fresh server, while a member of staff opens a page and asks over a socket
twenty times a second. The bars: page and socket stay within twice their quiet p95 or 100 ms; the server grows by at
most 64 MB, and most of that is given back afterwards.
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
from tests.support.wire.staff import Staff

SECONDS = 8
SETTLE_SECONDS = 15
MOST_GROWTH = 64 * MEGABYTE
MOST_MS = 100
BODY = b"x" * 65_536
Attack = Callable[["Target", Event], None]


class Target(NamedTuple):
    """The server under attack, and what an attacker knows of it."""

    server: Server
    static: str
    """The path of its largest static file."""
    image: str
    """The path of an image of 16 MB."""
    cookie: str
    """Of a user who is signed in and means no good."""

    def connect(self) -> socket.socket:
        """Open a connection that never reads much."""
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        return connection


def run() -> bool:
    """Run every attack, print, and say whether the bars held."""
    print(machine.description())
    chosen = os.environ.get("ATTACK", "").split() or list(ATTACKS)
    with tempfile.TemporaryDirectory() as directory:
        prepared = Path(directory) / "prepared"
        Server(prepared).start().terminate()
        bars = [
            bar
            for name, attack in ATTACKS.items()
            if name in chosen
            for bar in attacked(name, attack, Server(copy_of(prepared, Path(directory) / name)))
        ]
    return all_held(bars)


def attacked(name: str, attack: Attack, server: Server) -> list[Bar]:
    """Let `attack` loose on `server`."""
    try:
        with machine.on(machine.SERVER_CORES):
            server.start()
        with machine.on(machine.CLIENT_CORES):
            return measured(name, attack, server)
    finally:
        server.kill()


def measured(name: str, attack: Attack, server: Server) -> list[Bar]:
    """The bars of one attack."""
    staff, other = Staff(server.url), Staff(server.url, "sam")
    staff.patience = 10
    with Wire(staff, staff.new_draft()) as wire:
        target = Target(server, static_file(server), image(server, other), other.cookie_header)
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
    print(
        f"{name}: p95 {p95(quiet):.0f} ms quiet, {p95(under):.0f} ms; CPU {cpu:.1f} s; + {megabytes(peak)},"
        f" afterwards + {megabytes(after)}; {len(server.tracebacks())} tracebacks"
    )
    most = max(2 * p95(quiet), MOST_MS)
    return [
        Bar(f"{name}: others wait at most {most:.0f} ms (p95)", f"{p95(under):.0f} ms", p95(under) <= most),
        Bar(f"{name}: the server grows by at most {megabytes(MOST_GROWTH)}", megabytes(peak), peak <= MOST_GROWTH),
        Bar(f"{name}: afterwards most is given back", megabytes(after), after <= MOST_GROWTH / 2),
    ]


def waits(staff: Staff, wire: Wire, seconds: float) -> list[float]:
    """How long the page and the socket took, in ms."""
    found: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for ask in (lambda: staff.get("/marketing/"), lambda: wire.command("note", fields={"title": [uuid4().hex]})):
            began = time.perf_counter()
            with suppress(OSError, Closed):
                ask()
            found.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    return found


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]


@contextmanager
def running(attack: Attack, target: Target) -> Iterator[None]:
    """Let the attack run meanwhile."""
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
    """The path of the largest static file."""
    folder = server.var / "static"
    largest = max((path for path in folder.rglob("*.*.js")), key=lambda path: path.stat().st_size)
    return f"/static/{largest.relative_to(folder)}"


def image(server: Server, staff: Staff) -> str:
    """The path of an image of 16 MB of a draft of `staff`."""
    fields = {"draft": staff.new_draft(), "file_type": "main_image", "sequence": "0"}
    staff.patience = 60
    answer = staff.post("/marketing/api/temp_upload_file/", fields, ("large.jpg", photo(16), "image/jpeg"))
    return str(answer.json()["file_data"]["url"])


# --- The attacks


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


def post(target: Target, head: str, parts: Iterator[bytes], path: str = "/accounts/login/") -> None:
    """Send a POST until its end or until the server has enough; read the beginning of the answer."""
    with target.connect() as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{target.server.port}\r\n{head}\r\n\r\n".encode())
        with suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
        connection.recv(100)


def forms(target: Target, stop: Event) -> None:
    """Anonymous forms of 20 MB, four at a time."""
    head = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 20000000"
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    content = (part * (20_000_000 // len(part) + 1))[:19_999_990] + b"\r\n--b--\r\n "
    several(4, target, stop, lambda target, stop: post(target, head, iter([content[:20_000_000]])))


def made_up_sessions(target: Target, stop: Event) -> None:
    """Uploads of 20 MB with a cookie that is nobody's, as fast as they are refused."""

    def one(target: Target, stop: Event) -> None:
        head = f"Cookie: sessionid={uuid4().hex}\r\nContent-Length: 20000000"
        post(target, head, iter([BODY] * 300), "/marketing/api/temp_upload_file/")

    several(8, target, stop, one)


def held_bodies(target: Target, stop: Event) -> None:
    """250 bodies of almost 1 MB that never end."""
    hold(target, stop, 250, b"POST /accounts/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n" + BODY * 15)


def tiny_chunks(target: Target, stop: Event) -> None:
    """Bodies in chunks of one byte."""
    content = b"1\r\nx\r\n" * 11_000
    several(4, target, stop, lambda target, stop: post(target, "Transfer-Encoding: chunked", iter([content] * 90)))


def pipelined(target: Target, stop: Event) -> None:
    """100 connections that ask for a static file 4,000 times each and read nothing."""
    ask = f"GET {target.static} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    hold(target, stop, 100, ask * 4000)


def unread_images(target: Target, stop: Event) -> None:
    """A user who asks for an image of 16 MB fifty times and reads nothing."""
    ask = f"GET {target.image} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {target.cookie}\r\n\r\n".encode()
    hold(target, stop, 50, ask)


def silent(target: Target, stop: Event) -> None:
    """2,000 connections that say nothing, or begin a request and never end it."""
    hold(target, stop, 2000, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")


def hold(target: Target, stop: Event, count: int, content: bytes) -> None:
    """Open `count` connections, say `content` on each without waiting, and hold them; those that end are replaced."""
    held: list[socket.socket] = []
    while not stop.is_set():
        while len(held) < count and not stop.is_set():
            with suppress(OSError):
                connection = target.connect()
                held.append(connection)
                connection.settimeout(0.2)
                connection.sendall(content)
        held = [one for one in held if not ended(one)]
        stop.wait(0.2)
    for connection in held:
        connection.close()


def ended(connection: socket.socket) -> bool:
    """Whether the server has closed it; closes it too then."""
    connection.setblocking(False)
    try:
        connection.send(b"x")
        return False
    except BlockingIOError:
        return False
    except OSError:
        connection.close()
        return True


ATTACKS: dict[str, Attack] = {
    "forms": forms,
    "made_up_sessions": made_up_sessions,
    "held_bodies": held_bodies,
    "tiny_chunks": tiny_chunks,
    "pipelined": pipelined,
    "unread_images": unread_images,
    "silent": silent,
}

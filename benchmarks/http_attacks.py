"""HTTP attacks: the cost of a stranger, or of one user, to everybody else (`benchmarks.attack`)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPResponse
from threading import Event
from uuid import uuid4

from benchmarks import attack
from benchmarks.attack import Attack, Target, several

BODY = b"x" * 65_536


def run() -> bool:
    """Run the attacks, print the results, and return whether the bars held."""
    return attack.run(ATTACKS)


def post(target: Target, head: str, parts: Iterator[bytes], path: str = "/accounts/login/") -> None:
    """Send a POST until its end or until the server stops reading; read the beginning of the response."""
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
    """Uploads of 20 MB with an invalid cookie, as fast as they are refused."""

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
    """100 connections that request a static file 4,000 times each and read nothing."""
    ask = f"GET {target.static} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    hold(target, stop, 100, ask * 4000)


def unread_images(target: Target, stop: Event) -> None:
    """A user who requests an image of 16 MB fifty times and reads nothing."""
    ask = f"GET {target.image} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {target.cookie}\r\n\r\n".encode()
    hold(target, stop, 50, ask)


def silent(target: Target, stop: Event) -> None:
    """2,000 connections that send nothing, or never finish a request."""
    hold(target, stop, 2000, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")


def sign_ins(target: Target, stop: Event) -> None:
    """Seventy strangers who guess passwords, each under a different name."""
    with target.connect() as connection:
        connection.sendall(f"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{target.server.port}\r\n\r\n".encode())
        answer = HTTPResponse(connection)
        answer.begin()
        token = answer.headers["Set-Cookie"].split("csrftoken=")[1].split(";")[0]

    def one(target: Target, stop: Event) -> None:
        form = f"username={uuid4().hex}&password={uuid4().hex}&csrfmiddlewaretoken={token}".encode()
        head = (
            f"Cookie: csrftoken={token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(form)}\r\nConnection: close"
        )
        post(target, head, iter([form]))

    several(70, target, stop, one)


def hold(target: Target, stop: Event, count: int, content: bytes) -> None:
    """Open `count` connections, send `content` on each without waiting, and hold them; replace those that end."""
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
    """Whether the server has closed the connection; if so, close it here too."""
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
    "sign_ins": sign_ins,
}

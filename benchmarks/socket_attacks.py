"""WebSocket attacks: the cost of one user, or a stranger, to everybody else (`benchmarks.attack`)."""

from __future__ import annotations

from contextlib import suppress
from threading import Event

from benchmarks import attack
from benchmarks.attack import Attack, Target, several
from tests.support.wire.raw_socket import BINARY, PING, TEXT, RawSocket, frame, text

SOCKETS = 40
"""The maximum number of sockets of a session."""
AT_A_TIME = 100
"""Frames that are pushed at once."""


def run() -> bool:
    """Run the attacks, print the results, and return whether the bars held."""
    return attack.run(ATTACKS)


def flood(target: Target, stop: Event, content: bytes, *, sockets: int = SOCKETS, cookie: str | None = None) -> None:
    """Push `content` repeatedly on this many sockets, and read nothing; replace sockets that are closed."""

    def one(target: Target, stop: Event) -> None:
        cookies = target.cookie if cookie is None else cookie
        with RawSocket(target.server.url, target.draft, cookies, seconds=1) as raw:
            while not stop.is_set() and raw.push(content):
                pass

    several(sockets, target, stop, one)


def unread_snapshots(target: Target, stop: Event) -> None:
    """A socket that requests the whole draft again and again and never reads."""
    flood(target, stop, text(type="sync", op="a") * AT_A_TIME, sockets=1)


def messages(target: Target, stop: Event) -> None:
    """The pings of the protocol."""
    flood(target, stop, text(type="ping") * AT_A_TIME)


def pings(target: Target, stop: Event) -> None:
    """The pings of WebSockets themselves."""
    flood(target, stop, frame(PING) * AT_A_TIME)


def empty(target: Target, stop: Event) -> None:
    """Messages without content."""
    flood(target, stop, (frame(TEXT) + frame(BINARY)) * AT_A_TIME)


def fragments(target: Target, stop: Event) -> None:
    """A message that never ends, in pieces of one byte."""
    flood(target, stop, frame(TEXT, b"x", final=False) + frame(0, b"x", final=False) * AT_A_TIME)


def notes(target: Target, stop: Event) -> None:
    """Saves of typed text as fast as possible; each is written to the database."""
    flood(target, stop, text(type="note", op="a", fields={"title": ["x" * 200]}) * 10)


def strangers(target: Target, stop: Event) -> None:
    """Sockets without a session, which keep sending although they are refused."""
    flood(target, stop, text(type="ping") * AT_A_TIME, cookie="")


def reopened(target: Target, stop: Event) -> None:
    """Sockets that are opened and immediately closed."""

    def one(target: Target, stop: Event) -> None:
        with suppress(OSError):
            RawSocket(target.server.url, target.draft, target.cookie, seconds=2).line.close()

    several(8, target, stop, one)


ATTACKS: dict[str, Attack] = {
    "unread_snapshots": unread_snapshots,
    "messages": messages,
    "pings": pings,
    "empty": empty,
    "fragments": fragments,
    "notes": notes,
    "strangers": strangers,
    "reopened": reopened,
}

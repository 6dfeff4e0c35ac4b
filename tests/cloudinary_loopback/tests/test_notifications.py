"""Notifications: signed, and as late, doubled and disordered as the network makes them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.tests.raw_client import RawClient


class Receiver(HTTPServer):
    """Keeps what it is told."""

    received: list[tuple[Any, bytes]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/told"


class Reading(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(("127.0.0.1", 0), Reading)
    receiver.received = []
    thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.shutdown()
    receiver.server_close()
    thread.join()


def test_they_are_signed(cloud: Cloud, client: RawClient, receiver: Receiver):
    client.upload(public_id="a", notification_url=receiver.url)
    assert cloud.outbox.send() == [200]
    headers, body = receiver.received[0]
    signed = body + f"{headers['X-Cld-Timestamp']}{client.secret}".encode()

    assert b'"notification_type": "upload"' in body
    assert headers["X-Cld-Signature"] == hashlib.sha1(signed, usedforsecurity=False).hexdigest()


def test_they_come_late_twice_and_in_any_order(cloud: Cloud, client: RawClient, receiver: Receiver):
    made = int(cloud.clock.now())
    client.upload(public_id="a", notification_url=receiver.url)
    client.call("image/destroy", public_id="a", notification_url=receiver.url)
    cloud.clock.forward(7300)
    cloud.outbox.send([1, 0, 0])
    kinds = [b'"notification_type": "destroy"' in body for _, body in receiver.received]

    assert kinds == [True, False, False]
    assert all(abs(int(headers["X-Cld-Timestamp"]) - made) < 60 for headers, _ in receiver.received)


def test_nothing_is_sent_elsewhere(cloud: Cloud, client: RawClient):
    client.upload(notification_url="http://example.org/")

    with pytest.raises(ValueError, match="not on loopback"):
        cloud.outbox.send()

from __future__ import annotations

import io
from typing import Any

import pytest

from uploads.core.errors import Code
from uploads.stores.cloudinary.multipart import TRIES, send_parts
from uploads.stores.cloudinary.responses import CallFailed

CONTENT = bytes(range(25))


class Server:
    """Accepts parts; the next responses are `failing`."""

    def __init__(self, *failing: CallFailed, last: dict[str, Any] | None = None) -> None:
        self.failing = list(failing)
        self.last = {"asset_id": "a1", "done": True} if last is None else last
        self.got: list[tuple[bytes, str]] = []
        self.ids: set[str] = set()
        self.pauses: list[float] = []

    def send(self, part: bytes, headers: dict[str, str]) -> dict[str, Any]:
        self.got.append((part, headers["Content-Range"]))
        self.ids.add(headers["X-Unique-Upload-Id"])
        if self.failing:
            raise self.failing.pop(0)
        return self.last if self.got[-1][1].endswith("-24/25") else {"done": False}


def sent(server: Server) -> dict[str, Any]:
    return send_parts(io.BytesIO(CONTENT), len(CONTENT), 10, server.send, server.pauses.append)


def test_all_parts_are_sent_in_order_under_one_id():
    server = Server()
    assert sent(server)["asset_id"] == "a1"
    assert b"".join(part for part, _ in server.got) == CONTENT
    assert [place for _, place in server.got] == ["bytes 0-9/25", "bytes 10-19/25", "bytes 20-24/25"]
    assert len(server.ids) == 1


def test_an_image_that_is_sent_anew_has_an_id_of_its_own():
    server = Server(last={"done": False})
    for _ in range(2):
        with pytest.raises(CallFailed):
            sent(server)
    assert len(server.ids) == 2


@pytest.mark.parametrize("status", [None, 408, 500, 502, 503])
def test_a_part_that_failed_is_sent_again_by_itself(status: int | None):
    server = Server(*[CallFailed("x", status)] * (TRIES - 1))
    sent(server)
    assert len(server.got) == 3 + TRIES - 1
    assert len(server.pauses) == TRIES - 1


def test_a_part_that_keeps_failing_is_given_up():
    server = Server(*[CallFailed("x", 500)] * TRIES)
    with pytest.raises(CallFailed):
        sent(server)
    assert len(server.got) == TRIES


@pytest.mark.parametrize(
    "no", [CallFailed("x", 400), CallFailed("x", 413, refused=Code.TOO_LARGE), CallFailed("x", 503, wait_ms=9000)]
)
def test_a_clear_no_is_not_asked_again(no: CallFailed):
    server = Server(no)
    with pytest.raises(CallFailed):
        sent(server)
    assert len(server.got) == 1


def test_a_last_answer_without_an_object_is_a_failure():
    with pytest.raises(CallFailed, match="no object"):
        sent(Server(last={"done": False}))

"""A form gets the route's JSON response, however it was sent: with a length, in chunks, empty or malformed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.images.pictures import picture
from tests.support.servers.server import Server
from tests.support.wire.http_client import HttpClient

UPLOAD = "/marketing/api/temp_upload_file/"
CLEANUP = "/marketing/api/cleanup_temp_files/"
EMPTY = b"--b--\r\n"
"""What a browser sends for `new FormData()`."""
FORM = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def server(shared_server: Callable[..., Server]) -> Server:
    return shared_server()


@pytest.fixture(scope="module")
def staff(server: Server) -> HttpClient:
    return HttpClient(server.url)


Body = bytes | Iterator[bytes] | None


def in_chunks(content: bytes) -> Iterator[bytes]:
    return (content[at : at + 5000] for at in range(0, len(content), 5000))


def post(staff: HttpClient, path: str, body: Body, content_type: str = FORM) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of the response to a form with this body."""
    connection = http.client.HTTPConnection(staff.url.removeprefix("http://"), timeout=30)
    token = {"X-CSRFToken": staff.cookie("csrftoken"), "Cookie": staff.cookie_header}
    connection.request("POST", path, body, {**token, "Content-Type": content_type}, encode_chunked=True)
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def form(draft: str) -> bytes:
    fields = part('name="draft"', draft.encode()) + part('name="file_type"', b"main_image")
    return fields + part('name="file"; filename="a.jpg"', picture()) + EMPTY


def part(head: str, content: bytes) -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


def test_a_form_in_chunks_is_taken(staff: HttpClient):
    status, answer = post(staff, UPLOAD, in_chunks(form(staff.new_draft())))

    assert (status, answer["success"]) == (200, True)


@pytest.mark.parametrize("body", [EMPTY, in_chunks, None], ids=["length", "chunks", "nothing"])
def test_an_empty_form_asks_for_a_cleanup_of_all(staff: HttpClient, body: Any):
    staff.new_draft()

    status, answer = post(staff, CLEANUP, body(EMPTY) if callable(body) else body)

    assert (status, answer["success"]) == (200, True)


@pytest.mark.parametrize("body", [EMPTY, in_chunks, None], ids=["length", "chunks", "nothing"])
def test_an_empty_form_has_no_file(staff: HttpClient, body: Any):
    status, answer = post(staff, UPLOAD, body(EMPTY) if callable(body) else body)

    assert (status, answer["error"]["code"]) == (400, "bad_message")
    assert answer["error"]["message"] == "There is no file in this request."


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xe4\xf6"],
    ids=["none", "empty", "odd"],
)
@pytest.mark.parametrize("path", [UPLOAD, CLEANUP])
def test_a_form_without_a_boundary_is_answered_as_the_route_answers(staff: HttpClient, path: str, content_type: str):
    status, answer = post(staff, path, form("x"), content_type)

    assert (status, answer["success"], answer["error"]["code"]) == (400, False, "bad_message")
    assert answer["error"]["message"].startswith("This form cannot be read.")


@pytest.mark.parametrize("path", [UPLOAD, CLEANUP])
@pytest.mark.parametrize("cut", [None, 9, 300])
def test_a_form_that_is_none_or_was_cut_off_is_answered_as_the_route_answers(
    staff: HttpClient, path: str, cut: int | None
):
    """A form without the draft it named would delete the files of another one."""
    draft = staff.new_draft()
    assert post(staff, UPLOAD, form(draft))[0] == 200

    status, answer = post(staff, path, form(draft)[:-cut] if cut else b"no form at all")

    assert (status, answer["success"], answer["error"]["code"]) == (400, False, "bad_message")
    assert answer["error"]["message"].startswith("This form cannot be read.")
    assert post(staff, CLEANUP, EMPTY)[1]["deleted"] == 1


MANY = {
    "fields": b"".join(part(f'name="f{n}"', b"x") for n in range(1200)),
    "files": b"".join(part(f'name="f{n}"; filename="a"', b"x") for n in range(200)),
    "field": part('name="draft"', b"x" * 3_000_000),
}


@pytest.mark.parametrize("parts", MANY.values(), ids=MANY)
def test_a_form_of_too_much_is_answered_as_the_route_answers(staff: HttpClient, parts: bytes):
    status, answer = post(staff, UPLOAD, parts + EMPTY)

    assert (status, answer["success"], answer["error"]["code"]) == (413, False, "body_too_large")

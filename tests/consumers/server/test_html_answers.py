from __future__ import annotations

import pytest

from consumers.server import html_answers
from consumers.server.body_limit import BodyLimit
from tests.support.request_fixtures import ALIVE, AsgiRequest
from uploads.core.errors import Code, Refusal

BROWSER = (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")


def page(*headers: tuple[bytes, bytes], refusal: Refusal | None = None) -> str:
    return html_answers.content(refusal or Refusal(Code.DRAFT_FULL), headers).decode()


@pytest.mark.parametrize(
    ("accept", "wanted"), [(BROWSER[1], True), (b"*/*", False), (b"application/json", False), (b"", False)]
)
def test_a_page_is_for_those_who_show_pages(accept: bytes, wanted: bool):
    assert html_answers.is_wanted([(b"host", b"x"), (b"accept", accept)]) is wanted


def test_it_says_what_is_wrong_and_the_way_back():
    assert "<p>The images of this draft are too large together. Remove some first.</p>" in page()
    assert "Back button" in page()
    assert '<html lang="en" dir="ltr">' in page()


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ([(b"accept-language", b"de-DE,de;q=0.9")], 'lang="de" dir="ltr"'),
        ([(b"accept-language", b"de"), (b"cookie", b"a=b; django_language=ar")], 'lang="ar" dir="rtl"'),
        ([(b"accept-language", b"xx-YY")], 'lang="en"'),
        ([(b"cookie", b"django_language=<script>")], 'lang="en"'),
    ],
)
def test_it_is_in_the_language_of_the_request(headers: list[tuple[bytes, bytes]], language: str):
    assert language in page(*headers)


def test_nothing_of_a_refusal_is_taken_for_html():
    refusal = Refusal(Code.TOO_LARGE, "“%(name)s” is too large.", values={"name": "<img src=x>"})
    assert "&lt;img src=x&gt;" in page(refusal=refusal)


async def test_a_form_of_a_browser_that_is_too_large_is_answered_with_a_page(asked: list[str]):
    async def never(*_: object) -> None:
        raise AssertionError("the application is asked")

    request = AsgiRequest([], [*ALIVE, BROWSER, (b"content-length", b"2000000000")], "/marketing/product_create/")
    await BodyLimit(never)(request.scope, request.receive, request.send)
    start, body = request.sent
    headers = dict(start["headers"])
    assert (start["status"], headers[b"content-type"]) == (413, b"text/html; charset=utf-8")
    assert headers[b"content-security-policy"] == b"default-src 'none'"
    assert b"This was not saved" in body["body"]

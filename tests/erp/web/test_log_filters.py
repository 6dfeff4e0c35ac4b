"""Mistakes of strangers are logged as one line each, our own with a traceback."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from erp.web.log_filters import OneLineForClientErrors

pytestmark = pytest.mark.django_db


@contextmanager
def console() -> Iterator[io.StringIO]:
    """Return what is logged to the console, by the handler in the settings."""
    handlers = logging.getLogger("django").handlers
    handler: Any = next(one for one in handlers if [type(each) for each in one.filters] == [OneLineForClientErrors])
    # Not with `setStream`, which flushes the previous stream: that of an earlier test may be closed.
    before, handler.stream = handler.stream, io.StringIO()
    try:
        yield handler.stream
    finally:
        handler.stream = before


def lines(log: io.StringIO) -> list[str]:
    """Without their timestamps."""
    return [line.partition(" ")[2].partition(" ")[2] for line in log.getvalue().splitlines()]


def test_a_wrong_host_is_one_quiet_line():
    with console() as log:
        answer = Client().get("/accounts/login/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert len(lines(log)) == 1
    assert lines(log)[0].startswith("WARNING django.security.DisallowedHost: Invalid HTTP_HOST header: 'evil.example'.")


BROKEN: dict[str, Any] = {
    "a form that breaks off": {"data": b"--b\r\nContent-Dis", "content_type": "multipart/form-data"},
    "too many fields": {"data": b"a=1&" * 1_001, "content_type": "application/x-www-form-urlencoded"},
}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
def test_so_is_a_body_that_is_no_form(sent: dict[str, Any]):
    with console() as log:
        answer = Client().post("/accounts/login/", **sent)
    (line,) = lines(log)

    assert answer.status_code == 400

    assert line.startswith("WARNING django.")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("ours")


def test_our_own_failure_has_its_traceback(settings: Settings):
    settings.ROOT_URLCONF = (path("broken/", broken),)
    with console() as log:
        answer = Client(raise_request_exception=False).get("/broken/")

    assert answer.status_code == 500

    assert lines(log)[0] == "ERROR django.request: Internal Server Error: /broken/"
    assert log.getvalue().rstrip().endswith("ZeroDivisionError: ours")


def test_what_is_no_answer_to_a_request_is_left_alone():
    record = logging.LogRecord("uploads", logging.ERROR, "", 1, "it failed", None, (ValueError, ValueError(), None))

    assert OneLineForClientErrors().filter(record)
    assert record.levelname == "ERROR"
    assert record.exc_info

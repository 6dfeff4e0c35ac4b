"""Who took more than their share of the processor waits, and nobody else does."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpResponse
from django.test import Client, RequestFactory

from consumers.fair_share import FairShare
from consumers.work_shares import MAX_DELAY, WORK_BURST, WORK_SHARE, WorkShares, work_shares
from tests.support.erp_fixtures import eva, plain_pages, signed_in

__all__ = ["eva", "plain_pages", "signed_in"]


class Site:
    """The middleware in front of a view that does nothing, in a time that passes while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.shares = WorkShares(lambda: self.now)
        self.status = 200
        self._middleware = FairShare(lambda _: HttpResponse(status=self.status), self.shares, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def asked(self, session: str, user: object = None) -> tuple[int, float]:
        """The status of the answer, and how long it was waited for."""
        request: Any = RequestFactory().get("/")
        if session:
            request.COOKIES["sessionid"] = session
        request._cached_user = user or SimpleNamespace(pk=7)
        began = self.now
        return self._middleware(request).status_code, self.now - began


def test_all_sessions_of_a_user_wait_for_what_one_of_them_took():
    site = Site()
    before = [site.asked(session) for session in ("one", "two")]
    site.shares.end("7", 2 * WORK_BURST)
    status, waited = site.asked("two")

    assert before == [(200, 0.0)] * 2
    assert status == 200
    assert waited == pytest.approx(WORK_BURST / WORK_SHARE, abs=0.5)


def test_others_and_strangers_wait_for_nobody():
    site = Site()
    other = SimpleNamespace(pk=8)
    for _ in range(2):
        site.asked("mine")
        site.asked("theirs", other)
        site.shares.end("7", 100.0)

    assert site.asked("theirs", other) == (200, 0.0)
    assert site.asked("", AnonymousUser()) == (200, 0.0)
    assert site.asked("of-nobody", AnonymousUser()) == (200, 0.0)


def test_a_delay_ends_and_nobody_is_refused():
    site = Site()
    site.asked("mine")
    site.shares.end("7", 100.0)

    status, waited = site.asked("mine")

    assert status == 200
    assert waited == pytest.approx(MAX_DELAY)
    assert site.asked("mine") == (200, 0.0)


def test_a_session_is_known_from_a_refused_request_on():
    """Or a client would send nothing but forms that are refused, which cost as much as others."""
    site = Site()
    site.status = 422
    site.asked("mine")
    site.shares.end("7", 100.0)

    status, waited = site.asked("mine")

    assert status == 422
    assert waited == pytest.approx(MAX_DELAY)


def test_a_session_of_nobody_is_not_remembered():
    site = Site()
    site.status = 401
    site.asked("made-up", AnonymousUser())
    site.shares.end("7", 100.0)

    assert site.asked("made-up", AnonymousUser()) == (401, 0.0)


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_the_product_are_shared(signed_in: Client, eva: User, monkeypatch: pytest.MonkeyPatch):
    delays: list[float] = []
    monkeypatch.setattr(time, "sleep", delays.append)
    signed_in.get("/marketing/")
    work_shares.end(str(eva.pk), 100.0)
    page = signed_in.get("/marketing/")

    assert page.status_code == 200
    assert delays == [pytest.approx(MAX_DELAY, abs=1)]

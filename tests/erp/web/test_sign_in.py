"""Passwords cannot be guessed here, and no attempt to do so locks a colleague out."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from erp.web import sign_in
from tests.support.erp_fixtures import SECRET

pytestmark = pytest.mark.usefixtures("eva")

PAGE = "/accounts/login/"
WRONG = "wrong"
ELSEWHERE = "203.0.113.9"


def attempt(client: Client, password: str = WRONG, name: str = "eva", address: str = "127.0.0.1") -> int:
    """Return the status of a sign-in: 302 success, 200 failure, 429 try later."""
    return client.post(PAGE, {"username": name, "password": password}, REMOTE_ADDR=address).status_code


def lock(client: Client | None = None) -> None:
    assert [attempt(client or Client()) for _ in range(10)] == [200] * 9 + [429]


def test_after_ten_failures_the_right_password_waits_as_well():
    lock()

    page = Client().post(PAGE, {"username": "eva", "password": SECRET})

    assert (page.status_code, page.headers["Retry-After"]) == (429, "300")
    assert "Too many failed sign-ins. Try again in 5 minutes." in page.content.decode()
    assert "do not match" not in page.content.decode()


def test_the_pause_is_said_in_the_readers_language():
    lock()
    with translation.override("de"):
        page = Client(headers={"Accept-Language": "de"}).post(PAGE, {"username": "eva", "password": SECRET})

    assert "Versuchen Sie es in 5 Minuten erneut." in page.content.decode()


def test_the_pause_ends_although_somebody_goes_on_trying():
    lock()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=299))
    assert [attempt(Client()) for _ in range(20)] == [429] * 20
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=301))

    assert attempt(Client(), SECRET) == 302


def test_others_at_the_same_address_sign_in_meanwhile():
    User.objects.create_user("colleague", password=SECRET)
    lock()

    assert attempt(Client(), SECRET, "colleague") == 302


def test_a_stranger_elsewhere_cannot_lock_the_name():
    lock()

    assert attempt(Client(), SECRET, address=ELSEWHERE) == 302


def test_a_known_browser_is_not_locked_by_strangers_at_its_own_address(eva: User):
    """As all clients are behind a proxy that forwards no addresses."""
    own = Client()
    assert attempt(own, SECRET) == 302
    own.post("/accounts/logout/")
    lock()

    assert attempt(own, SECRET) == 302


def test_a_known_browser_guesses_no_more_than_others():
    own = Client()
    attempt(own, SECRET)
    own.post("/accounts/logout/")
    lock(own)

    assert attempt(own, SECRET) == 429


def test_a_known_browser_is_known_for_its_user_only(eva: User):
    User.objects.create_user("mallory", password=SECRET)
    mallory = Client()
    attempt(mallory, SECRET, "mallory")
    mallory.post("/accounts/logout/")
    lock()

    assert attempt(mallory, SECRET) == 429


@pytest.mark.parametrize("forged", ["", "x", "x:y:z", "\0", "a" * 4000])
def test_a_forged_cookie_makes_no_browser_known(forged: str):
    lock()
    client = Client()
    client.cookies[sign_in.KNOWN_BROWSER] = forged

    assert attempt(client, SECRET) == 429


def test_a_session_cookie_makes_no_browser_known():
    """One purpose, one salt."""
    client = Client()
    attempt(client, SECRET)
    cookie = client.cookies[sign_in.KNOWN_BROWSER].value
    lock()
    other = Client()
    other.cookies["messages"] = other.cookies["sessionid"] = cookie

    assert attempt(other, SECRET) == 429


def test_the_cookie_of_a_known_browser_is_for_the_server_alone():
    client = Client()
    attempt(client, SECRET)
    cookie = client.cookies[sign_in.KNOWN_BROWSER]

    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 90 * 86_400)
    assert "eva" not in cookie.value


def test_its_cookie_expires(eva: User, monkeypatch: pytest.MonkeyPatch):
    own = Client()
    attempt(own, SECRET)
    own.post("/accounts/logout/")
    lock()
    later = time.time() + sign_in.KNOWN_SECONDS + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert attempt(own, SECRET) == 429


def test_success_forgets_the_failures():
    for _ in range(3):
        assert [attempt(Client()) for _ in range(9)] == [200] * 9
        assert attempt(Client(), SECRET) == 302

    assert not AccessAttempt.objects.exists()


def test_a_locked_name_is_not_checked_and_writes_nothing(eva: User, monkeypatch: pytest.MonkeyPatch):
    lock()
    before = list(AccessAttempt.objects.values())
    monkeypatch.setattr(User, "check_password", lambda *_: pytest.fail("checked"))

    assert attempt(Client(headers={"User-Agent": "another"}), SECRET) == 429
    assert list(AccessAttempt.objects.values()) == before


def test_no_password_is_kept_or_logged(caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    attempt(Client(), "my other password\x1b[2J")

    assert "my other password" not in caplog.text + str(list(AccessAttempt.objects.values()))


@pytest.mark.parametrize("name", ["e\0va", "x" * 5000, "eva\r\nforged", "eva\x1b[31m", "\ud800"])
def test_odd_names_are_just_wrong(name: str, caplog: pytest.LogCaptureFixture):
    assert attempt(Client(), name=name.encode("utf-8", "replace").decode()) == 200
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("agent", ["", "\x01\x1b[31m", "x" * 5000, "\xff\xfe", "\u2028"])
def test_an_odd_browser_is_just_another(agent: str):
    """Its name is written to the database."""
    browser = Client(headers={"User-Agent": agent, "Accept": agent})

    assert [attempt(browser), attempt(browser, SECRET)] == [200, 302]


def test_a_name_is_counted_by_no_more_than_a_user_can_have(eva: User):
    """On PostgreSQL a longer one would not fit into its column."""
    assert attempt(Client(raise_request_exception=False), name="x" * 5000) == 200
    assert AccessAttempt.objects.get().username == "x" * 150


def test_an_inactive_user_is_told_the_same_as_a_wrong_password(eva: User):
    User.objects.filter(pk=eva.pk).update(is_active=False)

    pages = [Client().post(PAGE, {"username": "eva", "password": password}) for password in (SECRET, "wrong")]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("do not match" in page.content.decode() for page in pages)


# --- Turns


def test_unknown_browsers_take_turns(monkeypatch: pytest.MonkeyPatch):
    """Eight at once, each with a slow hash: never two of them at the same time."""
    inside, most = [0], [0]

    def one() -> None:
        with sign_in.turn() as is_mine:
            assert is_mine
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1]


@pytest.mark.parametrize("what", ["MAX_WAITING", "TURN_SECONDS"])
def test_while_too_many_wait_strangers_are_asked_to_come_back_and_known_browsers_are_not(
    monkeypatch: pytest.MonkeyPatch, what: str
):
    own = Client()
    attempt(own, SECRET)
    own.post("/accounts/logout/")
    if what == "MAX_WAITING":
        full = threading.BoundedSemaphore(1)
        full.acquire()
        monkeypatch.setattr(sign_in, "_waiting", full)
    monkeypatch.setattr(sign_in, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(sign_in, "REFUSED_SECONDS", 0)
    with sign_in._turn:
        page = Client().post(PAGE, {"username": "eva", "password": SECRET})
        assert attempt(own, SECRET) == 302

    assert (page.status_code, page.headers["Retry-After"]) == (429, "60")
    assert "Too many people are signing in." in page.content.decode()


def test_a_refused_browser_is_not_back_at_once(monkeypatch: pytest.MonkeyPatch):
    full = threading.BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(sign_in, "_waiting", full)
    waits: list[float] = []
    monkeypatch.setattr(sign_in, "sleep", waits.append)
    with sign_in.turn() as is_mine:
        assert not is_mine

    assert waits == [sign_in.REFUSED_SECONDS]


def test_a_turn_is_given_back_whatever_happens(settings: Settings):
    with pytest.raises(ZeroDivisionError), sign_in.turn():
        raise ZeroDivisionError

    assert attempt(Client(), SECRET) == 302

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from erp import static_files
from erp.demo import seed
from erp.launch import serve
from tests.support.servers.server import PASSWORDS, Server
from uploads.models import ExpiryFreeze


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the environment variables that the launcher sets for the server."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_says_when_the_port_is_taken(taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve.main("127.0.0.1", taken_port) == 1

    message = capsys.readouterr().err
    assert f"Cannot listen on 127.0.0.1:{taken_port}" in message
    assert "--port" in message


def test_says_when_the_address_is_not_ours() -> None:
    assert "no.such.host.invalid" in serve.why_not_free("no.such.host.invalid", 8000)


@pytest.mark.django_db
def test_becomes_the_server_with_everything_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: became.append(command))
    monkeypatch.setattr(serve, "prepare", lambda: ["demo", "sam"])
    monkeypatch.setenv("ALLOWED_HOSTS", "erp.example.com")

    serve.main("127.0.0.1", 0)

    ready = "Ready: http://127.0.0.1:0/ (user / password: demo / demo, sam / sam)"
    assert became == [[sys.executable, "-m", "consumers", "--host", "127.0.0.1", "--port", "0", "--ready-line", ready]]
    assert os.environ["ALLOWED_HOSTS"] == "erp.example.com,127.0.0.1"


def test_only_what_anybody_can_sign_in_to_is_told() -> None:
    assert serve.ready_line("::1", 8000, []) == "Ready: http://[::1]:8000/"


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", "1"), ("0.0.0.0", "0")])  # noqa: S104
def test_the_settings_are_told_who_can_reach_the_server_and_believe_nobody_else(
    monkeypatch: pytest.MonkeyPatch, host: str, said: str
) -> None:
    monkeypatch.setenv("ERP_DEMO_ON_LOOPBACK", "1")
    monkeypatch.setattr(serve, "check", lambda: None)
    monkeypatch.setattr(serve, "prepare", list)
    monkeypatch.setattr(os, "execv", lambda *_: None)

    serve.main(host, 0)

    assert os.environ["ERP_DEMO_ON_LOOPBACK"] == said


def test_settings_that_let_strangers_in_are_not_served(
    settings: Settings, capsys: pytest.CaptureFixture[str], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("served"))
    settings.ALLOWED_HOSTS = ["*"]

    assert serve.main("127.0.0.1", 0) == 1
    assert "ALLOWED_HOSTS" in capsys.readouterr().err


# --- Demo accounts


@pytest.fixture
def known(settings: Settings, transactional_db: None) -> None:
    """A database that was tried out on loopback before."""
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = True, {}
    seed.add_users()


def test_on_loopback_every_demo_account_is_told(known: None) -> None:
    assert serve.demo_logins() == ["demo", "sam", "viewer"]


def test_a_database_with_well_known_passwords_is_not_served_elsewhere(
    known: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("served"))
    settings.DEMO_ON_LOOPBACK = False

    assert serve.main("127.0.0.1", 0) == 1
    said = capsys.readouterr().err
    assert "everybody knows: demo, sam, viewer" in said
    assert "ERP_DEMO_PASSWORDS" in said


def test_unless_there_are_passwords_of_ones_own_for_it(known: None, settings: Settings) -> None:
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = False, PASSWORDS

    assert serve.demo_logins() == []
    assert all(user.check_password(PASSWORDS[user.username]) for user in User.objects.all())


def test_elsewhere_an_empty_database_gets_no_account_and_says_how_to_make_one(
    settings: Settings, transactional_db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO_ON_LOOPBACK, settings.DEMO_PASSWORDS = False, {}
    monkeypatch.setattr(static_files, "publish", lambda: False)

    assert serve.prepare() == []
    assert not User.objects.exists()
    assert "createsuperuser" in capsys.readouterr().out


@pytest.mark.process
def test_the_very_first_start_names_every_account(tmp_path: Path) -> None:
    server = Server(tmp_path / "var", ERP_DEMO_PASSWORDS="").start()
    try:
        (ready,) = [line for line in server.lines if line.startswith("Ready: ")]
        assert ready.endswith("(user / password: demo / demo, sam / sam, viewer / viewer)")
    finally:
        server.kill()


@pytest.mark.django_db
def test_a_migrated_database_is_not_behind() -> None:
    assert not serve.is_behind()


@pytest.mark.django_db(transaction=True)
def test_a_database_from_before_the_tables_were_renamed_is_told_apart() -> None:
    assert not serve.lacks_tables()
    with connection.schema_editor() as editor:
        editor.delete_model(ExpiryFreeze)
    try:
        assert serve.lacks_tables()
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(ExpiryFreeze)

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection

from erp.demo import seed
from erp.launch import serve
from uploads.models import ExpiryFreeze


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
    monkeypatch.setattr(serve, "prepare", seed.add_users)
    monkeypatch.setenv("ALLOWED_HOSTS", "erp.example.com")

    serve.main("127.0.0.1", 0)

    ready = "Ready: http://127.0.0.1:0/ (user demo, password demo)"
    assert became == [[sys.executable, "-m", "consumers", "--host", "127.0.0.1", "--port", "0", "--ready-line", ready]]
    assert os.environ["ALLOWED_HOSTS"] == "erp.example.com,127.0.0.1"


@pytest.mark.django_db
def test_a_changed_password_is_not_told() -> None:
    User.objects.create_user("demo", password="long and secret")

    assert serve.ready_line("::1", 8000) == "Ready: http://[::1]:8000/"


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

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import InterfaceError, InternalError, OperationalError, connection
from django.test import Client

from erp.marketing.models import Product
from erp.web.sessions import SessionStore
from tests.support.servers.multipart import CREATE, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def database_gone(error: type[Exception]) -> Iterator[None]:
    """Fail each write of an existing session, like a database being restarted."""

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "django_session"'):
            raise error("the database system is shutting down")
        return run(sql, *rest)

    with connection.execute_wrapper(execute):
        yield


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_a_save_is_answered_although_its_session_was_not_written(
    demo: Client, draft: UUID, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    with database_gone(error):
        answer = demo.post(f"{CREATE}?draft={draft}", sent())

    assert (answer.status_code, answer.headers["Location"]) == (302, Product.objects.get().get_absolute_url())
    assert "was not written" in caplog.text


def test_a_session_that_was_deleted_meanwhile_is_not_brought_back(demo: Client) -> None:
    session = SessionStore(demo.cookies[settings.SESSION_COOKIE_NAME].value)
    session["temp_product_files"] = {"drafts": []}
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        session.save()


def test_a_new_session_is_not_taken_for_written() -> None:
    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        raise OperationalError

    with connection.execute_wrapper(execute), pytest.raises(OperationalError):
        SessionStore().save()

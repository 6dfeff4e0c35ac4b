"""The environment of a target: one user with one draft, a log that is watched, and nothing that would slow it down."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings

from consumers.polling.http_transport import HttpTransport
from consumers.runtime import Runtime
from consumers.urls import views
from consumers.work_shares import work_shares
from tests.support.wire.draft_driver import PRODUCT
from uploads import api
from uploads.core.states import FileState
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.files import admission, operations
from uploads.files.operations import UploadRequest
from uploads.models import Draft, File

NAME, PASSWORD = "fuzz", "seven lamps at noon"
FILES = tuple(UUID(int=number) for number in range(1, 8))
"""The ids of the draft's files, so that what is made from a seed can name them."""
FILE_STATES = (
    *(FileState.RECEIVING, FileState.RECEIVING, FileState.CHECKING, FileState.STORED),
    *(FileState.REMOVED, FileState.REJECTED, FileState.DELETED),
)
VARIANT = "red"
ANY_PACE = Rate(10**9, 1e9)


class World:
    """The signed-in user and the draft."""

    def __init__(self) -> None:
        self.user, made = User.objects.get_or_create(username=NAME)
        if made:
            self.user.set_password(PASSWORD)
            self.user.save()
            self.user.user_permissions.set(Permission.objects.filter(content_type__model="product"))
        self.client = Client()
        self.client.force_login(self.user)
        self.session_key = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        self.fresh()

    def fresh(self) -> None:
        """Start again with a new draft, independent of earlier cases."""
        File.objects.all().delete()
        Draft.objects.all().delete()
        self.draft_id = api.open_draft(self.user, PRODUCT, fresh=True, variants=[(VARIANT, "Red")]).id
        for file, state in zip(FILES, FILE_STATES, strict=True):
            request = UploadRequest(id=file, name=f"{file}.jpg", size=9, content_type="image/jpeg")
            operations.add(self.draft_id, self.user, request, None)
            File.objects.filter(pk=file).update(state=state, error_code="image_unreadable" * (state == "rejected"))


@contextmanager
def world() -> Iterator[World]:
    """A world with cheap passwords, unpublished static files and no rate limits."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with (
        override_settings(
            ALLOWED_HOSTS=["127.0.0.1", "testserver"],
            STORAGES={**settings.STORAGES, "staticfiles": plain},
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ),
        mock.patch.object(views, "transport", HttpTransport(ANY_PACE)),
        mock.patch.object(work_shares, "reserve", return_value=0.0),
        mock.patch.object(admission, "adds", KeyedLimiter(ANY_PACE)),
    ):
        yield World()


def runtime() -> Runtime:
    """A server process without rate limits."""
    made = Runtime()
    for name, limiter in vars(made).items():
        if name.endswith("_limiter"):
            setattr(made, name, type(limiter)(ANY_PACE))
    return made


class Watch(logging.Handler):
    """Collects logged failures of the server; what a client does wrong is a warning at most."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Collect the record if it is a failure."""
        refused = 400 <= getattr(record, "status_code", 0) < 500
        # A full disk is an error for the operator.
        failed = record.levelno >= logging.ERROR and record.name != "uploads.spool"
        if not refused and (failed or record.exc_info):
            self._found.append(logging.Formatter("%(name)s: %(message)s").format(record)[-3_000:])

    def take(self) -> list[str]:
        """Return what was collected since the last call."""
        found, self._found = self._found, []
        return found


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch the whole log without printing it."""
    watch = Watch()
    loggers = [logging.getLogger(name) for name in ("", "django", "uploads.events")]
    before = [logger.handlers for logger in loggers]
    for logger in loggers:
        logger.handlers = [watch]
    try:
        yield watch
    finally:
        for logger, handlers in zip(loggers, before, strict=True):
            logger.handlers = handlers

"""Fixtures of the ERP's tests: users to sign in as."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.support.erp_fixtures import *  # noqa: F403 - fixtures
from tests.support.servers.multipart import new_draft


@pytest.fixture(autouse=True)
def quick_pages(plain_pages: None) -> None:
    """For every test of the ERP."""


@pytest.fixture
def make_client(db: None) -> Callable[..., Client]:
    """Signs in a user with the named permissions on products."""

    def make(name: str, *verbs: str) -> Client:
        user = User.objects.create_user(name, password=name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_product" for verb in verbs]))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def demo(make_client: Callable[..., Client]) -> Client:
    """A user with all permissions on products."""
    return make_client("demo", "add", "change", "delete", "view")


@pytest.fixture
def user(demo: Client) -> User:
    """The user of the demo account `demo`."""
    return User.objects.get(username="demo")


@pytest.fixture
def draft(demo: Client) -> UUID:
    """The draft of a new product, opened by visiting the page."""
    return new_draft(demo)

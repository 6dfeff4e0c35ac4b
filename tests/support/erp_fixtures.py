"""Fixtures of tests that use the ERP's pages without a server."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

__all__ = ["SECRET", "eva", "plain_pages", "signed_in"]

SECRET = "long and secret"


@pytest.fixture
def plain_pages(settings: Settings) -> None:
    """Plain static file names, which need no published manifest, and fast password hashes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def eva(plain_pages: None, transactional_db: None) -> User:
    """A user with all permissions on products and the password `SECRET`."""
    user = User.objects.create_user("eva", password=SECRET)
    user.user_permissions.set(Permission.objects.filter(content_type__model="product"))
    return user


@pytest.fixture
def signed_in(eva: User) -> Client:
    """A client signed in as `eva`."""
    client = Client()
    client.force_login(eva)
    return client

"""The demo accounts: their names, which passwords they may have, and where they may sign in.

Their well-known passwords are for one person who tries the ERP on their own machine. Anywhere else they would let
anybody in, so they are refused there, whichever server runs the ERP, and no account is created with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest

NAMES = {"demo": ("Demo", ""), "sam": ("Sam", "Okafor"), "viewer": ("Viewer", "")}
"""First and last names by user name. The well-known password of each is its user name."""


def own_passwords() -> dict[str, str]:
    """Return the passwords set in ``ERP_DEMO_PASSWORDS``; empty if it is not set.

    Raises `ImproperlyConfigured` unless each account has one and none is easy to guess.
    """
    named: Mapping[str, object] = settings.DEMO_PASSWORDS
    if not named:
        return {}
    if set(named) != set(NAMES):
        raise ImproperlyConfigured(f"ERP_DEMO_PASSWORDS must name a password for each of {', '.join(NAMES)}.")
    for name, password in named.items():
        try:
            validate_password(str(password), User(username=name))
        except ValidationError as error:
            raise ImproperlyConfigured(f"ERP_DEMO_PASSWORDS, {name}: {' '.join(error.messages)}") from None
    return {name: str(password) for name, password in named.items()}


def passwords() -> dict[str, str]:
    """Return the passwords for new demo accounts; empty where demo accounts are not allowed."""
    return own_passwords() or ({name: name for name in NAMES} if settings.DEMO_ON_LOOPBACK else {})


def with_known_password() -> list[str]:
    """Return the active demo accounts that still have the well-known password."""
    users = list(User.objects.filter(username__in=NAMES, is_active=True).order_by("username"))
    # Each check deliberately takes half a second of CPU time, and lets other threads run.
    with ThreadPoolExecutor(len(NAMES)) as pool:
        known = list(pool.map(lambda user: check_password(user.username, user.password), users))
    return [user.username for user, is_known in zip(users, known, strict=True) if is_known]


def replace_passwords(names: list[str], new: Mapping[str, str]) -> None:
    """Set the new passwords of these accounts. Sessions of the old passwords end."""
    for user in User.objects.filter(username__in=names):
        user.set_password(new[user.username])
        user.save(update_fields=["password"])


class RefuseKnownPasswords:
    """Authentication backend that refuses well-known passwords, except where demo accounts are allowed."""

    def authenticate(self, request: HttpRequest | None, username: str = "", password: str = "", **_: Any) -> None:
        """Leave the decision to the backends after this one. Raises `PermissionDenied` for a well-known password."""
        if username in NAMES and password == username and not settings.DEMO_ON_LOOPBACK:
            raise PermissionDenied

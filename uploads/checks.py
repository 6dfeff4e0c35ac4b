"""System checks: settings that are wrong (errors) or unwise (warnings). The ids are never reused."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from uploads.conf import upload_settings
from uploads.grace.policy import configured_grace
from uploads.grace.rules import GraceSettings
from uploads.permissions import authoriser
from uploads.stores import account, registry
from uploads.stores.base import HasAccount, StoreError

SHORT_GRACE_SECONDS = 30


@register("uploads")
def check_settings(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """All findings on ``UPLOADS``; ``docs/settings.md`` lists them."""
    try:
        upload_settings()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="See docs/settings.md.", id="uploads.E001")]
    found: list[CheckMessage] = []
    for number, check in (("E002", registry.check), ("E003", _check_authoriser)):
        try:
            found += check()
        except (ImportError, TypeError, ImproperlyConfigured) as error:
            found.append(Error(f"UPLOADS: {error}", hint="Name an importable class.", id=f"uploads.{number}"))
    try:
        upload_settings().permanent_folder.format(target="1")
    except (KeyError, IndexError, ValueError) as error:
        hint = "Only {target} may stand in braces."
        found.append(Error(f"UPLOADS: PERMANENT_FOLDER cannot be used: {error}", hint=hint, id="uploads.E004"))
    return found + grace_warnings(configured_grace())


def _check_authoriser() -> list[CheckMessage]:
    authoriser()
    return []


SECRET_KEY_LENGTH = 50
SECRET_KEY_CHARACTERS = 5
"""Different ones: as Django's own check, which is a warning and asked for by `--deploy` only."""


@register("uploads")
def check_site(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """What a socket stands on: it is a session's, which a key signs, and a page's, which a host name tells."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts of the site: a page of any other that leads here could open sockets."
        found.append(Error("ALLOWED_HOSTS allows every host.", hint=hint, id="uploads.E006"))
    if not all(map(_is_strong, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])):
        hint = "Whoever guesses it signs in as anybody. Make one with `secrets.token_urlsafe(48)`."
        found.append(
            Error(
                "SECRET_KEY, or one of its fallbacks, is short, simple or one that Django made up.",
                hint=hint,
                id="uploads.E007",
            )
        )
    return found


def _is_strong(key: str | bytes) -> bool:
    text = key.decode("latin1") if isinstance(key, bytes) else key
    long = len(text) >= SECRET_KEY_LENGTH and len(set(text)) >= SECRET_KEY_CHARACTERS
    return long and not text.startswith("django-insecure-")


@register("uploads", deploy=True)
def check_account(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """With ``check --deploy``: ask the store's account what it allows, and keep that."""
    try:
        backend = registry.current_store()
    except (ImportError, TypeError, ImproperlyConfigured):
        return []
    if not isinstance(backend, HasAccount):
        return []
    try:
        told = account.ask(backend)
        ours, lower = upload_settings().limits, account.effective_limits()
    except DatabaseError:
        hint = "Migrate, then run the checks again: what the account says is kept there."
        return [Warning("UPLOADS: the store's account was not asked: no database", hint=hint, id="uploads.W004")]
    except StoreError as error:
        hint = "Our own limits hold until the account says what it allows. Look at the credentials and the network."
        return [Warning(f"UPLOADS: the store's account does not answer: {error}", hint=hint, id="uploads.W003")]
    if lower == ours:
        return []
    text = f"UPLOADS: the store's account takes files of {told.max_file_bytes} bytes and {told.max_pixels} pixels."
    return [Info(text, hint="The lower ones of its limits and ours are in force.", id="uploads.I002")]


def grace_warnings(grace: GraceSettings) -> list[CheckMessage]:
    """What is unwise about this N."""
    found: list[CheckMessage] = []
    if min(grace.seconds, grace.seconds_lost) < SHORT_GRACE_SECONDS:
        hint = "A reload on a slow connection takes longer than that. Use at least 30."
        found.append(Warning("UPLOADS: the grace is very short.", hint=hint, id="uploads.W001"))
    if grace.seconds_lost < grace.seconds:
        hint = "A lost connection is more likely to come back than a closed tab: give it at least as long."
        found.append(Warning("UPLOADS: GRACE_SECONDS_LOST is below GRACE_SECONDS.", hint=hint, id="uploads.W002"))
    return found

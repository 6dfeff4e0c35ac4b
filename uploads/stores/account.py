"""What the store's account allows: asked once a day by one process, kept in one row, and obeyed by all.

Where the store has no account, or nobody could ask yet, our own limits hold.
"""

from __future__ import annotations

import logging

from django.utils import timezone

from uploads.conf import upload_settings
from uploads.core.limits import Limits, lowered
from uploads.grace import clock
from uploads.models import StoreAccount
from uploads.stores.base import Account, HasAccount, StoreError
from uploads.stores.registry import current_store, known_account

logger = logging.getLogger("uploads.jobs")

EVERY_MS = 86_400_000
AGAIN_MS = 3_600_000
"""After a question that was not answered."""


def effective_limits() -> Limits:
    """The limits in force: ours, and the account's where they are lower."""
    ours = upload_settings().limits
    if not isinstance(current_store(), HasAccount):
        return ours
    told = known_account()
    return lowered(ours, max_file_bytes=told.max_file_bytes, max_pixels=told.max_pixels)


def refresh() -> None:
    """Ask the store when that is due and no other process does."""
    backend = current_store()
    if not isinstance(backend, HasAccount):
        return
    s_ms = clock.service_now()
    StoreAccount.objects.get_or_create(pk=1)
    # Whoever moves the row asks; should it die over that, another one does in an hour.
    if not StoreAccount.objects.filter(pk=1, ask_again_ms__lte=s_ms).update(ask_again_ms=s_ms + AGAIN_MS):
        return
    try:
        ask(backend)
    except StoreError as error:
        logger.warning("the store's account did not say what it allows: %s", error)


def ask(backend: HasAccount) -> Account:
    """Ask now, and keep the answer. Raises `StoreError`."""
    told = backend.account()
    StoreAccount.objects.update_or_create(
        pk=1,
        defaults={
            "max_file_bytes": told.max_file_bytes,
            "max_pixels": told.max_pixels,
            "dynamic_folders": told.dynamic_folders,
            "ask_again_ms": clock.service_now() + EVERY_MS,
            "read_at": timezone.now(),
        },
    )
    return told

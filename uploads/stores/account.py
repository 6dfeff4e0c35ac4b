"""The limits of the store's account: queried once a day by one process, kept in one row, obeyed by all.

Without an account, or before its first answer, the configured limits apply.
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
"""Interval after a query that was not answered."""


def effective_limits() -> Limits:
    """Return the configured limits, lowered to those of the account."""
    ours = upload_settings().limits
    if not isinstance(current_store(), HasAccount):
        return ours
    answer = known_account()
    return lowered(ours, max_file_bytes=answer.max_file_bytes, max_pixels=answer.max_pixels)


def refresh() -> None:
    """Query the account if that is due and no other process does."""
    backend = current_store()
    if not isinstance(backend, HasAccount):
        return
    s_ms = clock.service_now()
    StoreAccount.objects.get_or_create(pk=1)
    # The process that updates the row queries; if it dies meanwhile, another one does in an hour.
    if not StoreAccount.objects.filter(pk=1, ask_again_ms__lte=s_ms).update(ask_again_ms=s_ms + AGAIN_MS):
        return
    try:
        ask(backend)
    except StoreError as error:
        logger.warning("the store's account did not report its limits: %s", error)


def ask(backend: HasAccount) -> Account:
    """Query the account now and keep the answer. Raises `StoreError`."""
    answer = backend.account()
    StoreAccount.objects.update_or_create(
        pk=1,
        defaults={
            "max_file_bytes": answer.max_file_bytes,
            "max_pixels": answer.max_pixels,
            "dynamic_folders": answer.dynamic_folders,
            "ask_again_ms": clock.service_now() + EVERY_MS,
            "read_at": timezone.now(),
        },
    )
    return answer

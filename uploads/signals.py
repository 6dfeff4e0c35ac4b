"""Signals to code that `uploads` does not know, such as `consumers` and the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

draft_changed = Signal()
"""Sent after the commit of every durable change. Arguments: ``draft_id`` (UUID)."""

draft_ended = Signal()
"""Sent after a draft was committed, discarded or has expired. Arguments: ``draft_id`` (UUID)."""

jobs_written = Signal()
"""Sent after the commit of a transaction that wrote store jobs. No arguments."""

file_promoted = Signal()
"""Sent inside the transaction that makes a file PERMANENT. Arguments: ``file`` (UUID), ``url`` (str).

A receiver that raises rolls the transaction back; the promotion is retried later."""


def after_commit(function: Callable[..., object], *args: object) -> None:
    """Call `function` after this transaction commits; a failure is logged and affects no other hook.

    Do not pass a `partial`: Django logs the `__qualname__` of a failing hook, a `partial` has none, and that error
    stops all later hooks (Django 5.2, measured).
    """

    def run() -> None:
        function(*args)

    transaction.on_commit(run, robust=True)


def tell_tabs(draft_id: UUID) -> None:
    """Announce, after this transaction commits, that the draft changed."""
    transaction.on_commit(partial(draft_changed.send_robust, None, draft_id=draft_id))


def announce_end(draft_id: UUID) -> None:
    """Announce, after this transaction commits, that the draft ended."""
    transaction.on_commit(partial(draft_ended.send_robust, None, draft_id=draft_id))

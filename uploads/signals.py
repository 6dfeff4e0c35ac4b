"""Signals to code that `uploads` does not know, such as the live wire and the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

draft_changed = Signal()
"""After the commit of every durable change. Arguments: ``draft_id`` (UUID)."""

draft_ended = Signal()
"""After a draft was committed, discarded or has expired. Arguments: ``draft_id`` (UUID)."""

jobs_written = Signal()
"""After the commit of a transaction that wrote store jobs. No arguments."""

file_promoted = Signal()
"""Inside the transaction that makes a file PERMANENT. Arguments: ``file`` (UUID), ``url`` (str).
A receiver that raises undoes the switch; the promotion is tried again later."""


def after_commit(function: Callable[..., object], *args: object) -> None:
    """Call `function` once this transaction is committed; a failure is logged and costs no other hook anything.

    Not with a `partial`: Django logs the `__qualname__` of a hook that fails, a `partial` has none, and that error
    ends all later hooks (Django 5.2, measured).
    """

    def run() -> None:
        function(*args)

    transaction.on_commit(run, robust=True)


def tell_tabs(draft_id: UUID) -> None:
    """Announce, once this transaction is committed, that the draft changed."""
    transaction.on_commit(partial(draft_changed.send_robust, None, draft_id=draft_id))


def announce_end(draft_id: UUID) -> None:
    """Announce, once this transaction is committed, that the draft ended."""
    transaction.on_commit(partial(draft_ended.send_robust, None, draft_id=draft_id))

"""What a store must do, and what it may do besides.

Every effect may run twice and every call has a deadline; a store that cannot answer raises
`StoreError`. A key is never reused, so a late effect of an old call can only hit its own object.
A backend is done when it passes ``tests/support/store_contract.py``.

The deadline is the backend's own, for a thread that waits cannot be interrupted from outside: a backend
that speaks to a network passes its client a timeout for connecting and for every answer. A put that
ended by it may still land for up to `uploads.core.retry.LATE_MS`; the deadline must be shorter than that.
"""

from __future__ import annotations

from typing import BinaryIO, Protocol, runtime_checkable


class StoreError(Exception):
    """The store did not do what was asked, or did not say. Trying again later may help."""


class Store(Protocol):
    """The required core."""

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        """Keep `content` (read from its start) under `key`. A second put of the same bytes is no error."""

    def destroy(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""

    def url(self, key: str) -> str:
        """The lasting URL of a permanent object."""


@runtime_checkable
class Opens(Protocol):
    """A store whose objects can be read: their temp files are streamed by our own owner-checked view."""

    def open(self, key: str) -> BinaryIO:
        """The object's bytes. Raises `FileNotFoundError` when there is none."""


@runtime_checkable
class Promotes(Protocol):
    """A store that can move an object to another key without its bytes passing through us."""

    def promote(self, key: str, to: str) -> None:
        """Make the object of `key` available under `to`. The old key may or may not be gone after."""

"""The store interface: the required core and the optional capabilities.

Every effect may run twice and every call has a deadline; a store that cannot answer raises `StoreError`. A key is never
reused, so a late effect of an old call can only hit its own object. A backend is done when it passes
``tests/support/stores/contract.py``.

The deadline is the backend's own, because a waiting thread cannot be interrupted from outside: a backend that uses a
network passes its client a timeout for connecting and for every response. A put that timed out may still land for up to
`uploads.stores.retry.LATE_MS`; the deadline must be shorter than that.

A store returns a *receipt* for an object. It is kept beside the key and passed back with it, so that no URL costs a
call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from msgspec import Struct

from uploads.core.errors import Code

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

Receipt = dict[str, Any]
"""Facts about an object as JSON, written and read by its store alone. Empty: none."""


class StoreError(Exception):
    """A call that failed or was not answered. A retry may help unless `refused` is set.

    `refused`: why the store will never accept this object. `wait_ms`: how long the store asks to be left alone.
    `operator`: the store accepts no call (wrong credentials, a closed account), whatever the object. `answered`: the
    store works and rejected only this call, so other jobs need not wait; implied by `refused`.
    """

    def __init__(
        self,
        message: str,
        *,
        refused: Code | None = None,
        wait_ms: int | None = None,
        operator: bool = False,
        answered: bool = False,
    ) -> None:
        super().__init__(message)
        self.refused = refused
        self.wait_ms = wait_ms
        self.operator = operator
        self.answered = answered or refused is not None


class Promoted(Struct, frozen=True):
    """A promoted object: its key and receipt from now on, and whether it `left` its old key."""

    key: str
    receipt: Receipt
    left: bool


class Listed(Struct, frozen=True, kw_only=True):
    """One object of a listing."""

    key: str
    receipt: Receipt
    size: int
    created_at: datetime | None
    """When the object was stored; None if the store does not report it."""
    calls_left: int | None = None
    """Calls of this kind left until the store renews its quota; None if it has no quota."""


class Account(Struct, frozen=True, kw_only=True):
    """Limits of the store's account; None where it does not report them."""

    max_file_bytes: int | None = None
    max_pixels: int | None = None
    dynamic_folders: bool | None = None
    """Whether folders are labels independent of an object's name (Cloudinary)."""


def require_open(content: object) -> None:
    """Raise `TypeError` unless `content` is a file open for reading bytes.

    A client library would treat a string as the URL of an image to fetch, or as a local path.
    """
    read = getattr(content, "read", None)
    if not callable(read) or read(0) != b"":
        raise TypeError("put: only a file that is open for reading bytes can be stored")


class Store(Protocol):
    """The required core.

    `name` identifies the storage location and never changes; objects stored under another name are not found here.
    """

    name: str

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        """Store `content`, read from its start, under `key`. Putting the same bytes again is not an error.

        Raises `TypeError` as `require_open` does, before anything is sent.
        """

    def destroy(self, key: str) -> None:
        """Delete the object; a missing one is not an error."""

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""

    def url(self, key: str, receipt: Receipt) -> str:
        """Return the lasting URL of a permanent object, without a call."""


@runtime_checkable
class Opens(Protocol):
    """A store whose objects can be read; the owner-checked view streams its temp objects."""

    def open(self, key: str) -> BinaryIO:
        """Open the object for reading. Raises `FileNotFoundError` if there is none."""


@runtime_checkable
class Signs(Protocol):
    """A store that issues signed URLs for temp objects; the owner-checked view redirects to them."""

    def temp_url(self, key: str, receipt: Receipt) -> str:
        """Return an unguessable URL of the temp object, without a call."""


@runtime_checkable
class Thumbnails(Protocol):
    """A store that serves its objects in any size."""

    def thumbnail_url(self, key: str, receipt: Receipt, width: int, height: int) -> str:
        """Return the URL of the object, temp or permanent, scaled to fit `width` x `height` pixels, without a call."""


def keeps_small_pictures(store: Store) -> bool:
    """Whether small pictures are put into this store beside every image (`uploads.core.small_pictures`).

    A store that scales images needs none, and from one that cannot be read nobody could be shown any.
    """
    return isinstance(store, Opens) and not isinstance(store, Thumbnails)


@runtime_checkable
class Promotes(Protocol):
    """A store that can move an object to another key by itself, without a download and upload here."""

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        """Make the object of `key` permanent, under `to` or the key that the result names. Idempotent.

        A store that `keeps_small_pictures` promotes to `to` itself, or leaves the object under `key`. Raises
        `StoreError`, also if there is no such object.
        """


@runtime_checkable
class SavesInPlace(Protocol):
    """A store that may leave committed objects where they were put."""

    @property
    def saves_in_place(self) -> bool:
        """Whether it does."""


@runtime_checkable
class Lists(Protocol):
    """A store that can list its objects."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """Iterate over the objects in the folder `prefix`, which ends with a slash; pages are fetched on demand."""


@runtime_checkable
class HasAccount(Protocol):
    """A store whose account may have lower limits than the settings."""

    def account(self) -> Account:
        """Query the limits. Raises `StoreError`."""


@runtime_checkable
class UsesAccount(HasAccount, Protocol):
    """A store that needs its account's last answer for its own work."""

    def use_account(self, known: Callable[[], Account]) -> None:
        """Take `known`, which returns the account's last answer without a call. Called once, when the store is made."""


@runtime_checkable
class Checks(Protocol):
    """A store whose class reports on its configuration when Django runs the system checks."""

    @classmethod
    def check(cls, **options: object) -> list[CheckMessage]:
        """Report on a store that would be made with `options`, without a call. Raises what making it raises."""

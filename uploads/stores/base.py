"""What a store must do, and what it may do besides.

Every effect may run twice and every call has a deadline; a store that cannot answer raises
`StoreError`. A key is never reused, so a late effect of an old call can only hit its own object.
A backend is done when it passes ``tests/support/stores/contract.py``.

The deadline is the backend's own, for a thread that waits cannot be interrupted from outside: a backend
that speaks to a network passes its client a timeout for connecting and for every answer. A put that
ended by it may still land for up to `uploads.stores.retry.LATE_MS`; the deadline must be shorter than that.

What the store tells of an object, its *receipt*, is kept beside the key and given back with it, so that no
address of an object costs a call.
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
"""What a store told of an object, as JSON; only the store that wrote it reads it. Empty: nothing."""


class StoreError(Exception):
    """The store did not do what was asked, or did not say. Trying again later may help, unless it is `refused`.

    `refused` says why the store will never take this object. `wait_ms` is how long it asked to be left alone.
    `operator`: it lets nobody in (wrong credentials, a closed account), which is no object's fault. `answered`: it is
    there and works, and said no to this one call, as a `refused` always means; others need not wait for it.
    """

    def __init__(
        self,
        said: str,
        *,
        refused: Code | None = None,
        wait_ms: int | None = None,
        operator: bool = False,
        answered: bool = False,
    ) -> None:
        super().__init__(said)
        self.refused = refused
        self.wait_ms = wait_ms
        self.operator = operator
        self.answered = answered or refused is not None


class Promoted(Struct, frozen=True):
    """A promoted object: where it is from now on, its receipt there, and whether it `left` its old key."""

    key: str
    receipt: Receipt
    left: bool


class Listed(Struct, frozen=True, kw_only=True):
    """One object of a listing."""

    key: str
    receipt: Receipt
    size: int
    created_at: datetime | None
    """When the store got it, as far as it says."""
    calls_left: int | None = None
    """How many more calls of this kind the store allows until its allowance is renewed; None: it does not count."""


class Account(Struct, frozen=True, kw_only=True):
    """What the store's account allows; None where it does not say."""

    max_file_bytes: int | None = None
    max_pixels: int | None = None
    dynamic_folders: bool | None = None
    """Whether the folders of its library are labels apart from an object's name (Cloudinary)."""


def require_open(content: object) -> None:
    """Raises `TypeError` unless `content` is a file open for reading bytes.

    A client library takes a string for the address of an image to fetch, or for a path on this machine.
    """
    read = getattr(content, "read", None)
    if not callable(read) or read(0) != b"":
        raise TypeError("put: only a file that is open for reading bytes can be stored")


class Store(Protocol):
    """The required core.

    `name` is that of the place, always the same: what was put into a place of another name is not to be found here.
    """

    name: str

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        """Keep `content` (read from its start) under `key`. A second put of the same bytes is no error.

        Raises `TypeError` as `require_open` does, before anything is sent.
        """

    def destroy(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`."""

    def url(self, key: str, receipt: Receipt) -> str:
        """The lasting URL of a permanent object. No call."""


@runtime_checkable
class Opens(Protocol):
    """A store whose objects can be read: their temp files are streamed by our own owner-checked view."""

    def open(self, key: str) -> BinaryIO:
        """The object's bytes. Raises `FileNotFoundError` when there is none."""


@runtime_checkable
class Signs(Protocol):
    """A store whose temp objects a browser reads by itself: our owner-checked view leads there."""

    def temp_url(self, key: str, receipt: Receipt) -> str:
        """A URL that shows the temp object and cannot be guessed. No call."""


@runtime_checkable
class Thumbnails(Protocol):
    """A store that serves its objects in any size."""

    def thumbnail_url(self, key: str, receipt: Receipt, width: int, height: int) -> str:
        """The URL of the object, temp or permanent, reduced to fit `width` x `height` pixels. No call."""


@runtime_checkable
class Promotes(Protocol):
    """A store that can move an object to another key without its bytes passing through us."""

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        """Make the object of `key` the permanent one, under `to` or wherever the answer says.

        Asked again it finds what it did. Raises `StoreError`, also when there is no such object.
        """


@runtime_checkable
class Lists(Protocol):
    """A store that can say what it holds."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """The objects below the folder `prefix`, which ends with a slash; page by page, as they are asked for."""


@runtime_checkable
class HasAccount(Protocol):
    """A store with an account that allows less than we might."""

    def account(self) -> Account:
        """Ask what it allows. Raises `StoreError`."""


@runtime_checkable
class UsesAccount(HasAccount, Protocol):
    """A store with an account whose own work depends on what that answered."""

    def use_account(self, known: Callable[[], Account]) -> None:
        """Take `known`, which returns the account's last answer without a call. Called once, when the store is made."""


@runtime_checkable
class Checks(Protocol):
    """A store whose class reports on its configuration when Django runs the system checks."""

    @classmethod
    def check(cls, **options: object) -> list[CheckMessage]:
        """Report on a store that would be made with `options`, without a call. Raises what making it raises."""

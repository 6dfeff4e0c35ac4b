"""Cloudinary as a store: an object's public id is its key without the extension.

Theory of operation
-------------------
Every effect is idempotent. A put has a fixed id and never overwrites: if an earlier, unanswered put has succeeded, its
object is the result. A promotion is a rename; if its response is lost or unusable, the target shows what happened,
because an object never changes its asset id. Deleting a missing object succeeds.

Temp objects are *authenticated* (only a signed URL shows them), and the rename makes them public. No URL costs a call:
version, type and format are in the receipt.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info
from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta, Struct

from uploads.core.errors import Code
from uploads.stores.base import Account, Listed, Promoted, Receipt, StoreError, require_open
from uploads.stores.cloudinary import credentials
from uploads.stores.cloudinary.client import Client
from uploads.stores.cloudinary.multipart import MIN_PART_BYTES, send_parts
from uploads.stores.cloudinary.names import FORMATS, format_of, format_shown, kinds_of, public_id_of
from uploads.stores.cloudinary.responses import (
    CallFailed,
    may_have_happened,
    moment,
    positive,
    receipt_of,
    rows_of,
    table_of,
)
from uploads.stores.cloudinary.sdk import utils

REQUEST_BYTES = 100_000_000
"""Maximum size of a request to the API."""
PUT_SECONDS = 600
"""Deadline of a put, however many requests it takes: a late object must appear within `retry.LATE_MS`."""
PAGE = 500
Positive = Annotated[int, Meta(ge=1)]


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of ``UPLOADS["STORE"]["OPTIONS"]``."""

    promote_mode: Literal["rename", "none"] = "rename"
    """``none`` leaves a committed object where it was put."""
    private_temp: bool | None = None
    """Whether only signed URLs show a temp object; by default if a rename makes it public later."""
    timeout_seconds: Annotated[float, Meta(gt=0, le=120)] = 30
    """Deadline of a call; an upload gets one more second for each 250 kB."""
    concurrency: Positive = 4
    """Concurrent calls of one process."""
    single_request_bytes: Annotated[int, Meta(ge=1, le=REQUEST_BYTES)] = 20_000_000
    """Larger objects are uploaded in parts."""
    part_bytes: Annotated[int, Meta(ge=MIN_PART_BYTES, le=REQUEST_BYTES)] = 6_000_000
    max_side: Positive | None = None
    """Maximum width and height in pixels to which stored images are scaled down; by default as they are."""
    asset_folder: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_/ -]+\Z")] = "media"
    """Library folder of all objects in an account with dynamic folders; a rename does not change it."""
    sign_urls: bool = False
    """Sign every URL, for accounts with strict transformations."""


# See uploads/conf.py: two threads that first convert to it at the same time kill the process.
msgspec.json.Decoder(Options)


class CloudinaryStore:
    """A Cloudinary account. The credentials are read when the store is created and held by it alone."""

    def __init__(self, **options: object) -> None:
        """Raises `ImproperlyConfigured` for an invalid option, and `CredentialsError`."""
        try:
            self._options = msgspec.convert({name.lower(): value for name, value in options.items()}, Options)
        except msgspec.ValidationError as error:
            raise ImproperlyConfigured(f"An option of the Cloudinary store is wrong: {error}.") from error
        self._known_account: Callable[[], Account] = Account
        private = self._options.private_temp
        self._renames = self._options.promote_mode == "rename"
        if private and not self._renames:
            raise ImproperlyConfigured(
                "PRIVATE_TEMP needs PROMOTE_MODE rename: nothing else makes a private object public."
            )
        self._private = self._renames if private is None else private
        self.credentials = credentials.find(getattr(settings, "CLOUDINARY", None), os.environ)
        self.name = f"cloudinary {self.credentials.cloud_name}"
        self._client = Client(self.credentials, self._options.timeout_seconds, self._options.concurrency)

    @classmethod
    def check(cls, **options: object) -> list[CheckMessage]:
        """Report the account in use, or what is wrong with the credentials. Raises `ImproperlyConfigured`."""
        try:
            account = cls(**options).credentials
        except credentials.CredentialsError as error:
            hint = "Set CLOUDINARY_URL=cloudinary://KEY:SECRET@CLOUD, or the cloud name, the key and the secret."
            return [Error(f"Cloudinary: {error}", hint=hint, id="uploads.E005")]
        text = f"UPLOADS: images go to the cloud {account.cloud_name!r}; its credentials are from {account.source}."
        return [Info(text, id="uploads.I001")]

    @property
    def saves_in_place(self) -> bool:
        """Whether committed objects stay where they were put."""
        return not self._renames

    def use_account(self, known: Callable[[], Account]) -> None:
        """Take the function that returns the account's last answer."""
        self._known_account = known

    # --- Effects

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        """Upload `content` unless it exists. Raises `StoreError`, and `TypeError` for anything but an open file."""
        require_open(content)
        size = content.seek(0, os.SEEK_END)
        if not size:
            raise StoreError("put: nothing to store", refused=Code.EMPTY_FILE)
        public_id, kind = public_id_of(key), self._kinds(key)[0]
        send = partial(self._send, public_id, kind, content, size, time.monotonic() + PUT_SECONDS)
        response = send(overwrite=False)
        receipt = receipt_of("put", response, public_id, kind)
        if response.get("existing") and not self._is_whole(response, content):
            # The id belongs to this file alone, so this is an earlier attempt that went wrong.
            receipt = receipt_of("put", send(overwrite=True), public_id, kind)
        return receipt

    def destroy(self, key: str) -> None:
        """Delete the object and its copies in the CDN. Raises `StoreError`."""
        public_id = public_id_of(key)
        for kind in self._kinds(key):
            params = {"public_id": public_id, "type": kind, "invalidate": True}
            result = self._client.upload("destroy", "destroy", params).get("result")
            if result == "ok":
                return
            if result != "not found":
                raise StoreError("destroy: the response is neither ok nor not found")

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        """Rename the object and make it public; with ``PROMOTE_MODE`` none leave it in place. Raises `StoreError`."""
        asset_id = receipt.get("asset_id")
        if not self._renames:
            found = self._look_up("promote", key)
            if found is None:
                raise StoreError("promote: no such object", answered=True)
            return Promoted(key, receipt_of("promote", found, public_id_of(key), found["type"], asset_id), left=False)
        target = public_id_of(to)
        params = {
            "from_public_id": public_id_of(key),
            "to_public_id": target,
            "type": receipt.get("type") or self._kinds(key)[0],
            "to_type": "upload",
            "overwrite": False,
            "invalidate": True,
        }
        try:
            response = self._client.upload("promote", "rename", params)
            moved = receipt_of("promote", response, target, "upload", asset_id)
        except CallFailed as failed:
            moved = self._receipt_if_moved(to, target, asset_id, failed)
        return Promoted(to, moved, left=True)

    def _receipt_if_moved(self, to: str, target: str, asset_id: str | None, failed: CallFailed) -> Receipt:
        """Return the receipt of the promoted object if this or an earlier rename happened; else raise `failed`."""
        if may_have_happened(failed):
            found = self._look_up("promote", to)
            if found is not None:
                return receipt_of("promote", found, target, "upload", asset_id)
        raise failed

    def _send(
        self, public_id: str, kind: str, content: BinaryIO, size: int, until: float, *, overwrite: bool
    ) -> dict[str, Any]:
        options, side = self._options, self._options.max_side
        params: dict[str, Any] = {
            "public_id": public_id,
            "type": kind,
            "overwrite": overwrite,
            "allowed_formats": ",".join(FORMATS),
            "transformation": f"c_limit,h_{side},w_{side}" if side else None,
            "asset_folder": options.asset_folder if self._known_account().dynamic_folders else None,
        }
        upload = partial(self._client.upload, "put", "upload", params, until=until)
        if size > options.single_request_bytes:
            try:
                return send_parts(content, size, options.part_bytes, upload)
            except CallFailed as failed:
                # Some large images are rejected in parts but accepted whole; a server that is down is left alone.
                if failed.refused or failed.wait_ms is not None or failed.status is None or size >= REQUEST_BYTES:
                    raise
        content.seek(0)
        return upload(content.read())

    def _is_whole(self, response: dict[str, Any], content: BinaryIO) -> bool:
        """Whether the existing object has the bytes of `content`, as far as can be determined."""
        etag = response.get("etag")
        return self._options.max_side is not None or etag is None or etag == _md5(content)

    # --- Lookups

    def exists(self, key: str) -> bool:
        """Whether there is an object under `key`. Raises `StoreError`."""
        return self._look_up("exists", key) is not None

    def _look_up(self, verb: str, key: str) -> dict[str, Any] | None:
        """Return the object under `key`, or None, by a call that does not count against the hourly quota."""
        public_id = public_id_of(key)
        for kind in self._kinds(key):
            try:
                response = self._client.upload(verb, "explicit", {"public_id": public_id, "type": kind})
            except CallFailed as failed:
                if failed.status != 404:
                    raise
            else:
                receipt_of(verb, response, public_id, kind)
                return response
        return None

    def list(self, prefix: str) -> Iterator[Listed]:
        """Iterate over the objects in the folder `prefix`, 500 per counted call. Raises `StoreError`, `ValueError`."""
        if not prefix.endswith("/") or not prefix.strip("/"):
            raise ValueError("A prefix without a slash at its end would match its neighbours too.")
        for kind in self._kinds(prefix):
            seen: set[str | None] = set()
            cursor: str | None = None
            while cursor not in seen:
                seen.add(cursor)
                page = self._client.admin(
                    "list", f"resources/image/{kind}", prefix=prefix, max_results=PAGE, next_cursor=cursor
                )
                yield from _listed(page, prefix, kind)
                cursor = page.get("next_cursor")
                if cursor is None:
                    break
            else:
                raise StoreError("list: the listing repeats itself")

    def account(self) -> Account:
        """Query the account's limits, with two counted calls. Raises `StoreError`."""
        limits = table_of(self._client.admin("account", "usage"), "media_limits")
        mode = table_of(self._client.admin("account", "config", settings="true"), "settings").get("folder_mode")
        return Account(
            max_file_bytes=positive(limits.get("image_max_size_bytes")),
            max_pixels=positive(limits.get("image_max_px")),
            dynamic_folders=None if mode is None else mode == "dynamic",
        )

    # --- URLs

    def url(self, key: str, receipt: Receipt) -> str:
        """Return the URL of a permanent object, including its version."""
        return self._url(key, receipt)

    def temp_url(self, key: str, receipt: Receipt) -> str:
        """Return the signed URL of a temp object."""
        return self._url(key, receipt)

    def thumbnail_url(self, key: str, receipt: Receipt, width: int, height: int) -> str:
        """Return the URL of a thumbnail scaled by the CDN, in the best format that the browser supports."""
        small = {"crop": "limit", "width": width, "height": height, "quality": "auto", "fetch_format": "auto"}
        return self._url(key, receipt, format_shown(_format(key, receipt)), **small)

    def _url(self, key: str, receipt: Receipt, format_: str | None = None, **transformation: Any) -> str:
        account, kind = self.credentials, receipt.get("type") or self._kinds(key)[0]
        url, _ = utils.cloudinary_url(
            public_id_of(key),
            **transformation,
            resource_type="image",
            type=kind,
            version=receipt.get("version"),
            format=format_ or _format(key, receipt),
            sign_url=self._options.sign_urls or kind != "upload",
            cloud_name=account.cloud_name,
            api_secret=account.api_secret,
            secure=not account.loopback_host,
            cname=account.loopback_host or None,
            private_cdn=bool(account.secure_distribution),
            secure_distribution=account.secure_distribution or None,
            auth_token=False,
            **_NO_GLOBALS,
        )
        return str(url)

    def _kinds(self, key: str) -> Sequence[str]:
        return kinds_of(key, private=self._private)


def _format(key: str, receipt: Receipt) -> str:
    return str(receipt.get("format") or format_of(key))


_NO_GLOBALS = {
    "force_version": True,
    "shorten": False,
    "use_root_path": False,
    "cdn_subdomain": False,
    "secure_cdn_subdomain": False,
    "long_url_signature": False,
    "signature_algorithm": "sha1",
}
"""Values that a URL would otherwise take from the SDK's global configuration."""


def _listed(page: dict[str, Any], prefix: str, kind: str) -> Iterator[Listed]:
    for found in rows_of(page):
        # Deleted objects kept in a backup are listed as placeholders.
        if found.get("placeholder") or not str(found.get("public_id", "")).startswith(prefix):
            continue
        public_id = found["public_id"]
        yield Listed(
            key=f"{public_id}.{found['format']}" if found.get("format") else public_id,
            receipt=receipt_of("list", {**found, "type": kind}, public_id, kind),
            size=positive(found.get("bytes")) or 0,
            created_at=moment(found.get("created_at")),
            calls_left=page["calls_left"],
        )


def _md5(content: BinaryIO) -> str:
    content.seek(0)
    digest = hashlib.md5(usedforsecurity=False)
    while part := content.read(1_000_000):
        digest.update(part)
    return digest.hexdigest()

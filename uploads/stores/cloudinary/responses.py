"""Interpret Cloudinary's responses: pure functions over status, body and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from uploads.core.errors import Code
from uploads.stores.base import Receipt, StoreError

OPERATOR_WAIT_MS = 60_000
"""Retry interval for rejected credentials, which may have been corrected meanwhile."""
SPENT_WAIT_MS = 60_000
"""Wait for a spent quota whose renewal time is unknown."""

RECEIPT_FIELDS = ("asset_id", "public_id", "version", "resource_type", "type", "format", "bytes", "etag", "request_id")

_REFUSED = (
    (re.compile(r"file size too large", re.IGNORECASE), Code.TOO_LARGE),
    (
        re.compile(r"maximum (image|total) .*(pixel|size)|too many pixels|megapixels", re.IGNORECASE),
        Code.TOO_MANY_PIXELS,
    ),
    (re.compile(r"invalid image|not allowed|unsupported|corrupt", re.IGNORECASE), Code.IMAGE_UNREADABLE),
)
_FINAL = {400, 413, 415, 422}
_CLEAR = _FINAL | {404, 409}
"""Statuses that concern only the object of the call."""


class CallFailed(StoreError):
    """A call that did not succeed; `status` is None without a usable response."""

    def __init__(self, message: str, status: int | None, **facts: Any) -> None:
        super().__init__(message, answered=status in _CLEAR, **facts)
        self.status = status


def failure(
    verb: str, status: int | None, message: str, headers: Mapping[str, str], now: datetime, *, secret: str = ""
) -> CallFailed:
    """Return the error of the call `verb` that was answered with `status` and `message` at `now` (UTC)."""
    request = headers.get("x-request-id", "")
    text = (
        f"{verb}: {_scrubbed(message, secret)}"
        if status is None
        else f"{verb}: HTTP {status} {_scrubbed(message, secret)}"
    )
    text = f"{text} (request {request})" if request else text
    if status in (401, 403):
        return CallFailed(text, status, operator=True, wait_ms=OPERATOR_WAIT_MS)
    if verb == "put" and status in _FINAL and (code := _refused(status, message)):
        return CallFailed(text, status, refused=code)
    return CallFailed(text, status, wait_ms=wait_ms(status, headers, now))


def wait_ms(status: int | None, headers: Mapping[str, str], now: datetime) -> int | None:
    """Return how long the response asks to be left alone, in ms; None if it does not.

    420 is a spent quota and names the time of its renewal; others may carry Retry-After.
    """
    if status == 420:
        wait = _until(headers.get("x-featureratelimit-reset", ""), now)
        wait = wait if wait is not None else _until(headers.get("retry-after", ""), now)
        return SPENT_WAIT_MS if wait is None else wait
    return _until(headers.get("retry-after", ""), now) if status in (423, 429, 503) else None


def calls_left(headers: Mapping[str, str]) -> int | None:
    """Return how many more Admin calls the account allows this hour; None if the response does not say."""
    remaining = headers.get("x-featureratelimit-remaining", "")
    return int(remaining) if remaining.isdecimal() else None


def _until(value: str, now: datetime) -> int | None:
    """Return the milliseconds until `value`, which is a number of seconds or an HTTP date."""
    try:
        if value.isdecimal():
            return int(value) * 1000
        return max(0, int((parsedate_to_datetime(value) - now).total_seconds() * 1000))
    except (ValueError, TypeError):
        return None


def _refused(status: int | None, message: str) -> Code | None:
    if status == 413:
        return Code.TOO_LARGE
    return next((code for pattern, code in _REFUSED if pattern.search(message)), None)


def _scrubbed(message: str, secret: str) -> str:
    """Remove request data from the message and shorten it, because it is logged and stored."""
    plain = message.partition("String to sign")[0]
    plain = re.sub(r"s--[\w-]+--|signature \w{8,}", "signature", plain, flags=re.IGNORECASE)
    return (plain.replace(secret, "***") if secret else plain).strip()[:160]


def may_have_happened(failed: CallFailed) -> bool:
    """Whether this or an earlier rename may have happened nevertheless, so that the target must be checked."""
    return failed.status not in (401, 403, 420, 423, 429)


def receipt_of(
    verb: str, response: Mapping[str, Any], public_id: str, kind: str, asset_id: str | None = None
) -> Receipt:
    """Return the receipt from the response. Raises `CallFailed` if it does not describe this very object."""
    if not response.get("asset_id") or response.get("public_id") != public_id or response.get("type") != kind:
        raise CallFailed(f"{verb}: the response describes no object, or another one", None)
    if asset_id and response["asset_id"] != asset_id:
        raise CallFailed(f"{verb}: another object has this name", 409)
    return {name: response[name] for name in RECEIPT_FIELDS if response.get(name) is not None}


def rows_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of one page of a listing. Raises `CallFailed` if it is not a listing."""
    rows = page.get("resources")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CallFailed("list: the response is not a listing", None)
    return rows


def table_of(response: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object `name` of the response; empty if there is none."""
    found = response.get(name)
    return found if isinstance(found, dict) else {}


def positive(value: object) -> int | None:
    """Return a size or a limit; None unless it is a positive integer."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def moment(value: object) -> datetime | None:
    """Parse a time, UTC if it has no zone; None if it is invalid."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

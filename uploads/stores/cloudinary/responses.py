"""What an answer of Cloudinary means: pure functions over its status, its text and its headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from uploads.core.errors import Code
from uploads.stores.base import Receipt, StoreError

OPERATOR_WAIT_MS = 60_000
"""Credentials that are wrong are tried again after that: somebody may have mended them."""
SPENT_WAIT_MS = 60_000
"""A spent allowance that does not say when it is renewed."""

KEPT = ("asset_id", "public_id", "version", "resource_type", "type", "format", "bytes", "etag", "request_id")

_REFUSED = (
    (re.compile(r"file size too large", re.IGNORECASE), Code.TOO_LARGE),
    (
        re.compile(r"maximum (image|total) .*(pixel|size)|too many pixels|megapixels", re.IGNORECASE),
        Code.TOO_MANY_PIXELS,
    ),
    (re.compile(r"invalid image|not allowed|unsupported|corrupt", re.IGNORECASE), Code.IMAGE_UNREADABLE),
)
_SAID_FOR_GOOD = {400, 413, 415, 422}
_CLEAR = _SAID_FOR_GOOD | {404, 409}
"""About the one object that was asked for."""


class CallFailed(StoreError):
    """A call that did not succeed; `status` is None when nothing that can be understood came back."""

    def __init__(self, said: str, status: int | None, **facts: Any) -> None:
        super().__init__(said, answered=status in _CLEAR, **facts)
        self.status = status


def failure(
    verb: str, status: int | None, said: str, headers: Mapping[str, str], now: datetime, *, secret: str = ""
) -> CallFailed:
    """The error of a call named `verb` that was answered with `status` and the text `said`, at `now` (UTC)."""
    request = headers.get("x-request-id", "")
    text = (
        f"{verb}: {_scrubbed(said, secret)}" if status is None else f"{verb}: HTTP {status} {_scrubbed(said, secret)}"
    )
    text = f"{text} (request {request})" if request else text
    if status in (401, 403):
        return CallFailed(text, status, operator=True, wait_ms=OPERATOR_WAIT_MS)
    if verb == "put" and status in _SAID_FOR_GOOD and (code := _refused(status, said)):
        return CallFailed(text, status, refused=code)
    return CallFailed(text, status, wait_ms=wait_ms(status, headers, now))


def wait_ms(status: int | None, headers: Mapping[str, str], now: datetime) -> int | None:
    """How long the answer asks to be left alone; None when it does not.

    420 is a spent allowance and names the time of its renewal; others may carry Retry-After.
    """
    if status == 420:
        told = _until(headers.get("x-featureratelimit-reset", ""), now)
        told = told if told is not None else _until(headers.get("retry-after", ""), now)
        return SPENT_WAIT_MS if told is None else told
    return _until(headers.get("retry-after", ""), now) if status in (423, 429, 503) else None


def calls_left(headers: Mapping[str, str]) -> int | None:
    """Return how many more Admin calls the account allows this hour; None if the response does not say."""
    remaining = headers.get("x-featureratelimit-remaining", "")
    return int(remaining) if remaining.isdecimal() else None


def _until(told: str, now: datetime) -> int | None:
    """Milliseconds until `told`, which is seconds or an HTTP date."""
    try:
        if told.isdecimal():
            return int(told) * 1000
        return max(0, int((parsedate_to_datetime(told) - now).total_seconds() * 1000))
    except (ValueError, TypeError):
        return None


def _refused(status: int | None, said: str) -> Code | None:
    if status == 413:
        return Code.TOO_LARGE
    return next((code for pattern, code in _REFUSED if pattern.search(said)), None)


def _scrubbed(said: str, secret: str) -> str:
    """The text without what it repeats of the request, and short: it ends in a log and in the database."""
    plain = said.partition("String to sign")[0]
    plain = re.sub(r"s--[\w-]+--|signature \w{8,}", "signature", plain, flags=re.IGNORECASE)
    return (plain.replace(secret, "***") if secret else plain).strip()[:160]


def may_have_happened(failed: CallFailed) -> bool:
    """Whether a rename that failed so may be done all the same, now or by an earlier call: then look before acting."""
    return failed.status not in (401, 403, 420, 423, 429)


def receipt_of(verb: str, told: Mapping[str, Any], public_id: str, kind: str, asset_id: str | None = None) -> Receipt:
    """What is kept of the answer. Raises `CallFailed` when it does not tell of this very object of this type."""
    if not told.get("asset_id") or told.get("public_id") != public_id or told.get("type") != kind:
        raise CallFailed(f"{verb}: the answer tells of no object, or of another one", None)
    if asset_id and told["asset_id"] != asset_id:
        raise CallFailed(f"{verb}: another object has this name", 409)
    return {name: told[name] for name in KEPT if told.get(name) is not None}


def rows_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of one page of a listing. Raises `CallFailed` when it is none."""
    rows = page.get("resources")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CallFailed("list: an answer that is no listing", None)
    return rows


def table_of(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object `name` of the answer; empty when there is none."""
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def positive(told: object) -> int | None:
    """A size or a limit; None when there is none or it is no positive number."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def moment(told: object) -> datetime | None:
    """A time, of UTC where it does not say; None when it is none."""
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

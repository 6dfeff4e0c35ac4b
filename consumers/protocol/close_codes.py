"""Close codes of the server, and the refusals that close with them."""

from __future__ import annotations

from enum import IntEnum

from uploads.core.errors import Code


class CloseCode(IntEnum):
    """Reasons for which the server closes a socket."""

    BAD_PROTOCOL = 4400
    SIGNED_OUT = 4401
    NOT_ALLOWED = 4403
    NOT_FOUND = 4404
    LEASE_LOST = 4408
    ENDED = 4409
    EXPIRED = 4410
    TOO_MUCH_DATA = 4413
    TOO_FAST = 4429
    RESTARTING = 4503


CLOSE_CODES: dict[Code, CloseCode] = {
    Code.BAD_MESSAGE: CloseCode.BAD_PROTOCOL,
    Code.SIGNED_OUT: CloseCode.SIGNED_OUT,
    Code.NOT_ALLOWED: CloseCode.NOT_ALLOWED,
    Code.DRAFT_NOT_FOUND: CloseCode.NOT_FOUND,
    Code.DRAFT_ENDED: CloseCode.ENDED,
    Code.DRAFT_EXPIRED: CloseCode.EXPIRED,
    Code.LEASE_LOST: CloseCode.LEASE_LOST,
    Code.RESTARTING: CloseCode.RESTARTING,
    Code.TOO_MUCH_DATA: CloseCode.TOO_MUCH_DATA,
    Code.TOO_FAST: CloseCode.TOO_FAST,
}
"""The refusals that close a connection, and the code it closes with."""

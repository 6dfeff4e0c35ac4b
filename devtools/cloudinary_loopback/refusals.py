"""What the server says no with."""

from __future__ import annotations


class Refused(Exception):
    """The request is answered with `status` and ``{"error": {"message": message}}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def missing(parameter: str) -> Refused:
    """Official reference: the text for a parameter that must be there."""
    return Refused(400, f"Missing required parameter - {parameter}")


def not_found(what: str) -> Refused:
    """Official reference: the text for an asset that is not there."""
    return Refused(404, f"Resource not found - {what}")

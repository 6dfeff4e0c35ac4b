"""What of a request reaches the log: a traceback is about our own failures."""

from __future__ import annotations

import logging


class OneLineForClientErrors(logging.Filter):
    """Log a request that is refused with 4xx as one warning, without the traceback that Django adds to some.

    Any stranger can name a wrong host, send a broken form or too many fields, as often as they like.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Take all records, those of refused requests without their traceback."""
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True

"""Filter what is logged about requests: a traceback means that the server failed."""

from __future__ import annotations

import logging


class OneLineForClientErrors(logging.Filter):
    """Logs a request that is refused with 4xx as one warning, without the traceback that Django adds to some.

    Any stranger can send a wrong host, a broken form or too many fields, as often as they like.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass all records, those of refused requests without their traceback."""
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True

"""One JSON line for each thing that happens to a draft (logger ``uploads.events``)."""

from __future__ import annotations

import json
import logging
from functools import partial
from uuid import UUID

from django.db import transaction

_logger = logging.getLogger("uploads.events")


def record(event: str, draft_id: UUID, **facts: str | int | None) -> None:
    """Log `event` (``draft_opened``, ``grace_started``, ...) of a draft once this transaction is committed.

    JSON escapes control characters, so a hostile name cannot forge a second line.
    """
    line = json.dumps({"event": event, "draft": str(draft_id), **facts}, sort_keys=True)
    transaction.on_commit(partial(_logger.info, "%s", line))

"""One JSON line for each event of a draft or of the whole site (logger ``uploads.events``)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.db import transaction

_logger = logging.getLogger("uploads.events")


def record(event: str, draft_id: UUID | None, **facts: str | int | None) -> None:
    """Log `event` (``draft_opened``, ``grace_started``, ...) of a draft after this transaction commits.

    None stands for the whole site. JSON escapes control characters, so a hostile name cannot forge a second line.
    """
    _log_after_commit(logging.INFO, event, draft_id, facts)


def alarm(event: str, draft_id: UUID | None, **facts: str | int | None) -> None:
    """Log like `record`, at the level of an error: the operator has to act."""
    _log_after_commit(logging.ERROR, event, draft_id, facts)


def _log_after_commit(level: int, event: str, draft_id: UUID | None, facts: Mapping[str, str | int | None]) -> None:
    about = {} if draft_id is None else {"draft": str(draft_id)}
    line = json.dumps({"event": event, **about, **facts}, sort_keys=True)
    transaction.on_commit(partial(_logger.log, level, "%s", line))

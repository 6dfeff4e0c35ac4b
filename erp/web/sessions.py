"""Sessions in the database whose loss of one write is no reason to refuse an answer.

Django writes a changed session after the view. When the database goes away in just that moment it takes the session for
deleted and answers 400, also to a save that has made its product.
"""

from __future__ import annotations

import logging

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from erp.web.database_errors import DATABASE_DOWN

logger = logging.getLogger("erp.sessions")


class SessionStore(db.SessionStore):
    """What `settings.SESSION_ENGINE` names."""

    def save(self, must_create: bool = False) -> None:
        """Write the session; a change of an existing one that the database did not take is logged and forgotten.

        What the session names is looked up again by the next request: drafts that ended are dropped then. Raises
        `UpdateError` when the session was deleted meanwhile, and for a new session whatever the database raised.
        """
        is_new = must_create or self.session_key is None
        try:
            super().save(must_create)
        except (UpdateError, *DATABASE_DOWN) as error:
            cause = error.__context__ if isinstance(error, UpdateError) else error
            if is_new or not isinstance(cause, DATABASE_DOWN):
                raise
            logger.warning("a change of a session was not written: %s", cause)

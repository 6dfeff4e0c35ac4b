"""Database sessions that tolerate a lost write instead of failing the response.

Django writes a changed session after the view. If the database fails at that moment, Django takes the session for
deleted and answers 400, even to a save that has created its product.
"""

from __future__ import annotations

import logging

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from erp.web.database_errors import DATABASE_DOWN

logger = logging.getLogger("erp.sessions")


class SessionStore(db.SessionStore):
    """The session engine named in `settings.SESSION_ENGINE`."""

    def save(self, must_create: bool = False) -> None:
        """Write the session; if the database fails, a change of an existing session is logged and dropped.

        The next request looks up again what the session names, and then removes drafts that ended. Raises `UpdateError`
        if the session was deleted meanwhile, and any database error for a new session.
        """
        is_new = must_create or self.session_key is None
        try:
            super().save(must_create)
        except (UpdateError, *DATABASE_DOWN) as error:
            cause = error.__context__ if isinstance(error, UpdateError) else error
            if is_new or not isinstance(cause, DATABASE_DOWN):
                raise
            logger.warning("a change of a session was not written: %s", cause)

"""The real server as a project runs it that forgot the lifespan: it serves, and its heartbeat never begins.

python -m tests.support.servers.heartless_server --port P
"""

from __future__ import annotations

import os
import sys


def stop_the_heartbeat() -> None:
    """Let no process begin to beat."""
    from uploads.runtime.heartbeat import Heart

    async def never(self: Heart) -> None:
        """Start nothing."""

    setattr(Heart, "start", never)  # noqa: B010 - a method cannot be assigned for a type checker


if __name__ == "__main__":
    from consumers.server import daphne

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    import django

    django.setup()
    stop_the_heartbeat()
    sys.exit(daphne.main())

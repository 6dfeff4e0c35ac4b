"""The real server as a project runs it that forgot the lifespan: it serves, and its heartbeat never begins.

python -m tests.support.servers.no_heartbeat_server --port P
"""

from __future__ import annotations

import os
import sys


def stop_the_heartbeat() -> None:
    """Let no process start its heartbeat."""
    from uploads.runtime.heartbeat import HeartbeatSupervisor

    async def never(self: HeartbeatSupervisor) -> None:
        """Start nothing."""

    setattr(HeartbeatSupervisor, "start", never)  # noqa: B010 - a method cannot be assigned for a type checker


if __name__ == "__main__":
    from consumers.server import daphne

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    import django

    django.setup()
    stop_the_heartbeat()
    sys.exit(daphne.main())

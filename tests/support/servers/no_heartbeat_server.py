"""The real server as run by a project without the lifespan: it serves, but its heartbeat never starts.

python -m tests.support.servers.no_heartbeat_server --port P
"""

from __future__ import annotations

import os
import sys


def stop_the_heartbeat() -> None:
    """Prevent the heartbeat from starting."""
    from uploads.runtime.heartbeat import HeartbeatSupervisor

    async def never(self: HeartbeatSupervisor) -> None:
        """Do nothing."""

    setattr(HeartbeatSupervisor, "start", never)  # noqa: B010 - a method cannot be assigned for a type checker


if __name__ == "__main__":
    from consumers.server import daphne

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    import django

    django.setup()
    stop_the_heartbeat()
    sys.exit(daphne.main())

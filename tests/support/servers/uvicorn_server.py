"""The ERP under uvicorn, with the options that the docs name. Its `var` has to be migrated already."""

from __future__ import annotations

import sys

from tests.support.servers.server import Server

OPTIONS = "--ws-max-size 524288 --ws-per-message-deflate false --ws-ping-interval 20 --ws-ping-timeout 15 --lifespan on"


class UvicornServer(Server):
    ready = "Uvicorn running on"

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "uvicorn", "asgi:application", "--port", str(self.port), *OPTIONS.split()]

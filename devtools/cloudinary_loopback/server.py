"""The server: clouds behind one port on loopback."""

from __future__ import annotations

import sys
import threading
from http.server import ThreadingHTTPServer
from itertools import count
from typing import Any

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.handler import Handler


class CloudinaryServer:
    """Serves from `start` to `stop`. Everything is in memory."""

    def __init__(self, port: int = 0) -> None:
        self.clouds: dict[str, Cloud] = {}
        self._names = count(1)
        self._http = _Server(("127.0.0.1", port), type("Handler", (Handler,), {"owner": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> CloudinaryServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, and release the calls that are kept waiting."""
        for cloud in [*self.clouds.values()]:
            self.forget(cloud)
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def cloud(self, name: str = "") -> Cloud:
        """Return a new cloud."""
        name = name or f"cloud-{next(self._names)}"
        self.clouds[name] = Cloud(name, self.address)
        return self.clouds[name]

    def forget(self, cloud: Cloud) -> None:
        """Remove a cloud with everything in it."""
        cloud.heal()
        del self.clouds[cloud.name]


class _Server(ThreadingHTTPServer):
    """One thread per connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report errors of this server; a client that disconnects is none."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

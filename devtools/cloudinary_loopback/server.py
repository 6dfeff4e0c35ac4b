"""The server itself: clouds behind one port of the loopback."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

from devtools.cloudinary_loopback.blobs import Blobs
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.handler import Handler
from devtools.cloudinary_loopback.plan import Plan


class CloudinaryServer:
    """Serves from `start` to `stop`. Bytes lie in `folder`, everything else in memory."""

    def __init__(self, folder: Path | None = None, port: int = 0) -> None:
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="cloudinary-"))
        self.blobs = Blobs(self.folder / "blobs")
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
        """Every connection ends, whatever it waits for."""
        for cloud in self.clouds.values():
            cloud.heal()
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        self._thread.join()
        self.blobs.remove()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def cloud(self, name: str = "", **plan: Any) -> Cloud:
        """A cloud of this name, made when there is none; without a name a fresh one. `plan` are members of `Plan`."""
        name = name or f"cloud-{next(self._names)}"
        if name not in self.clouds:
            self.clouds[name] = Cloud(name, self.address, self.blobs, Plan(**plan))
        return self.clouds[name]

    def forget(self, cloud: Cloud) -> None:
        """The cloud is gone with all its bytes."""
        cloud.reset()
        self.clouds.pop(cloud.name, None)


class _Server(ThreadingHTTPServer):
    """A thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *address: Any) -> None:
        self._connections: set[socket.socket] = set()
        super().__init__(*address)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; anything else is a fault of this server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            connection.close()

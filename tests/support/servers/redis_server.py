"""A Redis instance for tests on a free port, without persistence; tests kill and restart it."""

from __future__ import annotations

import socket
import subprocess

from tests.support.servers.programs import need
from tests.support.servers.server import free_port, wait_for

SECONDS = 30


class RedisServer:
    """One instance."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> RedisServer:
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([need("Redis"), "--port", str(self.port), *options], stdout=subprocess.DEVNULL)
        wait_for(self._answers, SECONDS, "Redis answers")
        return self

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "redis-server ended"
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                probe.sendall(b"PING\r\n")
                return probe.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def kill(self) -> None:
        """Kill it with SIGKILL: all connections break and all subscriptions are lost."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.wait(SECONDS)

    def restart(self) -> None:
        self.kill()
        self.start()

"""A site: several server processes of one ERP, which share one PostgreSQL database, one Redis and one disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle, islice
from pathlib import Path

from tests.support.servers.postgres import PostgreSQL
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import Server, copy_of
from tests.support.wire.http_client import SESSIONS, HttpClient

TEMPLATE = "template_site"


class Cluster:
    """`servers` share everything but their memory; each may be killed, paused and restarted.

    Each server is of the next kind in `kinds`.
    """

    kinds: tuple[type[Server], ...] = (Server,)

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        self.environment = environment
        self.servers: list[Server] = []

    def start(self, processes: int = 2) -> Cluster:
        """Start this many more processes, in parallel."""
        new = [kind(self.var, **self.environment) for kind in islice(cycle(self.kinds), processes)]
        self.servers += new
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(Server.start, new))
        return self

    def kill(self) -> None:
        for server in self.servers:
            server.kill()


class Template:
    """Creates sites, each with a copy of one migrated and seeded database and of its `var`."""

    def __init__(self, postgresql: PostgreSQL, redis_server: RedisServer, folder: Path) -> None:
        self._postgresql, self._redis, self._folder = postgresql, redis_server, folder
        self._numbers = count(1)
        server = Server(folder / "template", DATABASE_URL=postgresql.create_database(TEMPLATE)).start()
        SESSIONS.setdefault("demo", []).append(HttpClient(server.url, afresh=True).cookie("sessionid"))
        assert server.terminate() == 0

    def new_site(self, **environment: str) -> Cluster:
        """Return a site without processes yet. `environment` takes precedence, for instance over ``REDIS_URL``."""
        name = f"site{next(self._numbers)}"
        database = self._postgresql.create_database(name, TEMPLATE)
        var = copy_of(self._folder / "template", self._folder / name)
        behind = {"DATABASE_URL": database, "REDIS_URL": self._redis.url, "REDIS_PREFIX": name}
        return Cluster(var, **{**behind, **environment})

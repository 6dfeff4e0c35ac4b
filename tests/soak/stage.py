"""The target of the faults: a site of several server processes with its own PostgreSQL and Redis."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from tests.soak.beside import server_of
from tests.soak.checker import Facts, FileRow
from tests.soak.journal import Journal
from tests.soak.watch import temp_files
from tests.support.servers.cluster import Cluster, Template
from tests.support.servers.postgres import PostgreSQL
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import ROOT, Server
from tests.support.wire.http_client import SESSIONS

CLEAN = {"clean", "request"}
DROPS_EVERYTHING = "tests.support.faults.silent_layer.SilentLayer"
STAFF = 20
JOBS = "SELECT kind, key, attempts, error FROM draft_uploads_storejob WHERE kind <> 'destroy_retry'"
"""Deletes that are repeated a quarter of an hour later do not count as pending work."""
ADD_STAFF = f"""
import json
from django.contrib.auth.models import Permission, User
from django.test import Client
may = Permission.objects.filter(content_type__app_label="marketing", content_type__model="product")
keys = {{}}
for number in range({STAFF}):
    user, client = User.objects.create(username=f"staff{{number}}", is_staff=True), Client()
    user.user_permissions.set(may)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    keys[user.username] = client.cookies["sessionid"].value
print(json.dumps(keys))
"""


class Stage:
    """A site under faults. N is `grace` seconds after a clean end and `grace_lost` after any other."""

    def __init__(self, site: Cluster, postgresql: PostgreSQL, redis: RedisServer, grace: int, grace_lost: int) -> None:
        self.site, self.postgresql, self.redis = site, postgresql, redis
        self.grace, self.grace_lost = grace, grace_lost
        self.faults = site.var / "faults"
        self.journal = Journal()

    @property
    def servers(self) -> list[Server]:
        return self.site.servers

    @property
    def database_url(self) -> str:
        return self.site.environment["DATABASE_URL"]

    @property
    def grace_ms(self) -> dict[str, int]:
        """N by cause."""
        causes = ("clean", "request", "lost", "lapsed", "restart")
        return {cause: 1000 * (self.grace if cause in CLEAN else self.grace_lost) for cause in causes}

    def arm(self, point: str) -> None:
        """Arm `point`: the server that reaches it next kills itself."""
        (self.faults / point).touch()

    def is_armed(self, point: str) -> bool:
        """Whether no server has reached `point` yet."""
        return (self.faults / point).exists()

    def dead(self) -> list[Server]:
        """Return the servers that ended unexpectedly."""
        return [server for server in self.servers if not server.is_running]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return self.servers[0].query(sql)

    def unsettled(self, left: Collection[str]) -> list[tuple[object, ...]]:
        """Return what is still pending: store jobs, and those of the drafts `left` that have not ended."""
        drafts = self.query("SELECT id, state FROM draft_uploads_draft WHERE state IN ('open', 'grace', 'expiring')")
        return [row for row in drafts if _id(row[0]) in left] + self.query(JOBS)

    def facts(self) -> Facts:
        """Read the current facts."""
        drafts = self.query("SELECT id, state, grace_cause FROM draft_uploads_draft")
        files = self.query(
            "SELECT id, draft_id, state, store_key, sequence FROM draft_uploads_file WHERE source_id IS NULL"
        )
        products = self.query("SELECT upload, product_id, sequence FROM marketing_productfile")
        store = self.site.var / "files"
        objects = [path for path in store.rglob("*") if path.is_file()]
        spool = [path for path in temp_files(self.site.var) if path.is_relative_to(self.site.var / "spool")]
        return Facts(
            drafts={_id(id_): (str(state), str(cause)) for id_, state, cause in drafts},
            files={_id(row[0]): FileRow(_id(row[1]), str(row[2]), str(row[3]), int(str(row[4]))) for row in files},
            products={_id(upload): (f"/marketing/product/{pk}/", int(str(at))) for upload, pk, at in products},
            objects={
                path.relative_to(store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in objects
            },
            spooled=frozenset(path.name[:36] for path in spool),
            jobs=len(self.query(JOBS)),
        )


class FaultyServer(Server):
    """The real server; see `tests.support.servers.faulty_server`."""

    module = "tests.support.servers.faulty_server"


class Builder:
    """Creates stages on one PostgreSQL and one Redis of its own, between `open` and `close`.

    Every second server runs the code in `beside`, if given.
    """

    def __init__(self, beside: Path | None = None) -> None:
        self._beside = [] if beside is None else [server_of(beside)]
        self._folder = Path(tempfile.mkdtemp(prefix="soak-"))
        self._postgresql, self._redis = PostgreSQL(), RedisServer()
        self._made: list[Cluster] = []

    def open(self) -> None:
        """Start the services, and create the site of which all stages are copies."""
        self._postgresql.start()
        self._redis.start()
        self._template = Template(self._postgresql, self._redis, self._folder)

    def close(self) -> None:
        """Stop everything and delete all data."""
        for site in self._made:
            site.kill()
        self._redis.kill()
        self._postgresql.remove()
        shutil.rmtree(self._folder)

    def stage(self, servers: int, grace: int, grace_lost: int, *, silent: bool = False) -> Stage:
        """Set the site up; see `set_up`."""
        made = set_up(self._template, self._postgresql, self._redis, grace, grace_lost, silent=silent)
        made.site.kinds = (*made.site.kinds, *self._beside)
        self._made.append(made.site)
        made.site.start(servers)
        return made


def set_up(
    template: Template, postgresql: PostgreSQL, redis: RedisServer, grace: int, grace_lost: int, *, silent: bool = False
) -> Stage:
    """Return a site without processes; `silent` gives it a channel layer that drops everything."""
    environment = {"UPLOADS_GRACE_SECONDS": str(grace), "UPLOADS_GRACE_SECONDS_LOST": str(grace_lost)}
    if silent:
        environment |= {"REDIS_URL": "", "CHANNEL_LAYER_BACKEND": DROPS_EVERYTHING}
    site = template.new_site(**environment)
    stage = Stage(site, postgresql, redis, grace, grace_lost)
    stage.faults.mkdir()
    site.environment["FAULTS"] = str(stage.faults)
    site.kinds = (FaultyServer,)
    add_staff(site)
    return stage


def add_staff(site: Cluster) -> None:
    """Create signed-in staff, enough that nobody has too many drafts; twenty passwords would outlast a fault."""
    environment = {**os.environ, "ERP_VAR": str(site.var), **site.environment}
    command = [sys.executable, "-m", "erp", "shell", "-v", "0", "-c", ADD_STAFF]
    added = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    for name, key in json.loads(added.stdout.splitlines()[-1]).items():
        SESSIONS.setdefault(name, []).insert(0, key)


def _id(value: object) -> str:
    return str(UUID(str(value)))

"""Fixtures for all tests: a separate disk for in-process tests, real servers, and the services behind several."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from consumers.work_shares import work_shares
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.fixtures import cloudinary_server, loopback_cloudinary
from tests.support.run import counts, emptied_database, fast, shared_out
from tests.support.run.counts import Counted
from tests.support.servers.cluster import Cluster, Template
from tests.support.servers.postgres import PostgreSQL
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import Server, copy_of
from tests.support.wire.http_client import SESSIONS, HttpClient
from uploads.core.token_bucket import KeyedLimiter
from uploads.files import admission

__all__ = ["cloudinary_server", "loopback_cloudinary"]

FULL_SECONDS = 4 * 3600
"""The maximum duration of a test with its full counts."""
PART_SECONDS = 180

REPORT = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    counts.add_options(parser)
    fast.add_option(parser)
    shared_out.add_option(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = []
    if config.getoption("--full-counts"):
        config.option.timeout = FULL_SECONDS


@pytest.fixture(scope="session")
def counted(request: pytest.FixtureRequest) -> Counted:
    """Return `counted(part, full)`, which chooses one of the two for this run. Tests that use it are counted tests."""
    return partial(counts.counted, request.config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Counted tests take longer than others, even in part, and much longer on a busy machine."""
    fast.keep(config, items)
    counted = [item for item in items if "counted" in getattr(item, "fixturenames", ())]
    if config.getoption("--full-counts"):
        items[:] = counted
        return
    for item in counted:
        item.add_marker(pytest.mark.timeout(PART_SECONDS))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    return shared_out.run(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[REPORT]:
        terminalreporter.section("counts")
        terminalreporter.write_line(counts.extent(config))
    for line in config.stash[REPORT]:
        terminalreporter.write_line(line)


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[object], None]:
    """Prints a line at the end of the run, after the test's name."""
    return lambda what: request.config.stash[REPORT].append(f"{request.node.name}: {what}")


@pytest.fixture(autouse=True)
def own_disk(settings: Settings, tmp_path: Path) -> Path:
    """Put the spool and the store of an in-process test into its own folder."""
    settings.UPLOADS = {**settings.UPLOADS, "SPOOL_DIR": str(tmp_path / "spool")}
    storages = {**settings.STORAGES}
    storages["draft_uploads"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "files", "base_url": "/"},
    }
    settings.STORAGES = storages
    return tmp_path


@pytest.fixture(autouse=True)
def own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests in one process do not use up each other's files, nor each other's processor."""
    monkeypatch.setattr(admission, "adds", KeyedLimiter(admission.ADDS))
    monkeypatch.setattr(work_shares, "_left", OrderedDict())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give parallel runs a test database each."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    """Empty the database after tests that commit, in less time than most of them take."""
    with pytest.MonkeyPatch.context() as patch:
        emptied_database.install(patch)
        yield


@pytest.fixture(scope="session")
def prepared_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `var` with a migrated database, signed-in demo staff, products, and published static files.

    `python3 -m tests` sets $PREPARED to a folder for all of its checks: the first one to run creates it, alone.
    """
    folder = Path(os.environ.get("PREPARED") or tmp_path_factory.mktemp("prepared"))
    var, sessions = folder / "var", folder / "sessions.json"
    if not sessions.exists():
        server = Server(var).start()
        keys = {name: HttpClient(server.url, name).cookie("sessionid") for name in ("demo", "sam")}
        assert server.terminate() == 0
        sessions.write_text(json.dumps(keys))
    for name, key in json.loads(sessions.read_text()).items():
        # Before others, because browsers use no other servers.
        SESSIONS[name] = [key, *SESSIONS.get(name, [])]
    return var


@pytest.fixture(scope="module")
def shared_server(prepared_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start one server for all tests of a module in which no test stops or fills it."""
    made: list[Server] = []

    def start(**environment: str) -> Server:
        made.append(Server(copy_of(prepared_var, tmp_path_factory.mktemp("server") / "var"), **environment))
        return made[-1].start()

    yield start
    for server in made:
        server.kill()


@pytest.fixture
def make_server(prepared_var: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts real servers, each with its own `var`; all of them stop with the test."""
    made: list[Server] = []

    def make(**environment: str) -> Server:
        server = Server(copy_of(prepared_var, tmp_path / f"var{len(made)}"), **environment)
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """One real server with a grace of 2 s after a clean close and 4 s after a loss."""
    return make_server(UPLOADS_GRACE_SECONDS="2", UPLOADS_GRACE_SECONDS_LOST="4")


# --- Cloudinary on loopback


@pytest.fixture
def use_cloudinary(
    cloudinary_server: Cloud, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Cloud]:
    """Switches the current store to the cloud of the test; the arguments are the store's options."""
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url)

    def use(**options: object) -> Cloud:
        backend = "uploads.stores.cloudinary.store.CloudinaryStore"
        chosen = {"BACKEND": backend, "OPTIONS": {"timeout_seconds": 5, **options}}
        settings.UPLOADS = {**settings.UPLOADS, "STORE": chosen}
        return cloudinary_server

    return use


@pytest.fixture
def cloud(use_cloudinary: Callable[..., Cloud]) -> Cloud:
    """The current store is on this cloud."""
    return use_cloudinary()


# --- Several server processes


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One PostgreSQL for the run, started by the first test that needs it."""
    instance = PostgreSQL()
    yield instance.start()
    instance.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis for the run, started by the first test that needs it."""
    instance = RedisServer()
    yield instance.start()
    instance.kill()


@pytest.fixture(scope="session")
def cluster_template(
    postgresql: PostgreSQL, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    """A migrated and seeded database with its `var`, of which every site starts as a copy."""
    return Template(postgresql, redis_server, tmp_path_factory.mktemp("site"))


@pytest.fixture
def make_cluster(cluster_template: Template) -> Iterator[Callable[..., Cluster]]:
    """Starts sites of several server processes; all of them stop with the test."""
    made: list[Cluster] = []

    def make(processes: int = 2, **environment: str) -> Cluster:
        made.append(cluster_template.new_site(**environment))
        made[-1].start(processes)
        return made[-1]

    yield make
    for site in made:
        site.kill()

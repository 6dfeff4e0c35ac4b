"""A PostgreSQL instance for tests: fresh data on a free port; tests stop, restart and kill it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.servers.programs import need
from tests.support.servers.server import free_port, wait_for

USER = "erp"
NOBODY = 65534
SECONDS = 30
ABRUPT = signal.SIGQUIT
"""`immediate`: no notice to clients, no checkpoint; the next start recovers from the log, as after a crash."""
FAST = signal.SIGINT
"""`fast`: clients are disconnected, everything is written, then it ends."""


class PostgreSQL:
    """One instance. `durable` keeps `fsync` on, for tests that stop it abruptly; otherwise it is off, for speed."""

    def __init__(self, *, durable: bool = True) -> None:
        self.port = free_port()
        # Not below pytest's folder, which the user that runs PostgreSQL cannot enter.
        self._folder = Path(tempfile.mkdtemp(prefix="test-postgresql-"))
        self._data = self._folder / "data"
        self._fsync = "on" if durable else "off"
        self._programs = Path(need("PostgreSQL")).parent
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._as: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            os.chown(self._folder, NOBODY, NOBODY)
        initdb = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", "-D", self._data, *initdb],
            cwd=self._folder,
            capture_output=True,
            check=True,
            **self._as,
        )

    def start(self) -> PostgreSQL:
        given = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "max_connections": "300",
            "fsync": self._fsync,
            "full_page_writes": self._fsync,
        }
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *options],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._as,
            )
        wait_for(self._answers, SECONDS, f"PostgreSQL answers, see {self.log}")
        return self

    @property
    def log(self) -> Path:
        return self._folder / "log"

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = FAST) -> None:
        """Stop it (`FAST` or `ABRUPT`) and wait until it has ended; the data remain."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            process.wait(SECONDS)

    def restart(self, how: signal.Signals = ABRUPT) -> None:
        self.stop(how)
        self.start()

    def remove(self) -> None:
        """Stop it permanently and delete everything."""
        self.stop(ABRUPT)
        shutil.rmtree(self._folder)

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database from a copy of `template`, which must have no connections; return its URL."""
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)),
        )
        return self.url(name)

    def run(self, statement: Any) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

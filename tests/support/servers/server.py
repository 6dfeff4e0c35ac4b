"""A real server process with its own database, disk and port: started, killed, paused and inspected."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from uploads.core import small_pictures

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 180
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME")
"""Services used by the tests themselves; a server gets its own, or none."""


PASSWORDS = {"demo": "seven lamps at noon", "sam": "nine mugs in a row", "viewer": "two plates and no soup"}
"""The password of the demo accounts: the well-known ones work only on SQLite and loopback."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m erp` on `var`, or the server it would start if `var` is prepared. Log lines are collected in `lines`.

    It runs on SQLite below `var`, or on the PostgreSQL and Redis named in the environment.
    """

    module = "erp"
    root = ROOT
    """The folder of the code that it runs."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        self.port = free_port()
        self.lines: list[str] = []
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        inherited = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        always = {"ERP_VAR": str(self.var), "PYTHONUNBUFFERED": "1", "ERP_DEMO_PASSWORDS": json.dumps(PASSWORDS)}
        environment = {**inherited, **always, "ERP_DEMO_ON_LOOPBACK": "1", **self._environment}
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module(), "--port", str(self.port)],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready, before = threading.Event(), len(self.lines)
        self._reader = threading.Thread(target=self._read, args=(self._process, ready), daemon=True)
        self._reader.start()
        # A process that closed its output without its ready line is about to end, but may not have ended yet.
        if not ready.wait(START_SECONDS) or not any(line.startswith("Ready: ") for line in self.lines[before:]):
            self.kill()
            raise AssertionError("the server did not start:\n" + "\n".join(self.lines))
        return self

    def _module(self) -> str:
        """Return the command to run: with nothing left to prepare, `python -m erp` is half of the start time."""
        is_prepared = (self.var / "static.stamp").exists()
        return "consumers" if self.module == "erp" and is_prepared else self.module

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())
                if line.startswith("Ready: "):
                    ready.set()
        ready.set()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Return the exit status of a process that ended by itself; negative for a signal."""
        return None if self._process is None else self._process.poll()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill it with SIGKILL: no further code runs in the server."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Send SIGTERM, so that the server drains; return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(how)
        status = process.wait(START_SECONDS)
        self._reader.join(START_SECONDS)
        return status

    # --- Inspection

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Query the server's database. `sql` uses `?` for values and must be valid on both engines."""
        if url := self._environment.get("DATABASE_URL"):
            with psycopg.connect(url) as postgresql:
                return postgresql.execute(sql.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()
        database = sqlite3.connect(f"file:{self.var / 'erp.sqlite3'}?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def draft_state(self, draft_id: str) -> str:
        rows = self.query("SELECT state FROM draft_uploads_draft WHERE id = ?", draft_id.replace("-", ""))
        return str(rows[0][0]) if rows else "none"

    def file_states(self, draft_id: str) -> dict[str, str]:
        rows = self.query("SELECT id, state FROM draft_uploads_file WHERE draft_id = ?", draft_id.replace("-", ""))
        return {str(UUID(str(file))): str(state) for file, state in rows}

    def temp_objects(self) -> list[Path]:
        """Return everything on disk that does not belong to a product yet: temp objects and spools."""
        temp = self.var / "files" / "media" / "temp_product_files"
        spool = self.var / "spool"
        return [path for folder in (temp, spool) if folder.exists() for path in folder.rglob("*") if path.is_file()]

    def temp_images(self) -> list[Path]:
        """Those of them that are no small picture of another."""
        found = self.temp_objects()
        return [path for path in found if path.parent.name != "previews" and not small_pictures.is_small(path.name)]

    def service_time(self) -> int:
        """Return the clock row, as last ticked."""
        return int(self.query("SELECT s_ms FROM draft_uploads_serviceclock")[0][0])

    def tracebacks(self) -> list[str]:
        """Return the errors in its log, with some lines of context each."""
        lines = list(self.lines)
        return ["\n".join(lines[at - 1 : at + 60]) for at, line in enumerate(lines) if line.startswith("Traceback")]

    def events(self, name: str) -> list[str]:
        return [line for line in list(self.lines) if f'"event": "{name}"' in line]

    def memory_bytes(self) -> int:
        """Return the resident memory of the server process itself."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


def copy_of(template: Path, to: Path) -> Path:
    """Return a fresh `var` for one server: a copy of the prepared database, images and static files."""
    shutil.copytree(template, to)
    return to


def wait_for(condition: Callable[[], Any], seconds: float = 10, what: str = "", pause: float = 0.02) -> Any:
    """Poll `condition` for at most `seconds`, and return its first true value."""
    until = time.monotonic() + seconds
    never = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < until, f"not within {seconds} s: {what or condition}"
        never.wait(pause)
    return value

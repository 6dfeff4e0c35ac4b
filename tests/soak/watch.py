"""Watches a site from outside: S as the product reads it, and when the last byte of each file was deleted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg

PAUSE_SECONDS = 0.02
STEP_CAP_MS = 2_000
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CLOCK = "SELECT s_ms, last_ms, extract(epoch FROM clock_timestamp()) * 1000 FROM draft_uploads_serviceclock"


def temp_files(var: Path) -> Iterator[Path]:
    """Return everything that does not belong to a product yet: temp objects and spools."""
    for folder in (var / "files" / "media" / "temp_product_files", var / "spool"):
        # A folder may disappear while it is being walked.
        with suppress(FileNotFoundError):
            yield from (path for path in folder.rglob("*") if not path.is_dir())


class Watch:
    """A thread that polls about fifty times a second. `with Watch(url, var) as watch`."""

    def __init__(self, database_url: str, var: Path) -> None:
        self.s_ms = 0.0
        """S a moment ago: a lower bound of S now."""
        self.gone: dict[str, tuple[float, float]] = {}
        """When a file that had bytes was first seen without: S in ms, and seconds of the monotonic clock."""
        self.longest_pause = 0.0
        """The longest time between two polls, in seconds, which is the precision of every measured delay."""
        self._url, self._var = database_url, var
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._database: psycopg.Connection | None = None

    def __enter__(self) -> Watch:
        self._read_clock()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        if self._database is not None:
            self._database.close()

    @property
    def gone_ms(self) -> dict[str, float]:
        """S at which each file was deleted."""
        return {file: s_ms for file, (s_ms, _) in list(self.gone.items())}

    def _run(self) -> None:
        present: set[str] = set()
        looked = time.monotonic()
        while not self._stop.wait(PAUSE_SECONDS):
            now = {found.group() for path in temp_files(self._var) if (found := UUID.search(path.name))}
            self._read_clock()
            at = time.monotonic()
            self.longest_pause, looked = max(self.longest_pause, at - looked), at
            for file in now - present:
                self.gone.pop(file, None)
            for file in present - now:
                self.gone[file] = (self.s_ms, at)
            present = now

    def _read_clock(self) -> None:
        """While the database is down S stands still, as far as can be observed."""
        try:
            if self._database is None:
                self._database = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
            row = self._database.execute(CLOCK).fetchone()
        except psycopg.Error:
            self._database = None
            return
        if row is not None:
            s_ms, last_ms, now_ms = (float(value) for value in row)
            self.s_ms = s_ms + min(max(now_ms - last_ms, 0), STEP_CAP_MS)

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from erp.launch.private_files import private_directory, private_file
from tests.support.servers.server import ELSEWHERE, ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def generous() -> Iterator[None]:
    """Set a umask that protects nothing."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def test_a_directory_and_all_made_above_it_are_their_owners_alone(tmp_path: Path):
    with generous():
        made = private_directory(tmp_path / "a" / "b" / "c")
    assert [mode(path) for path in (made, made.parent, made.parent.parent)] == [0o700] * 3


def test_a_file_is_private_from_its_first_byte(tmp_path: Path):
    with generous():
        private_file(tmp_path / "database")
    assert mode(tmp_path / "database") == 0o600


def test_what_an_earlier_version_left_open_is_closed_to_others_and_nothing_is_lost(tmp_path: Path):
    database, log, folder = tmp_path / "database", tmp_path / "database-wal", tmp_path / "files"
    for path in (database, log):
        path.write_bytes(b"rows")
        path.chmod(0o644)
    folder.mkdir(mode=0o755)
    private_file(database)
    private_directory(folder)

    assert [mode(path) for path in (database, log, folder)] == [0o640, 0o640, 0o750]
    assert database.read_bytes() == b"rows"


EVERYTHING = """
import os
os.umask(0)
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from tests.support.images.pictures import picture
from tests.support.wire.draft_driver import PRODUCT, Driver, run_jobs
from uploads import api

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    user = User.objects.create(username="ada")
    driver = Driver(user, api.open_draft(user, PRODUCT, fresh=True).id)
    stored = driver.store(content=picture())
    driver.upload(content=picture())
    from django.db import connection
    connection.ensure_connection()
    os._exit(0)
"""


def test_no_other_user_can_read_anything_but_published_files(tmp_path: Path):
    """A real `var`, created under the most permissive umask; the connection is open, so that SQLite's logs exist."""
    var, script = tmp_path / "new" / "var", tmp_path / "everything.py"
    script.write_text(EVERYTHING)
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment |= {"DJANGO_SETTINGS_MODULE": "erp.settings", "ERP_VAR": str(var), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(script)], cwd=ROOT, env=environment, check=True)

    written = [var, *(path for path in var.rglob("*") if path.relative_to(var).parts[0] != "static")]
    names = {path.relative_to(var).parts[0] for path in written[1:]}
    assert {"erp.sqlite3", "erp.sqlite3-wal", "erp.sqlite3-shm", "files", "secret_key", "spool"} <= names
    assert {path.name for path in written if path.is_file()} & {"secret_key", "erp.sqlite3"}
    assert [path for path in written if mode(path) & 0o077] == []

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.soak.beside import checkout, server_of
from tests.support.servers.server import ROOT, copy_of


def test_a_server_beside_runs_the_code_of_its_checkout(prepared_var: Path, tmp_path: Path):
    with checkout("HEAD") as there:
        assert there is not None
        with (there / "asgi.py").open("a") as asgi:
            asgi.write('print("the other version", flush=True)\n')
        server = server_of(there)(copy_of(prepared_var, tmp_path / "var")).start()
        try:
            assert "the other version" in server.lines
        finally:
            assert server.terminate() == 0

    assert not there.exists()
    listed = subprocess.run(["git", "worktree", "list"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert str(there) not in listed


def test_without_a_revision_there_is_nothing_beside():
    with checkout("") as there:
        assert there is None


def test_a_revision_that_does_not_exist_stops_the_run():
    with pytest.raises(subprocess.CalledProcessError), checkout("no-such-revision"):
        pass

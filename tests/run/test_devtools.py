"""The tests of `devtools/` run if that folder changed, and whenever Git cannot tell."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.run.devtools import changed

Git = Callable[..., None]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository whose main has two commits."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    for file in ("devtools/a.py", "other.py"):
        write(tmp_path, file)
        run("add", "-A")
        run("commit", "-qm", file)
    return run


def write(root: Path, file: str, text: str = "1\n") -> None:
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text(text)


def commit(root: Path, git: Git, file: str) -> None:
    write(root, file, "2\n")
    git("add", "-A")
    git("commit", "-qm", file)


def test_main_is_compared_with_its_previous_commit(tmp_path: Path, git: Git):
    assert not changed(tmp_path)
    commit(tmp_path, git, "devtools/a.py")
    assert changed(tmp_path)
    commit(tmp_path, git, "other.py")
    assert not changed(tmp_path)


def test_a_branch_is_compared_with_where_it_left_main(tmp_path: Path, git: Git):
    git("switch", "-qc", "branch")
    commit(tmp_path, git, "other.py")
    assert not changed(tmp_path)
    commit(tmp_path, git, "devtools/a.py")
    commit(tmp_path, git, "more.py")
    assert changed(tmp_path)
    git("switch", "-q", "main")
    commit(tmp_path, git, "devtools/b.py")
    git("switch", "-qc", "another", "HEAD^")
    commit(tmp_path, git, "more.py")
    assert not changed(tmp_path)


def test_local_commits_on_main_are_compared_with_the_remote_one(tmp_path: Path, git: Git):
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    commit(tmp_path, git, "devtools/a.py")
    commit(tmp_path, git, "other.py")
    assert changed(tmp_path)


@pytest.mark.parametrize("file", ["devtools/a.py", "devtools/new.py"])
def test_what_is_not_committed_counts(tmp_path: Path, git: Git, file: str):
    write(tmp_path, file, "3\n")
    assert changed(tmp_path)


def test_without_history_they_run(tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch):
    git("clone", "-q", "--depth", "1", f"file://{tmp_path}", "shallow")
    git("init", "-q", "empty")
    assert changed(tmp_path / "shallow")
    assert changed(tmp_path / "empty")
    assert changed(Path("/"))
    monkeypatch.setenv("PATH", "")
    assert changed(tmp_path)

"""Bytes go in one place only, and only of files that the database has already given up."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, run_jobs
from uploads.models import StoreJob
from uploads.stores.registry import store

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for folder in ("uploads", "consumers", "erp") for path in (ROOT / folder).rglob("*.py")]


def places(wanted: str) -> set[str]:
    """The functions outside the stores themselves in whose code the expression `wanted` is used."""
    found = set()
    for path in SOURCES:
        if "stores" in path.parts or "migrations" in path.parts:
            continue
        for function in functions(ast.parse(path.read_text())):
            for node in ast.walk(function):
                if isinstance(node, ast.Call | ast.Attribute) and ast.unparse(node).startswith(wanted):
                    found.add(f"{path.relative_to(ROOT).as_posix()}: {function.name}")
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_one_function_asks_the_store_to_destroy():
    assert places("store.destroy(") == {"uploads/jobs.py: _destroy"}
    assert places("store().destroy(") == set()


def test_two_of_the_functions_that_write_jobs_ask_for_it():
    assert places("StoreJob(") == {
        "uploads/commit.py: _promote",
        "uploads/drafts.py: destroy_jobs",
        "uploads/files.py: ask_put",
        "uploads/jobs.py: _destroy_if_unwanted",
    }
    assert places("drafts.destroy_jobs(") == {
        "uploads/jobs.py: _left_behind",
        "uploads/jobs.py: _promote",
        "uploads/orphans.py: _destroy",
    }


def test_these_decide_that_files_go_and_only_a_release_lets_permanent_ones_go():
    deciding = places("drafts.destroy(") | places("destroy(")
    assert deciding == {
        "uploads/commit.py: _close",
        "uploads/commit.py: release",
        "uploads/drafts.py: end",
        "uploads/files.py: purge",
        "uploads/files.py: remove",
        "uploads/orphans.py: _adopt",
    }
    assert places("FileEvent.RELEASE") == {"uploads/commit.py: release"}


@pytest.mark.parametrize("state", ["stored", "linked", "permanent"])
def test_a_destroy_of_what_is_still_shown_is_not_carried_out(desk: Desk, caplog: pytest.LogCaptureFixture, state: str):
    """No code writes such a job; here somebody does it by hand."""
    file_id = desk.store()
    if state != "stored":
        desk.commit()
    if state == "permanent":
        run_jobs()
    StoreJob.objects.all().delete()
    file = desk.file(file_id)
    StoreJob.objects.create(kind=StoreJob.Kind.DESTROY, file=file, key=file.store_key, not_before_ms=0)

    run_jobs()

    assert store().exists(file.store_key)
    assert desk.file_state(file_id) == state
    told = [json.loads(record.message)["event"] for record in caplog.records if record.levelno == logging.ERROR]
    assert told == ["destroy_refused"]
    assert not StoreJob.objects.exists()

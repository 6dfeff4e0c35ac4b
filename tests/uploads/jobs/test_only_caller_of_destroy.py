"""Bytes are deleted in one place only, and only those of files that the database has already given up."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.models import StoreJob
from uploads.stores.registry import current_store

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [path for folder in ("uploads", "consumers", "erp") for path in (ROOT / folder).rglob("*.py")]


def places(wanted: str) -> set[str]:
    """Return the functions outside the stores in whose code the expression `wanted` occurs."""
    found = set()
    for path in SOURCES:
        if ("stores" in path.parts and path.name != "enqueue.py") or "migrations" in path.parts:
            continue
        for function in functions(ast.parse(path.read_text())):
            for node in ast.walk(function):
                if isinstance(node, ast.Call | ast.Attribute) and ast.unparse(node).startswith(wanted):
                    found.add(f"{path.relative_to(ROOT).as_posix()}: {function.name}")
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_one_function_asks_the_store_to_destroy():
    assert places("store.destroy(") == {"uploads/jobs/effects.py: _destroy"}
    assert places("current_store().destroy(") == set()


def test_three_functions_put_and_each_from_a_file_it_opened_or_bytes_of_our_own():
    assert places("store.put(") == {
        "uploads/jobs/effects.py: _put",
        "uploads/jobs/effects.py: _put_small",
        "uploads/reconcile/marker.py: write_next",
    }
    assert places("current_store().put(") == set()


def test_two_of_the_functions_that_write_jobs_ask_for_it():
    assert places("StoreJob(") == {
        "uploads/drafts/commit.py: _promote",
        "uploads/jobs/file_rows.py: destroy_if_unwanted",
        "uploads/stores/enqueue.py: destroy_jobs",
        "uploads/stores/enqueue.py: enqueue_put",
    }
    assert places("destroy_jobs(") == {
        "uploads/drafts/lifecycle.py: destroy",
        "uploads/jobs/effects.py: _promote",
        "uploads/jobs/effects.py: _source_cleanup_jobs",
        "uploads/reconcile/cleanup.py: _adopt",
        "uploads/reconcile/cleanup.py: _destroy",
    }


def test_these_decide_that_files_go_and_only_a_release_lets_permanent_ones_go():
    deciding = places("lifecycle.destroy(") | places("destroy(")
    assert deciding == {
        "uploads/drafts/commit.py: _close",
        "uploads/drafts/commit.py: release",
        "uploads/drafts/lifecycle.py: end",
        "uploads/files/operations.py: purge",
        "uploads/files/operations.py: remove",
    }
    assert places("FileEvent.RELEASE") == {"uploads/drafts/commit.py: release"}


@pytest.mark.parametrize("state", ["stored", "linked", "permanent"])
def test_a_destroy_of_what_is_still_shown_is_not_carried_out(
    driver: Driver, caplog: pytest.LogCaptureFixture, state: str
):
    """No code writes such a job; here one is written by hand."""
    file_id = driver.store()
    if state != "stored":
        driver.commit()
    if state == "permanent":
        run_jobs()
    StoreJob.objects.all().delete()
    file = driver.file(file_id)
    StoreJob.objects.create(kind=StoreJob.Kind.DESTROY, file=file, key=file.store_key, not_before_ms=0)

    run_jobs()

    assert current_store().exists(file.store_key)
    assert driver.file_state(file_id) == state
    told = [json.loads(record.message)["event"] for record in caplog.records if record.levelno == logging.ERROR]
    assert told == ["destroy_refused"]
    assert not StoreJob.objects.exists()

from __future__ import annotations

import json
import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.drafts import lifecycle
from uploads.models import StoreJob
from uploads.stores.retry import MAX_ATTEMPTS


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("uploads_jobs", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def dead_job(driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore) -> StoreJob:
    """The destroy job of a discarded draft's only file, which has failed too often."""
    driver.store("mug.jpg")
    lifecycle.discard(driver.id, driver.user)
    unreliable_store.refuse("destroy")
    StoreJob.objects.filter(kind="destroy").update(attempts=MAX_ATTEMPTS - 1)
    run_jobs()
    return StoreJob.objects.get(dead=True)


def test_a_dead_job_is_shown_with_everything_an_operator_needs(driver: Driver, dead_job: StoreJob):
    lines = said()

    assert lines[0].startswith(f"dead: job {dead_job.pk}, kind destroy, attempts {MAX_ATTEMPTS}, age 0 minutes, ")
    assert f"file {dead_job.file_id} 'mug.jpg', draft {driver.id} of ada, error 'destroy: refused'" in lines[0]
    assert lines[1:] == ["1 dead, 0 failing"]


def test_a_failing_job_is_shown_after_the_dead_ones(driver: Driver, make_driver, dead_job: StoreJob, unreliable_store):
    make_driver().upload("late.jpg")
    unreliable_store.refuse("put")
    run_jobs()

    first, second, summary = said()

    assert first.startswith("dead: ")
    assert second.startswith("failing: ")
    assert "'late.jpg'" in second
    assert summary == "1 dead, 1 failing"


def test_a_dead_job_stands_in_the_log_as_an_error(driver: Driver, service_clock, unreliable_store, caplog):
    file_id = driver.store()
    lifecycle.discard(driver.id, driver.user)
    unreliable_store.refuse("destroy")
    StoreJob.objects.update(attempts=MAX_ATTEMPTS - 1)
    run_jobs()

    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    facts = json.loads(line.message)
    assert (facts["event"], facts["kind"], facts["file"]) == ("job_dead", "destroy", str(file_id))
    assert (facts["draft"], facts["error"]) == (str(driver.id), "destroy: refused")


@pytest.mark.parametrize("which", ["all", "its id"])
def test_a_requeued_dead_job_is_done(driver: Driver, dead_job: StoreJob, which: str):
    assert driver.state == "expiring"

    assert said("--retry", "all" if which == "all" else str(dead_job.pk)) == ["1 store jobs requeued"]
    run_jobs()

    assert driver.state == "expired"
    assert not StoreJob.objects.exists()
    assert said() == ["0 dead, 0 failing"]


@pytest.mark.parametrize("which", ["0", "none", "-1", "1 OR 1=1"])
def test_a_job_that_there_is_not_cannot_be_taken_up(transactional_db, which: str):
    with pytest.raises(CommandError, match="no store job"):
        said(f"--retry={which}")

"""Late responses and stale writers: after the decision they change nothing and leave nothing behind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

import pytest

from consumers.transfers import Transfer
from tests.support.images.pictures import picture
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.grace.policy import grace_settings
from uploads.jobs import queue, runner
from uploads.models import StoreJob
from uploads.presence import sockets
from uploads.stores import retry

CONTENT = picture()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


# --- A store that responds after the decision


def discarded(driver: Driver, clock: FakeClock, file: UUID) -> None:
    lifecycle.discard(driver.id, driver.user)


def removed(driver: Driver, clock: FakeClock, file: UUID) -> None:
    driver.remove(file)


def saved_without_it(driver: Driver, clock: FakeClock, file: UUID) -> None:
    driver.commit(without=[file])


def expired(driver: Driver, clock: FakeClock, file: UUID) -> None:
    driver.abandon()
    clock.skip(grace_settings().seconds + 1)
    sweeper.sweep()


@pytest.mark.parametrize("end", [discarded, removed, saved_without_it, expired], ids=lambda end: end.__name__)
@pytest.mark.parametrize("late", ["stored", "failed after it was stored", "refused", "the last try refused"])
@pytest.mark.parametrize("taken_over", [False, True], ids=["running", "taken for dead"])
def test_an_answer_after_the_end_changes_nothing_and_leaves_nothing(
    driver: Driver,
    service_clock: FakeClock,
    unreliable_store: UnreliableStore,
    end: Callable[[Driver, FakeClock, UUID], None],
    late: str,
    taken_over: bool,
):
    file_id = driver.upload()
    if late == "the last try refused":
        StoreJob.objects.update(attempts=retry.MAX_PUTS - 1)
    job = queue.acquire(sockets.start_process())
    assert job is not None
    decided: list[tuple[str, int, str]] = []

    def now() -> tuple[str, int, str]:
        file = driver.file(file_id)
        return driver.draft.end_reason, driver.draft.revision, file.error_code

    def meanwhile() -> None:
        end(driver, service_clock, file_id)
        if taken_over:
            service_clock.skip(20)
        # The delete runs before the put gets its response only if the putter was presumed dead.
        run_jobs()
        assert (driver.file_state(file_id) == FileState.DELETED) == taken_over
        decided.append(now())

    if late in {"stored", "failed after it was stored"}:
        unreliable_store.before["put"] = meanwhile
        unreliable_store.lose_answers("put", times=int(late != "stored"))
    else:
        unreliable_store.refuse("put")
        unreliable_store.before["put"] = meanwhile
    runner.run(job)
    assert [now()] == decided
    for _ in range(20):
        service_clock.skip(60)
        run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED
    assert not unreliable_store.exists(job.key)
    assert spool.latest(file_id) is None
    assert not StoreJob.objects.exists()


# --- Two writers of one file


@pytest.fixture
def tabs(driver: Driver, process: UUID) -> list[UUID]:
    return [driver.connect(process) for _ in range(3)]


def writing(driver: Driver, file_id: UUID, tab: UUID) -> Transfer:
    """The transfer of a tab that takes the file over."""
    lease = operations.resume(driver.id, driver.user, file_id, len(CONTENT), tab)
    assert lease.epoch is not None
    return Transfer(file_id, lease.epoch, spool.Writer(file_id, lease.epoch, lease.size))


def send(transfer: Transfer, content: bytes = CONTENT) -> None:
    at = transfer.writer.offset
    transfer.writer.write(at, memoryview(content)[at:])


def finish(driver: Driver, transfer: Transfer, sha256: str = SHA256) -> int:
    return operations.finish(driver.id, driver.user, transfer.file, transfer.epoch, transfer.verify(sha256))


def test_a_finish_that_was_overtaken_is_refused_and_the_new_writer_finishes(driver: Driver, tabs: list[UUID]):
    """The old tab has hashed its bytes; before its finish the new one takes the file over."""
    file_id = driver.add(content=CONTENT).file
    old = writing(driver, file_id, tabs[0])
    send(old)
    sha256 = old.verify(SHA256)
    new = writing(driver, file_id, tabs[1])

    with pytest.raises(Refusal) as refused:
        operations.finish(driver.id, driver.user, file_id, old.epoch, sha256)
    assert refused.value.code == Code.SUPERSEDED
    assert driver.file_state(file_id) == FileState.RECEIVING

    assert new.writer.offset == len(CONTENT)
    finish(driver, new)
    assert StoreJob.objects.count() == 1
    run_jobs()
    assert driver.file_state(file_id) == FileState.STORED
    for transfer in (old, new):
        transfer.writer.close()


def test_a_finish_repeated_by_the_old_writer_after_the_new_ones_asks_for_nothing_more(driver: Driver, tabs: list[UUID]):
    file_id = driver.add(content=CONTENT).file
    old = writing(driver, file_id, tabs[0])
    new = writing(driver, file_id, tabs[1])
    send(new)
    revision = finish(driver, new)

    assert operations.finish(driver.id, driver.user, file_id, old.epoch, SHA256) >= revision
    assert StoreJob.objects.count() == 1
    old.writer.close()
    new.writer.close()


def test_the_hash_of_a_stale_writer_is_not_that_of_the_new_ones_bytes(driver: Driver, tabs: list[UUID]):
    file_id = driver.add(content=CONTENT).file
    old = writing(driver, file_id, tabs[0])
    send(old)
    new = writing(driver, file_id, tabs[1])

    with pytest.raises(Refusal) as refused:
        old.verify(SHA256)

    assert refused.value.code == Code.SUPERSEDED
    assert new.verify(SHA256) == SHA256
    old.writer.close()
    new.writer.close()


def test_a_mismatch_found_by_a_writer_drops_its_own_bytes_only(driver: Driver, tabs: list[UUID]):
    """The new writer has a copy of the same wrong bytes; it detects that itself and starts again."""
    file_id = driver.add(content=CONTENT).file
    wrong = bytes(len(CONTENT))
    old = writing(driver, file_id, tabs[0])
    send(old, wrong)
    with pytest.raises(Refusal) as refused:
        old.verify(SHA256)
    assert refused.value.code == Code.CHECKSUM_MISMATCH
    assert spool.latest(file_id) is None
    send(again := writing(driver, file_id, tabs[1]))
    old.writer.forget()

    assert again.verify(SHA256) == SHA256
    for transfer in (old, again):
        transfer.writer.close()


def test_a_writer_opened_for_a_file_that_was_removed_meanwhile_is_no_writer(driver: Driver, tabs: list[UUID]):
    """Its bytes are a stray spool, which is garbage-collected; the file stays deleted."""
    file_id = driver.add(content=CONTENT).file
    late = writing(driver, file_id, tabs[0])
    driver.remove(file_id)
    run_jobs()
    send(late)

    with pytest.raises(Refusal):
        finish(driver, late)
    with pytest.raises(Refusal) as refused:
        operations.finish(driver.id, driver.user, file_id, late.epoch, SHA256)

    assert refused.value.code == Code.FILE_NOT_FOUND
    assert driver.file_state(file_id) == FileState.DELETED
    assert not StoreJob.objects.exists()
    late.writer.close()

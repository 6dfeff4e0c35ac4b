from __future__ import annotations

import hashlib
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from uploads import spool
from uploads.core.errors import Code, Refusal

CONTENT = bytes(range(256)) * 40


def opened(file_id: UUID, epoch: int = 1, size: int = len(CONTENT)) -> spool.Writer:
    return spool.Writer(file_id, epoch, size)


def refused(writer: spool.Writer, offset: int, payload: bytes) -> Code:
    with pytest.raises(Refusal) as caught:
        writer.write(offset, memoryview(payload))
    return caught.value.code


def test_bytes_lie_in_the_spool_as_they_came(file_id: UUID):
    writer = opened(file_id)
    assert writer.write(0, memoryview(CONTENT[:1000])) == 1000
    assert writer.write(1000, memoryview(CONTENT[1000:])) == len(CONTENT)
    writer.close()
    writer.close()

    found = spool.latest(file_id)
    assert found == spool.path_of(file_id, 1)
    assert found.read_bytes() == CONTENT
    assert writer.digest() == hashlib.sha256(CONTENT).hexdigest()


def test_a_written_byte_is_on_disk_before_it_is_acknowledged(file_id: UUID):
    """The process may be killed right after the response."""
    writer = opened(file_id)
    writer.write(0, memoryview(CONTENT[:10]))
    assert writer.path.read_bytes() == CONTENT[:10]
    writer.close()


def test_the_spool_is_closed_to_others(file_id: UUID, settings: Settings, tmp_path: Path):
    settings.UPLOADS = {**settings.UPLOADS, "SPOOL_DIR": str(tmp_path / "above" / "spool")}
    before = os.umask(0)
    try:
        opened(file_id).close()
    finally:
        os.umask(before)
    made = [tmp_path / "above", spool.directory(), spool.path_of(file_id, 1)]
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("offset", [0, 99, 101, 2**40])
def test_a_part_out_of_order_is_refused_and_changes_nothing(file_id: UUID, offset: int):
    writer = opened(file_id)
    writer.write(0, memoryview(CONTENT[:100]))
    assert refused(writer, offset, b"x") == Code.BAD_CHUNK
    writer.write(100, memoryview(CONTENT[100:]))
    writer.close()
    assert writer.digest() == hashlib.sha256(CONTENT).hexdigest()


def test_more_bytes_than_announced_are_refused(file_id: UUID):
    writer = opened(file_id, size=10)
    assert refused(writer, 0, b"x" * 11) == Code.TOO_LARGE
    assert writer.write(0, memoryview(b"x" * 10)) == 10
    writer.close()


def test_a_file_without_spool_has_no_bytes(file_id: UUID):
    opened(uuid4()).close()
    assert spool.latest(file_id) is None
    spool.drop(file_id)


def test_dropping_removes_every_spool_of_the_file_and_no_other(file_id: UUID):
    neighbour = uuid4()
    for each in (file_id, neighbour):
        opened(each).close()
    spool.path_of(file_id, 12).write_bytes(b"left over")
    spool.drop(file_id)
    assert spool.latest(file_id) is None
    assert spool.latest(neighbour) is not None


# --- Takeovers


def test_a_new_writer_goes_on_where_the_old_one_was(file_id: UUID):
    old = opened(file_id)
    old.write(0, memoryview(CONTENT[:5000]))

    new = opened(file_id, epoch=2)

    assert new.offset == 5000
    new.write(5000, memoryview(CONTENT[5000:]))
    assert new.digest() == hashlib.sha256(CONTENT).hexdigest()
    assert [path.name for path in spool.directory().iterdir()] == [f"{file_id}.2"]
    old.close()
    new.close()


def test_a_stale_writer_writes_into_nothing_and_is_told(file_id: UUID):
    old = opened(file_id)
    old.write(0, memoryview(CONTENT[:100]))
    new = opened(file_id, epoch=2)

    with pytest.raises(Refusal) as caught:
        old.write(100, memoryview(b"stale"))

    assert caught.value.code == Code.SUPERSEDED
    assert new.path.read_bytes() == CONTENT[:100]
    old.close()
    new.close()


@pytest.mark.parametrize("moment", ["rename", "unlink"])
def test_what_was_acknowledged_while_the_file_was_being_taken_over_is_taken_over(
    file_id: UUID, moment: str, monkeypatch: pytest.MonkeyPatch
):
    old = opened(file_id)
    old.write(0, memoryview(CONTENT[:100]))
    real, told = getattr(Path, moment), []

    def at_the_last_moment(path: Path, *rest: Any, **options: Any) -> Any:
        if path == old.path or moment == "rename":
            told.append(old.write(100, memoryview(CONTENT[100:200])))
        return real(path, *rest, **options)

    monkeypatch.setattr(Path, moment, at_the_last_moment)
    new = opened(file_id, epoch=2)

    assert told == [200]
    assert new.path.read_bytes() == CONTENT[:200]
    assert new.offset == 200
    old.close()
    new.close()


def test_an_epoch_is_opened_once(file_id: UUID):
    first = opened(file_id)
    first.write(0, memoryview(CONTENT[:100]))
    with pytest.raises(Refusal) as caught:
        opened(file_id)
    assert caught.value.code == Code.SUPERSEDED
    assert first.path.read_bytes() == CONTENT[:100]
    first.close()


def test_a_writer_that_comes_late_does_not_take_the_newer_ones_bytes(file_id: UUID):
    newer = opened(file_id, epoch=3)
    newer.write(0, memoryview(CONTENT[:100]))
    with pytest.raises(Refusal) as caught:
        opened(file_id, epoch=2)
    newer.write(100, memoryview(CONTENT[100:]))
    newer.close()

    assert caught.value.code == Code.SUPERSEDED
    assert newer.path.read_bytes() == CONTENT
    assert spool.latest(file_id) == newer.path


def test_the_tenth_epoch_is_newer_than_the_ninth(file_id: UUID):
    for epoch in (9, 10):
        spool.directory().joinpath(f"{file_id}.{epoch}").write_bytes(b"x")
    assert spool.latest(file_id) == spool.path_of(file_id, 10)


def test_a_spool_longer_than_the_file_is_cut_when_taken_over(file_id: UUID):
    spool.path_of(file_id, 1).write_bytes(CONTENT)
    writer = opened(file_id, epoch=2, size=100)
    writer.close()
    assert (writer.offset, writer.path.read_bytes()) == (100, CONTENT[:100])


@given(st.lists(st.tuples(st.integers(1, 3000), st.booleans()), max_size=12))
def test_whatever_the_takeovers_the_bytes_and_their_hash_are_right(parts: list[tuple[int, bool]]):
    content = os.urandom(sum(size for size, _ in parts))
    file_id, epoch = uuid4(), 1
    writer = opened(file_id, epoch, len(content))
    for size, taken_over in parts:
        if taken_over:
            epoch += 1
            writer.close()
            writer = opened(file_id, epoch, len(content))
        writer.write(writer.offset, memoryview(content)[writer.offset : writer.offset + size])
    writer.close()

    assert writer.path.read_bytes() == content
    assert writer.digest() == hashlib.sha256(content).hexdigest()
    assert len(list(spool.directory().glob(f"{file_id}.*"))) == 1


# --- No room


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Limit the size of any file to `size`: the kernel then refuses writes as a full disk does (EFBIG).

    Held as briefly as possible, because it also applies to the test run's own log.
    """
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


def descriptors(file_id: UUID) -> list[Path]:
    links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    return [link for link in links if link.is_symlink() and str(file_id) in os.readlink(link)]


def test_a_full_disk_is_said_and_what_was_written_counts(file_id: UUID):
    writer = opened(file_id)
    with room_for(4096):
        code = refused(writer, 0, CONTENT)
    assert code == Code.STORAGE_FULL
    assert writer.offset == writer.path.stat().st_size == 4096
    assert writer.digest() == hashlib.sha256(CONTENT[:4096]).hexdigest()
    writer.close()


def test_a_transfer_goes_on_when_there_is_room_again(file_id: UUID):
    writer = opened(file_id)
    with room_for(4096):
        refused(writer, 0, CONTENT)
    writer.write(writer.offset, memoryview(CONTENT)[writer.offset :])
    writer.close()
    assert writer.path.read_bytes() == CONTENT


def test_a_takeover_without_room_says_so_leaves_no_file_open_and_loses_no_byte(file_id: UUID):
    spool.path_of(file_id, 1).write_bytes(CONTENT)
    with room_for(4096), pytest.raises(Refusal) as caught:
        opened(file_id, epoch=2)
    assert caught.value.code == Code.STORAGE_FULL
    assert descriptors(file_id) == []

    writer = opened(file_id, epoch=3)
    writer.close()
    assert writer.offset == len(CONTENT)


def test_a_writer_goes_on_in_another_request(file_id: UUID):
    opened(file_id).close()
    for start in range(0, len(CONTENT), 1000):
        writer = spool.Writer.again(file_id, 1, len(CONTENT))
        writer.write(start, memoryview(CONTENT[start : start + 1000]))
        writer.close()

    assert spool.path_of(file_id, 1).read_bytes() == CONTENT
    assert spool.length(file_id, 1) == len(CONTENT)


def test_the_same_bytes_twice_at_once_are_there_once(file_id: UUID):
    """A request whose response was lost may still be running when it is repeated."""
    opened(file_id).close()
    one, two = (spool.Writer.again(file_id, 1, len(CONTENT)) for _ in range(2))
    assert one.write(0, memoryview(CONTENT)) == two.write(0, memoryview(CONTENT)) == len(CONTENT)
    one.close()
    two.close()

    assert spool.path_of(file_id, 1).read_bytes() == CONTENT


def test_a_writer_that_was_taken_over_does_not_go_on(file_id: UUID):
    opened(file_id).close()
    opened(file_id, epoch=2).close()
    with pytest.raises(Refusal) as caught:
        spool.Writer.again(file_id, 1, len(CONTENT))

    assert caught.value.code == Code.BAD_CHUNK
    assert spool.length(file_id, 1) == 0


def test_the_size_of_the_spool_counts_every_byte_of_it(file_id: UUID):
    before = spool.size()
    writer = opened(file_id)
    writer.write(0, memoryview(CONTENT))
    writer.close()
    (spool.directory() / "lost+found").mkdir(exist_ok=True)

    assert spool.size() == before + len(CONTENT)

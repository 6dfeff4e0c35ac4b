from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from uploads.core.errors import Code, Refusal
from uploads.images import preview_cache

MOST = 1000
FOLDER = "previews"


def name(file_id: UUID | None = None) -> str:
    return f"{file_id or uuid4()}-0123456789abcdef-480"


def never() -> bytes:
    raise AssertionError("made again")


def test_it_is_made_once_and_readable_by_nobody_else(tmp_path: Path):
    path = tmp_path / FOLDER / name()

    assert preview_cache.get_or_make(path, lambda: b"picture", MOST) == b"picture"
    assert preview_cache.get_or_make(path, never, MOST) == b"picture"
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_many_who_ask_at_once_wait_for_one_and_others_for_nobody(tmp_path: Path):
    path, begun, go_on, made = tmp_path / FOLDER / name(), threading.Event(), threading.Event(), []

    def make() -> bytes:
        made.append(1)
        begun.set()
        assert go_on.wait(10)
        return b"picture"

    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(preview_cache.get_or_make, path, make, MOST) for _ in range(5)]
        assert begun.wait(10)
        assert preview_cache.get_or_make(tmp_path / FOLDER / name(), lambda: b"other", MOST) == b"other"
        go_on.set()
        assert [one.result() for one in asked] == [b"picture"] * 5
    assert made == [1]


def test_an_image_nobody_can_decode_is_tried_once(tmp_path: Path):
    def refuse() -> bytes:
        raise Refusal(Code.TOO_MANY_PIXELS)

    path = tmp_path / FOLDER / name()
    for make, code in ((refuse, Code.TOO_MANY_PIXELS), (never, Code.IMAGE_UNREADABLE)):
        with pytest.raises(Refusal) as refused:
            preview_cache.get_or_make(path, make, MOST)
        assert refused.value.code == code


def test_a_slow_machine_is_no_reason_to_give_up(tmp_path: Path):
    def late() -> bytes:
        raise Refusal(Code.SERVER_ERROR)

    path = tmp_path / FOLDER / name()
    with pytest.raises(Refusal):
        preview_cache.get_or_make(path, late, MOST)
    assert preview_cache.get_or_make(path, lambda: b"picture", MOST) == b"picture"


def test_the_ones_unused_for_longest_make_room(tmp_path: Path):
    paths = [tmp_path / FOLDER / name() for _ in range(4)]
    for age, path in enumerate(paths[:3]):
        preview_cache.get_or_make(path, lambda: b"x" * 400, MOST * 2)
        os.utime(path, (1000 + age, 1000 + age))
    preview_cache.get_or_make(paths[0], never, MOST)  # used now
    preview_cache.get_or_make(paths[3], lambda: b"x" * 400, MOST)

    assert [path.exists() for path in paths] == [True, False, False, True]


def test_one_that_goes_while_room_is_made_keeps_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Another thread renames or removes it after it was listed."""
    paths = [tmp_path / FOLDER / name() for _ in range(3)]
    for age, path in enumerate(paths[:2]):
        preview_cache.get_or_make(path, lambda: b"x" * 400, MOST * 2)
        os.utime(path, (1000 + age, 1000 + age))
    listed = preview_cache._all
    monkeypatch.setattr(preview_cache, "_all", lambda folder: [*listed(folder), folder / name()])
    preview_cache.get_or_make(paths[2], lambda: b"x" * 400, MOST)

    assert [path.exists() for path in paths] == [False, True, True]


def test_without_room_on_the_disk_it_is_shown_all_the_same(tmp_path: Path):
    (tmp_path / "previews").write_text("in the way")
    path = tmp_path / "previews" / name()

    assert [preview_cache.get_or_make(path, lambda: b"picture", MOST) for _ in range(2)] == [b"picture"] * 2


def test_what_is_no_preview_is_left_alone(tmp_path: Path):
    folder, file_id, other = tmp_path / FOLDER, uuid4(), uuid4()
    for kept in (name(file_id), name(other)):
        preview_cache.get_or_make(folder / kept, lambda: b"picture", MOST)
    (folder / "lost+found").mkdir()

    assert preview_cache.ids(folder) == {file_id, other}
    preview_cache.forget(folder, {file_id})
    assert preview_cache.ids(folder) == {other}
    assert preview_cache.ids(folder / "missing") == set()

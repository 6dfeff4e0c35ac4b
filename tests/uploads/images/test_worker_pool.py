"""The decoding children (`uploads.images.worker_pool`): one that dies or hangs costs one image, never the next."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.images.pictures import picture
from tests.support.servers.server import ROOT, wait_for
from uploads.core.errors import Code, Refusal
from uploads.core.limits import ImageLimits
from uploads.images import checker
from uploads.images.checker import ImageFacts
from uploads.images.worker_pool import MAX_WAITING, WORKERS, WORKERS_PER_OWNER, WorkerPool, _QueuedWork, worker_pool

GOOD = ImageFacts("image/jpeg", 320, 240)


@pytest.fixture(autouse=True)
def fresh_children() -> Iterator[None]:
    worker_pool().stop()
    wait_for(lambda: not children(), what="the end of the children")
    yield
    worker_pool().stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "good.jpg").write_bytes(picture())
    return tmp_path / "good.jpg"


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


def kill_children() -> None:
    for pid in children():
        os.kill(pid, signal.SIGKILL)


def verdict(path: Path, **options: Any) -> object:
    # Reading from a closed pipe returns nothing.
    digest = sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
    try:
        clean = path.with_name(f"{path.name}-clean")
        facts = checker.check(path, digest, 100_000_000, clean, **options)
        return replace(facts, copy=GOOD.copy)
    except Refusal as refusal:
        return refusal.code


class Pipes:
    """Images that never end: a child that opens one waits until `release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[int] = []

    def make(self, extension: str = ".jpg") -> Path:
        pipe = self._folder / f"pipe{len(os.listdir(self._folder))}{extension}"
        os.mkfifo(pipe)
        return pipe

    def wait_until_opened(self, pipe: Path) -> None:
        """Wait until a child has opened the pipe to read."""
        self._held.append(os.open(pipe, os.O_WRONLY))

    def release(self) -> None:
        while self._held:
            os.close(self._held.pop())


HEADS = {".jpg": b"\xff\xd8", ".png": b"\x89PNG\r\n\x1a\n"}


@pytest.fixture
def pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipes]:
    folder = tmp_path / "pipes"
    folder.mkdir()
    made, head = Pipes(folder), checker._head
    # The server would wait for the first bytes of a pipe.
    monkeypatch.setattr(checker, "_head", lambda path: head(path) if path.is_file() else HEADS[path.suffix])
    yield made
    made.release()


@pytest.fixture
def background() -> Iterator[ThreadPoolExecutor]:
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(4))
        stack.callback(kill_children)
        yield pool


def test_an_image_whose_child_dies_is_unreadable_and_the_next_check_works(
    path: Path, pipes: Pipes, background: ThreadPoolExecutor
):
    """However often it is retried, each child that accepts it dies."""
    pipe = pipes.make()
    hostile = background.submit(verdict, pipe)
    while not hostile.done():
        if children():
            kill_children()
        threading.Event().wait(0.01)

    assert hostile.result() == Code.IMAGE_UNREADABLE
    assert verdict(path) == GOOD


def test_a_child_that_died_while_idle_costs_no_image(path: Path):
    assert [verdict(path) for _ in range(WORKERS)] == [GOOD] * WORKERS
    kill_children()
    wait_for(lambda: not children(), what="the end of the children")

    assert [verdict(path) for _ in range(WORKERS + 1)] == [GOOD] * (WORKERS + 1)


def test_an_image_waiting_behind_those_whose_children_die_is_taken(path: Path, background: ThreadPoolExecutor):
    flag = path.with_name("go on")
    checks = [background.submit(worker_pool().run, die_at, str(flag), owner=number) for number in range(WORKERS)]
    wait_for(lambda: len(worker_pool()._begun) == WORKERS, what="work for all children")
    waiting = background.submit(verdict, path)
    wait_for(lambda: len(worker_pool()._waiting) == 1, what="an image that waits")
    flag.touch()

    assert waiting.result() == GOOD
    assert [check.result() for check in checks] == [Code.IMAGE_UNREADABLE] * WORKERS


def die_at(flag: str) -> None:
    while not Path(flag).exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)


def test_of_work_that_takes_much_memory_one_is_done_at_a_time(path: Path, pipes: Pipes, background: ThreadPoolExecutor):
    first, second = pipes.make(), pipes.make()
    pool = worker_pool()
    work = [background.submit(pool.run, hold, str(first), owner="one", alone=True)]
    pipes.wait_until_opened(first)
    work.append(background.submit(pool.run, hold, str(second), owner="two", alone=True))

    # A child is free, and accepts what needs little memory.
    assert verdict(path) == GOOD
    with pytest.raises(OSError, match="No such device"):
        os.open(second, os.O_WRONLY | os.O_NONBLOCK)

    pipes.release()
    pipes.wait_until_opened(second)
    pipes.release()
    assert [one.result() for one in work] == [None, None]


def test_images_that_are_no_jpegs_are_looked_at_side_by_side(pipes: Pipes, background: ThreadPoolExecutor):
    """Before, those of all users ran one at a time, however small."""
    first, second = pipes.make(".png"), pipes.make(".png")
    checks = [background.submit(verdict, first, owner="one")]
    pipes.wait_until_opened(first)
    checks.append(background.submit(verdict, second, owner="two"))
    pipes.wait_until_opened(second)

    pipes.release()
    assert [check.result() for check in checks] == [Code.UNSUPPORTED_TYPE] * 2


def test_an_image_that_takes_too_long_may_be_tried_again_and_its_child_is_ended(
    path: Path, pipes: Pipes, background: ThreadPoolExecutor
):
    pipe = pipes.make()
    hostile = background.submit(verdict, pipe, limits=ImageLimits(max_seconds=1))
    pipes.wait_until_opened(pipe)
    hung = children()

    assert hostile.result() == Code.SERVER_ERROR
    wait_for(lambda: not set(children()) & set(hung), what="the end of the hung child")
    assert verdict(path) == GOOD


def test_checks_at_once_all_get_their_own_answer(tmp_path: Path, background: ThreadPoolExecutor):
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(picture(width=100 + number))

    found = list(background.map(verdict, paths))

    assert found == [ImageFacts("image/jpeg", 100 + number, 240) for number in range(12)]


def test_one_users_images_leave_a_child_for_another_user(path: Path, pipes: Pipes, background: ThreadPoolExecutor):
    """Twelve slow ones made everybody else's wait for two minutes."""
    slow = [pipes.make() for _ in range(WORKERS)]
    checks = [background.submit(verdict, pipe, owner="one") for pipe in slow]
    for pipe in slow[:WORKERS_PER_OWNER]:
        pipes.wait_until_opened(pipe)

    assert verdict(path, owner="another") == GOOD
    with pytest.raises(OSError, match="No such device"):
        os.open(slow[-1], os.O_WRONLY | os.O_NONBLOCK)
    pipes.release()
    pipes.wait_until_opened(slow[-1])
    pipes.release()
    assert [check.result() for check in checks] == [Code.UNSUPPORTED_TYPE] * WORKERS


def test_of_users_who_wait_each_is_next_in_turn(tmp_path: Path, pipes: Pipes, background: ThreadPoolExecutor):
    """Images that take much memory, of which only one is processed at a time."""
    began: list[str] = []
    pool = WorkerPool()
    held = pipes.make()
    first = background.submit(pool.run, hold, str(held), owner="one", alone=True)
    pipes.wait_until_opened(held)

    def ask(owner: str) -> None:
        pool.run(nothing, owner=owner, alone=True)
        began.append(owner)

    asked = []
    for owner in ("one", "one", "another"):
        asked.append(background.submit(ask, owner))
        wait_for(lambda: len(pool._waiting) == len(asked), what="its place in the queue")
    pipes.release()
    first.result()
    for one in asked:
        one.result()
    pool.stop()
    assert began.index("another") < 2


def test_what_waits_has_not_read_its_image(pipes: Pipes, background: ThreadPoolExecutor):
    """As many as may wait would each hold a whole file."""
    held, has_read = pipes.make(), threading.Event()
    pool = WorkerPool()
    first = background.submit(pool.run, hold, str(held), owner="one", alone=True)
    pipes.wait_until_opened(held)

    def read() -> bytes:
        has_read.set()
        return b"image"

    second = background.submit(pool.run, bytes.upper, read=read, owner="two", alone=True)
    wait_for(lambda: len(pool._waiting) == 1, what="its place in the queue")
    assert not has_read.is_set()

    pipes.release()
    assert (first.result(), second.result()) == (None, b"IMAGE")
    pool.stop()


def test_of_what_asks_to_be_alone_one_begins():
    pool = WorkerPool()
    pool._begun = [_QueuedWork("one", alone=True)]
    pool._waiting.push("another", second := _QueuedWork("another", alone=True))
    pool._waiting.push("another", small := _QueuedWork("another", alone=False))
    with pool._changed:
        pool._begin_next()
    assert (second.has_begun, small.has_begun) == (False, True)


def test_a_child_is_left_for_another_user():
    pool = WorkerPool()
    pool._begun = [_QueuedWork("one", alone=False)] * WORKERS_PER_OWNER
    pool._waiting.push("one", next_of_one := _QueuedWork("one", alone=False))
    pool._waiting.push("another", other := _QueuedWork("another", alone=False))
    with pool._changed:
        pool._begin_next()
    assert (next_of_one.has_begun, other.has_begun) == (False, True)


def test_a_user_cannot_have_ever_more_waiting():
    """Each of them holds a thread of the server."""
    pool = WorkerPool()
    pool._begun = [_QueuedWork("other", alone=True)]
    for _ in range(MAX_WAITING):
        pool._waiting.push("one", _QueuedWork("one", alone=True))
    with pytest.raises(Refusal) as refused:
        pool.run(nothing, owner="one")
    assert refused.value.code == Code.TOO_FAST


def hold(path: str) -> None:
    Path(path).read_bytes()


def nothing() -> None:
    pass


def test_stopping_ends_the_children_and_may_be_done_twice(path: Path):
    verdict(path)
    assert children()
    worker_pool().stop()
    worker_pool().stop()
    wait_for(lambda: not children(), what="the end of the children")


def test_the_children_of_a_killed_server_end_by_themselves(path: Path):
    program = (
        "import multiprocessing, sys, pathlib\n"
        "from hashlib import sha256\n"
        "from uploads.images import checker\n"
        "if __name__ == '__main__':\n"
        "    path = pathlib.Path(sys.argv[1])\n"
        "    digest = sha256(path.read_bytes()).hexdigest()\n"
        "    checker.check(path, digest, 10**8, path.with_name('clean'))\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    script = path.with_name("server.py")
    script.write_text(program)
    with subprocess.Popen(
        [sys.executable, str(script), str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        child = int(server.stdout.readline())
        server.kill()

    wait_for(lambda: not Path(f"/proc/{child}").exists() or is_zombie(child), what="the end of the orphan")


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True

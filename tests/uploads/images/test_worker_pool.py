"""The decoding children (`uploads.images.worker_pool`): one that dies or hangs costs one image, never the next."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.images.pictures import picture
from tests.support.servers.server import ROOT, wait_for
from uploads.core.errors import Code, Refusal
from uploads.images import checker
from uploads.images import worker_pool as worker_pool_module
from uploads.images.checker import ImageFacts
from uploads.images.worker_pool import WORKERS, worker_pool

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


def verdict(path: Path, content_type: str = "image/jpeg") -> object:
    # Nothing comes out of a pipe in the end.
    digest = sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
    try:
        facts = checker.check(path, digest, content_type, 100_000_000, path.with_name(f"{path.name}-clean"))
        return replace(facts, copy=GOOD.copy)
    except Refusal as refusal:
        return refusal.code


class Pipes:
    """Images that never end: a child that opens one waits until `release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[int] = []

    def make(self) -> Path:
        pipe = self._folder / f"pipe{len(os.listdir(self._folder))}"
        os.mkfifo(pipe)
        return pipe

    def wait_until_opened(self, pipe: Path) -> None:
        """Returns when a child has opened the pipe to read."""
        self._held.append(os.open(pipe, os.O_WRONLY))

    def release(self) -> None:
        while self._held:
            os.close(self._held.pop())


@pytest.fixture
def pipes(tmp_path: Path) -> Iterator[Pipes]:
    folder = tmp_path / "pipes"
    folder.mkdir()
    made = Pipes(folder)
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
    """However often it is tried: each child that takes it on dies."""
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


def test_an_image_waiting_behind_those_whose_children_die_is_taken(
    path: Path, pipes: Pipes, background: ThreadPoolExecutor
):
    hostile = [pipes.make() for _ in range(WORKERS)]
    checks = [background.submit(verdict, pipe) for pipe in hostile]
    for pipe in hostile:
        pipes.wait_until_opened(pipe)
    waiting = background.submit(verdict, path)
    while not all(check.done() for check in checks):
        kill_children()
        pipes.release()
        threading.Event().wait(0.05)

    assert waiting.result() == GOOD


def test_of_images_that_take_much_memory_one_at_a_time_is_decoded(
    path: Path, pipes: Pipes, background: ThreadPoolExecutor
):
    first, second = pipes.make(), pipes.make()
    checks = [background.submit(verdict, first, "image/png")]
    pipes.wait_until_opened(first)
    checks.append(background.submit(verdict, second, "image/png"))

    # A child is free, and takes what needs little.
    assert verdict(path) == GOOD
    with pytest.raises(OSError, match="No such device"):
        os.open(second, os.O_WRONLY | os.O_NONBLOCK)

    pipes.release()
    pipes.wait_until_opened(second)
    pipes.release()
    assert [check.result() for check in checks] == [Code.UNSUPPORTED_TYPE] * 2


def test_an_image_that_takes_too_long_may_be_tried_again_and_its_child_is_ended(
    path: Path, pipes: Pipes, background: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_pool_module, "DEADLINE_SECONDS", 1.0)
    pipe = pipes.make()
    hostile = background.submit(verdict, pipe)
    pipes.wait_until_opened(pipe)
    hung = children()

    assert hostile.result() == Code.SERVER_ERROR
    wait_for(lambda: not set(children()) & set(hung), what="the end of the hung child")
    monkeypatch.undo()
    assert verdict(path) == GOOD


def test_checks_at_once_all_get_their_own_answer(tmp_path: Path, background: ThreadPoolExecutor):
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(picture(width=100 + number))

    found = list(background.map(verdict, paths))

    assert found == [ImageFacts("image/jpeg", 100 + number, 240) for number in range(12)]


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
        "    checker.check(path, digest, None, 10**8, path.with_name('clean'))\n"
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

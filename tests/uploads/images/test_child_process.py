"""The limits of a child, each enforced by the kernel: what runs in it here is worse than any image."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.servers.server import wait_for
from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images import child_process
from uploads.images.child_process import MAX_CHILD_BYTES, Child, ChildDied

LIMITS = ImageLimits(max_cpu_seconds=1, max_seconds=3)


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child()
    yield made
    made.end()


def calculate(seconds: float) -> str:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return "done"


def allocate(length: int) -> int:
    return len(bytearray(length))


def fail() -> None:
    raise RuntimeError("a bug of a decoder")


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def ignore_the_clock() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    time.sleep(60)


def start_another(path: str) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(path).write_text(str(other.pid))
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    time.sleep(60)


def facts() -> tuple[int, int, int]:
    return os.getpgid(0), os.nice(0), resource.getrlimit(resource.RLIMIT_CORE)[0]


def test_an_image_that_calculates_too_long_is_too_complex(child: Child):
    began = time.monotonic()
    assert child.run(calculate, (60,), ImageLimits(max_cpu_seconds=1)) == Code.IMAGE_TOO_COMPLEX
    assert time.monotonic() - began < 20
    assert not child.is_alive


def test_each_image_has_all_of_the_time(child: Child):
    """The kernel counts from the child's start."""
    assert [child.run(calculate, (0.7,), LIMITS) for _ in range(4)] == ["done"] * 4


def test_an_image_that_sleeps_too_long_may_be_tried_again(child: Child):
    assert child.run(time.sleep, (60,), ImageLimits(max_seconds=1)) == Code.SERVER_ERROR
    assert not child.is_alive


def test_a_child_that_cannot_end_itself_is_ended(child: Child, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "END_SECONDS", 1.0)
    assert child.run(ignore_the_clock, (), ImageLimits(max_seconds=1)) == Code.SERVER_ERROR
    assert not child.is_alive


def test_what_a_decoder_started_ends_with_its_child(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child_process, "END_SECONDS", 1.0)
    path = tmp_path / "pid"
    assert child.run(start_another, (str(path),), LIMITS) == Code.SERVER_ERROR
    other = int(path.read_text())
    wait_for(lambda: not is_running(other), what="the end of what the child had started")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_image_gets_no_more_memory_than_a_child_may_have(child: Child):
    assert child.run(allocate, (MAX_CHILD_BYTES,), LIMITS) == Code.IMAGE_UNREADABLE
    assert child.run(allocate, (1000,), LIMITS) == 1000


class Kernel:
    """Records what this process asks of the kernel, instead of doing it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[object, ...]] = []
        for module, name in ((os, "setsid"), (os, "nice"), (resource, "setrlimit"), (signal, "setitimer")):
            monkeypatch.setattr(module, name, partial(self._note, name))

    def _note(self, *asked: object) -> None:
        self.asked.append(asked)


def test_a_child_is_bounded_before_its_first_image(monkeypatch: pytest.MonkeyPatch):
    """What the kernel then does is tested above; here each limit would be missed."""
    kernel = Kernel(monkeypatch)
    monkeypatch.setattr(warnings, "simplefilter", lambda _: None)
    child_process._prepare()
    assert kernel.asked == [
        ("setsid",),
        ("nice", child_process.NICENESS),
        ("setrlimit", resource.RLIMIT_AS, (MAX_CHILD_BYTES, MAX_CHILD_BYTES)),
        ("setrlimit", resource.RLIMIT_CORE, (0, 0)),
    ]


def test_each_image_is_bounded_anew(monkeypatch: pytest.MonkeyPatch):
    kernel = Kernel(monkeypatch)
    monkeypatch.setattr(time, "process_time", lambda: 41.5)
    child_process._arm(ImageLimits(max_cpu_seconds=7, max_seconds=9))
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    assert kernel.asked == [
        ("setrlimit", resource.RLIMIT_CPU, (49, most)),
        ("setitimer", signal.ITIMER_REAL, 9),
    ]


def test_an_error_of_a_decoder_is_an_answer(child: Child):
    assert child.run(fail, (), LIMITS) == Code.IMAGE_UNREADABLE
    assert child.is_alive


def test_a_child_that_crashes_is_told_apart(child: Child):
    with pytest.raises(ChildDied):
        child.run(crash, (), LIMITS)
    assert not child.is_alive


def test_a_child_stands_back_and_leaves_no_image_of_its_memory(child: Child):
    group, niceness, core = child.run(facts, (), LIMITS)
    assert (group == os.getpgid(0), niceness - os.nice(0), core) == (False, child_process.NICENESS, 0)

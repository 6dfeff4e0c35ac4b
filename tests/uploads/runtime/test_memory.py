from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from uploads.runtime import memory

SCATTERED = """
from uploads.runtime import memory

def resident_kb():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

kept = []
for _ in range(3000):
    content = bytearray(20_000)
    kept.append(bytearray(600))
    kept.append(content)
before = resident_kb()
del content, kept[1::2]
memory.give_back()
print(before - resident_kb())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_between_what_is_still_used_goes_back():
    freed = subprocess.run([sys.executable, "-c", SCATTERED], capture_output=True, text=True, check=True)

    assert int(freed.stdout) > 40_000


def test_a_library_without_the_function_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    memory._malloc_trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())

    memory.give_back()

    memory._malloc_trim.cache_clear()


def test_what_a_server_starts_with_is_passed_over_by_collections():
    settled = "import gc; from uploads.runtime import memory; memory.settle(); print(gc.get_freeze_count())"
    count = subprocess.run([sys.executable, "-c", settled], capture_output=True, text=True, check=True)

    assert int(count.stdout) > 1000

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient
from pytest_django import Settings

CONTENT = b"x" * 200_000


@pytest.fixture(autouse=True)
def published(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    (tmp_path / "page.js").write_bytes(CONTENT)


async def got(**headers: str) -> tuple[int, dict[str, str], bytes]:
    answer: Any = await AsyncClient().get("/static/page.js", headers=headers)
    parts = [part async for part in answer.streaming_content] if answer.streaming else [answer.content]
    assert max(map(len, parts)) <= 65_536
    return answer.status_code, dict(answer.headers), b"".join(parts)


async def test_a_file_leaves_in_parts_that_are_read_one_by_one():
    status, headers, content = await got()

    assert (status, content) == (200, CONTENT)
    assert headers["Content-Length"] == "200000"
    assert headers["Content-Type"].startswith("text/javascript")


async def test_a_range_and_a_file_that_is_there_already_are_answered_as_whitenoise_does():
    status, headers, content = await got(range="bytes=10-19")
    assert (status, content) == (206, CONTENT[10:20])
    assert headers["Content-Range"] == "bytes 10-19/200000"
    _, headers, _ = await got()
    status, _, content = await got(if_modified_since=headers["Last-Modified"])

    assert (status, content) == (304, b"")

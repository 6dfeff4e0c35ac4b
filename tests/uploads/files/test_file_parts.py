from __future__ import annotations

import io

from uploads.files.file_parts import PART_BYTES, FileParts


async def test_a_file_is_read_part_by_part_and_closed():
    content = io.BytesIO(b"x" * (3 * PART_BYTES + 1))
    parts = FileParts(content)
    sizes = [len(part) async for part in parts]
    parts.close()

    assert sizes == [PART_BYTES] * 3 + [1]
    assert content.closed


async def test_no_part_is_read_before_it_is_asked_for():
    content = io.BytesIO(b"x" * (3 * PART_BYTES))
    parts = aiter(FileParts(content))
    await anext(parts)

    assert content.tell() == PART_BYTES

"""The live wire against a real Daphne process."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.support.draft_client import DraftClient
from tests.support.pictures import picture
from tests.support.server import Server, wait_for
from tests.support.staff import Staff


@pytest.fixture
def staff(server: Server) -> Staff:
    return Staff(server.url)


async def test_a_file_goes_from_the_first_byte_to_stored(server: Server, staff: Staff):
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        file = await tab.upload(picture(), "front.jpg")
        stored = tab.file(file)

        assert stored is not None
        assert (stored["name"], stored["sequence"], stored["width"]) == ("front.jpg", 0, 320)
        assert staff.get(stored["url"]).body == picture()
        assert [path.suffix for path in server.temp_objects()] == [".jpg"]

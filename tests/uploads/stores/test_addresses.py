from __future__ import annotations

from uuid import uuid4

import pytest

from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.states import FileState
from uploads.models import File
from uploads.stores.addresses import app_url, file_url
from uploads.stores.registry import current_store


@pytest.mark.parametrize("state", sorted(set(FileState) - {FileState.PERMANENT}))
def test_until_it_is_permanent_a_file_is_shown_from_our_own_address(driver: Driver, state: FileState):
    file_id = driver.store()
    File.objects.filter(pk=file_id).update(state=state)
    assert file_url(file_id) == app_url(file_id) == f"/uploads/file/{file_id}/"


def test_a_permanent_file_has_the_stores_lasting_address(driver: Driver):
    file_id = driver.store()
    driver.commit()
    run_jobs()
    assert file_url(file_id) == current_store().url(driver.file(file_id).store_key, {})


def test_an_unknown_file_has_our_own_address(db: None):
    """Requesting it then returns 404, as for any other."""
    file_id = uuid4()
    assert file_url(file_id) == app_url(file_id)

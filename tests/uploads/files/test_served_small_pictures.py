"""The small pictures of a file as a browser gets them: one address for each size, in every state and every store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.metadata_checks import opened
from tests.support.images.pictures import picture
from tests.support.stores.stray_objects import Disk
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import spool
from uploads.core import small_pictures
from uploads.core.states import FileState
from uploads.images import checker
from uploads.models import File
from uploads.stores.registry import current_store

pytestmark = pytest.mark.usefixtures("may_add_products")

SIZES = {"?w=320": (320, 213), "?w=1280": (1280, 853), "?small": (320, 213), "?w=100": (320, 213)}


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """The page for a 404 needs no published manifest."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(scope="module")
def photo() -> bytes:
    return picture(width=1500, height=1000)


def get(user: User, file_id: UUID, query: str = "?w=320", **headers: str) -> HttpResponseBase:
    client = Client()
    client.force_login(user)
    return client.get(f"/uploads/file/{file_id}/{query}", headers=headers)


def size_of(answer: Any) -> tuple[int, int]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    return opened(answer.content).size


def is_file_itself(answer: HttpResponseBase, content: bytes) -> bool:
    """Whether it is sent as it is, for no browser to keep."""
    answer.close()
    told = answer.headers["Content-Type"], answer.headers["Content-Length"], answer.headers["Cache-Control"]
    return answer.status_code == 200 and told == ("image/jpeg", str(len(content)), "private, no-store")


def checking(driver: Driver, photo: bytes) -> UUID:
    return driver.upload(content=photo)


def storing(driver: Driver, photo: bytes) -> UUID:
    """The store is down: the file is checked and waits in the spool."""
    store = current_store()
    assert isinstance(store, UnreliableStore)
    store.refuse("put")
    file_id = driver.upload(content=photo)
    run_jobs()
    return file_id


def stored(driver: Driver, photo: bytes) -> UUID:
    return driver.store(content=photo)


def removed(driver: Driver, photo: bytes) -> UUID:
    file_id = stored(driver, photo)
    driver.remove(file_id)
    return file_id


def linked(driver: Driver, photo: bytes) -> UUID:
    file_id = stored(driver, photo)
    driver.commit()
    driver.user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    return file_id


def permanent(driver: Driver, photo: bytes) -> UUID:
    file_id = linked(driver, photo)
    run_jobs()
    return file_id


STATES = [checking, storing, stored, removed, linked, permanent]
MADE_BY_THE_CHECK = STATES[1:]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_each_size_has_one_address_in_every_state(
    driver: Driver, photo: bytes, unreliable_store: UnreliableStore, state: Callable[[Driver, bytes], UUID]
):
    file_id = state(driver, photo)
    assert driver.file_state(file_id) == state.__name__
    assert {query: size_of(get(driver.user, file_id, query)) for query in SIZES} == SIZES


@pytest.mark.parametrize("state", MADE_BY_THE_CHECK, ids=lambda state: state.__name__)
def test_what_the_check_made_is_not_made_again(
    driver: Driver,
    photo: bytes,
    unreliable_store: UnreliableStore,
    monkeypatch: pytest.MonkeyPatch,
    state: Callable[[Driver, bytes], UUID],
):
    file_id = state(driver, photo)
    monkeypatch.delattr(checker, "small_picture")
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]


def test_a_browser_that_has_it_is_told_so_without_a_look_into_the_store(
    driver: Driver, other_user: User, photo: bytes, unreliable_store: UnreliableStore, monkeypatch: pytest.MonkeyPatch
):
    file_id = stored(driver, photo)
    tag = {"If-None-Match": get(driver.user, file_id).headers["ETag"]}
    monkeypatch.delattr(UnreliableStore, "open")

    again = get(driver.user, file_id, **tag)
    assert (again.status_code, again.headers["ETag"]) == (304, tag["If-None-Match"])
    assert again.headers["Cache-Control"] == "private, no-cache"
    # Without the permission the answer is that of a missing file.
    assert get(other_user, file_id, **tag).status_code == 404
    driver.user.user_permissions.clear()
    assert get(driver.user, file_id, **tag).status_code == 404


def test_the_sizes_and_other_bytes_have_other_tags(driver: Driver, photo: bytes):
    files = stored(driver, photo), stored(driver, picture(width=1500, height=1000, seed=2))
    tags = {get(driver.user, file_id, query).headers["ETag"] for file_id in files for query in ("?w=320", "?w=1280")}
    assert len(tags) == 4


@pytest.mark.parametrize("query", ["", "?w=", "?w=5000", "?w=x", "?w=-1"])
def test_every_other_address_is_that_of_the_file(driver: Driver, photo: bytes, query: str):
    assert is_file_itself(get(driver.user, stored(driver, photo), query), photo)


@pytest.mark.parametrize("state", [stored, permanent], ids=lambda state: state.__name__)
def test_an_older_file_gets_its_own_on_first_use_once(
    driver: Driver, photo: bytes, disk: Disk, monkeypatch: pytest.MonkeyPatch, state: Callable[[Driver, bytes], UUID]
):
    file_id = state(driver, photo)
    File.objects.filter(pk=file_id).update(has_small_pictures=False)
    for key in small_pictures.keys(driver.file(file_id).store_key):
        disk.remove(key)

    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]
    monkeypatch.delattr(checker, "small_picture")
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]
    assert [path.name[:36] for path in spool.previews().iterdir()] == [str(file_id)]


def test_a_saved_image_that_an_older_server_promoted_is_looked_for_once(
    driver: Driver, photo: bytes, disk: Disk, unreliable_store: UnreliableStore
):
    file_id = permanent(driver, photo)
    for key in small_pictures.keys(driver.file(file_id).store_key):
        disk.remove(key)

    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]
    assert not driver.file(file_id).has_small_pictures

    def fail() -> None:
        raise AssertionError("looked for again")

    unreliable_store.before["open"] = fail
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]


def test_one_that_the_store_has_lost_is_made_again(driver: Driver, photo: bytes, disk: Disk):
    file_id = stored(driver, photo)
    disk.remove(small_pictures.key(driver.file(file_id).store_key, 320))
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]


def test_a_file_that_none_can_be_made_of_is_shown_as_it_is(driver: Driver, own_disk: Path):
    """A browser may still make something of it; nobody keeps it."""
    half = picture()[:3000]
    file_id = driver.upload(content=half)
    assert is_file_itself(get(driver.user, file_id), half)


def test_it_is_sent_by_us_where_nginx_sends_the_files(driver: Driver, photo: bytes, settings: Settings):
    """Its tag is ours, so that nobody opens it for a browser that has it."""
    folder = str(settings.STORAGES["draft_uploads"]["OPTIONS"]["location"])
    settings.UPLOADS = {**settings.UPLOADS, "X_ACCEL_REDIRECT": {"/internal/": folder}}
    file_id = stored(driver, photo)
    assert "X-Accel-Redirect" in get(driver.user, file_id, "").headers
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]


@pytest.mark.parametrize(("query", "pixels"), [("?w=320", "w_320"), ("?w=1280", "w_1280"), ("?small", "w_320")])
def test_a_store_that_scales_images_shows_its_own(
    use_cloudinary: Callable[..., Cloud], driver: Driver, photo: bytes, query: str, pixels: str
):
    use_cloudinary()
    answer = get(driver.user, stored(driver, photo), query)
    assert answer.status_code == 302
    assert f",{pixels}/" in answer.headers["Location"]


def test_while_it_waits_for_such_a_store_it_is_ours(use_cloudinary: Callable[..., Cloud], driver: Driver, photo: bytes):
    use_cloudinary()
    file_id = driver.upload(content=photo)
    assert size_of(get(driver.user, file_id)) == SIZES["?w=320"]
    assert driver.file_state(file_id) == FileState.CHECKING

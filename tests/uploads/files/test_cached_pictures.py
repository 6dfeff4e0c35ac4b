"""A HEIC photo, of which every browser gets a small picture: in a draft and a product, on a disk and on Cloudinary."""

from __future__ import annotations

import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from pytest_django import Settings

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.heic import iphone_photo
from tests.support.images.metadata_checks import opened, stripped
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads import api, spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.expiry import sweeper
from uploads.files.views import file_bytes
from uploads.images import checker
from uploads.models import File
from uploads.stores.base import Opens
from uploads.stores.registry import current_store

NAME = "IMG_0001.HEIC"


pytestmark = pytest.mark.usefixtures("may_add_products")


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """The page for a 404 needs no published manifest."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(scope="module")
def photo() -> bytes:
    """Wider than a preview."""
    return iphone_photo(2400, 1600)


def stored(driver: Driver, photo: bytes) -> UUID:
    return driver.store(NAME, photo, content_type="image/heic")


def without(file_id: UUID) -> UUID:
    """The file as a server of the previous version stored it."""
    File.objects.filter(pk=file_id).update(has_small_pictures=False)
    return file_id


def saved(driver: Driver, photo: bytes) -> UUID:
    file_id = stored(driver, photo)
    driver.commit()
    run_jobs()
    assert driver.file_state(file_id) == FileState.PERMANENT
    driver.user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    return file_id


def get(user: User, address: str, **headers: str) -> HttpResponseBase:
    client = Client()
    client.force_login(user)
    return client.get(address, headers=headers)


def size_of(answer: HttpResponseBase) -> tuple[int, int]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    return opened(answer.content).size  # type: ignore[attr-defined]


# --- On a disk


@pytest.mark.parametrize("state", ["checking", "stored", "permanent"])
def test_wherever_its_bytes_are_a_small_picture_of_them_is_shown(driver: Driver, photo: bytes, state: str):
    made = {"checking": lambda: driver.upload(NAME, photo, content_type="image/heic")}
    made |= {"stored": lambda: stored(driver, photo), "permanent": lambda: saved(driver, photo)}
    file_id = made[state]()

    assert driver.file_state(file_id) == state
    assert size_of(get(driver.user, f"/uploads/file/{file_id}/?small")) == (320, 213)
    assert size_of(get(driver.user, f"/uploads/file/{file_id}/")) == (1280, 853)


def test_the_original_is_what_is_kept(driver: Driver, photo: bytes):
    file = driver.file(saved(driver, photo))
    backend = current_store()
    assert isinstance(backend, Opens)
    with backend.open(file.store_key) as content:
        assert content.read() == stripped("HEIF", photo)
    assert (file.store_key[-5:], file.width, file.height) == (".heic", 2400, 1600)


def test_a_saved_one_has_our_own_address_for_ever(driver: Driver, photo: bytes):
    told: dict[UUID, str] = {}

    def follow(*, file: UUID, url: str, **_: object) -> None:
        told[file] = url

    api.file_promoted.connect(follow)
    try:
        file_id = saved(driver, photo)
    finally:
        api.file_promoted.disconnect(follow)
    assert api.file_url(file_id) == told[file_id] == f"/uploads/file/{file_id}/"
    small, large = (f"/uploads/file/{file_id}/?w={width}" for width in (320, 1280))
    assert api.small_picture_urls([file_id]) == {file_id: api.SmallPictures(small, large, 2400, 1600)}


def test_a_browser_keeps_a_preview_and_asks_whether_it_may_be_shown(driver: Driver, other_user: User, photo: bytes):
    address = f"/uploads/file/{stored(driver, photo)}/?small"
    first = get(driver.user, address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    tag = {"If-None-Match": first.headers["ETag"]}

    again = get(driver.user, address, **tag)
    assert (again.status_code, again.headers["ETag"]) == (304, first.headers["ETag"])
    assert get(other_user, address, **tag).status_code == 404
    assert get(driver.user, address.replace("?small", ""), **tag).status_code == 200


def test_what_the_browser_has_is_not_made_again(driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch):
    address = f"/uploads/file/{without(stored(driver, photo))}/"
    tag = get(driver.user, address).headers["ETag"]
    monkeypatch.delattr(checker, "small_picture")
    assert get(driver.user, address, **{"If-None-Match": tag}).status_code == 304


def test_a_preview_is_made_once_however_many_ask(driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch):
    """60 requests for one photo kept everybody else's waiting for two minutes."""
    address, made = f"/uploads/file/{without(stored(driver, photo))}/", []
    make = checker.small_picture

    def counted(*given: Any, **options: Any) -> bytes:
        made.append(options["owner"])
        return make(*given, **options)

    monkeypatch.setattr(checker, "small_picture", counted)

    def ask(_: int) -> tuple[int, int]:
        try:
            return size_of(get(driver.user, address))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(16))) == {(1280, 853)}
    assert made == [driver.user.pk]


def test_a_photo_no_preview_can_be_made_of_is_tried_once(driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch):
    address = f"/uploads/file/{driver.upload(NAME, photo[:5000], content_type='image/heic')}/"
    assert get(driver.user, address).status_code == 404
    monkeypatch.delattr(checker, "small_picture")
    assert get(driver.user, address).status_code == 404


def test_the_preview_goes_with_its_photo(driver: Driver, photo: bytes):
    file_id, other = without(stored(driver, photo)), without(stored(driver, photo))
    for shown in (file_id, other):
        get(driver.user, f"/uploads/file/{shown}/")
    driver.remove(file_id)
    sweeper.garbage_collect()
    assert len(list(spool.previews().iterdir())) == 2

    driver.purge(file_id)
    run_jobs()
    assert [path.name[:36] for path in spool.previews().iterdir()] == [str(other)]


def test_one_made_while_its_photo_was_deleted_goes_as_well(driver: Driver, photo: bytes):
    file_id = without(stored(driver, photo))
    get(driver.user, f"/uploads/file/{file_id}/")
    File.objects.filter(pk=file_id).update(state=FileState.DELETED)
    sweeper.garbage_collect()
    assert list(spool.previews().iterdir()) == []


def test_while_a_preview_waits_its_turn_no_connection_is_held(
    driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch
):
    held: list[object] = []

    def preview(*_: object, **__: object) -> bytes:
        held.append(connection.connection)
        return b"picture"

    monkeypatch.setattr(checker, "small_picture", preview)
    request = RequestFactory().get("/")
    request.user = driver.user
    file_bytes(request, without(stored(driver, photo)))
    assert held == [None]


def test_a_limit_that_was_lowered_hides_no_photo_that_was_taken(driver: Driver, photo: bytes, settings: Settings):
    file_id = without(stored(driver, photo))
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_pixels": 1000}}
    assert size_of(get(driver.user, f"/uploads/file/{file_id}/?small")) == (320, 213)


def test_before_it_was_checked_the_limit_holds(driver: Driver, photo: bytes, settings: Settings):
    file_id = driver.upload(NAME, photo, content_type="image/heic")
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_pixels": 1000}}
    assert get(driver.user, f"/uploads/file/{file_id}/?small").status_code == 404


def test_where_no_preview_can_be_made_any_more_it_is_shown_as_it_is(
    driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch
):
    """Some browsers can show it themselves."""
    file_id = without(saved(driver, photo))
    monkeypatch.setattr(checker, "content_types", lambda: ("image/jpeg",))
    answer = get(driver.user, f"/uploads/file/{file_id}/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/heic")
    assert answer.headers["Content-Length"] == str(len(stripped("HEIF", photo)))
    assert answer.headers["Cache-Control"] == "private, no-store"
    answer.close()


def test_where_it_cannot_be_decoded_it_is_refused_at_once(
    driver: Driver, photo: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checker, "content_types", lambda: ("image/jpeg",))
    with pytest.raises(Refusal, match="Export it as JPEG") as refused:
        driver.add(NAME, photo, content_type="image/heic")
    assert refused.value.code == Code.UNSUPPORTED_TYPE
    assert api.upload_limits().accept == "image/jpeg"


def test_a_product_that_is_edited_shows_it_too(driver: Driver, photo: bytes):
    host = Host()
    file_id = stored(driver, photo)
    driver.commit(host)
    run_jobs()
    target = api.Target("product", "7")
    driver.user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    edit = api.open_draft(driver.user, target, attached=lambda: host.plans[0].files)

    assert [image.url for image in edit.images] == [f"/uploads/file/{file_id}/?w=320"]
    assert size_of(get(driver.user, edit.images[0].url)) == (320, 213)


# --- On Cloudinary


def fetched(address: str) -> tuple[str | None, tuple[int, int]]:
    """What the delivery network sends, and its size."""
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - a loopback address
        return answer.headers["Content-Type"], opened(answer.read()).size


def test_cloudinary_keeps_the_original_and_shows_it_as_jpeg(cloud: Cloud, driver: Driver, photo: bytes):
    file_id = stored(driver, photo)
    for shown, size in (("?small", (320, 213)), ("", (1280, 853))):
        answer = get(driver.user, f"/uploads/file/{file_id}/{shown}")
        assert answer.status_code == 302
        assert fetched(answer.headers["Location"]) == ("image/jpeg", size)
    (asset,) = cloud.assets.values()
    assert (asset.format, asset.content) == ("heic", stripped("HEIF", photo))


def test_a_saved_one_has_a_lasting_address_there_that_every_browser_shows(cloud: Cloud, driver: Driver, photo: bytes):
    file_id = saved(driver, photo)
    address = api.file_url(file_id)

    assert address.startswith(f"{cloud.delivery}/image/upload/c_limit,f_auto,")
    assert fetched(address) == ("image/jpeg", (1280, 853))
    assert fetched(api.small_picture_urls([file_id])[file_id].small) == ("image/jpeg", (320, 213))
    assert get(driver.user, f"/uploads/file/{file_id}/").headers["Location"] == address


def test_before_cloudinary_has_it_the_preview_is_ours(cloud: Cloud, driver: Driver, photo: bytes):
    file_id = driver.upload(NAME, photo, content_type="image/heic")
    assert size_of(get(driver.user, f"/uploads/file/{file_id}/?small")) == (320, 213)
    assert File.objects.get(pk=file_id).state == FileState.CHECKING
    assert cloud.ids() == []

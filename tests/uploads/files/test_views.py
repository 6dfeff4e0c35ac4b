from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.db import connection, connections
from django.test import AsyncClient, Client, RequestFactory
from pytest_django import Settings

from tests.support.images.hostile import HTML
from tests.support.images.pictures import picture
from tests.support.stores.networked_storage import NETWORKED, Networked
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads import api
from uploads.files.views import file_bytes
from uploads.models import File
from uploads.permissions import Target
from uploads.runtime.threads import database
from uploads.stores.registry import current_store

pytestmark = pytest.mark.usefixtures("may_add_products")


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings, own_disk: Path) -> None:
    """The page for a 404 needs no published manifest."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
async def no_connection_left(transactional_db: None) -> AsyncIterator[None]:
    """Django's test client ends no request in the database's eyes, and pages run in a thread of their own."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def browser(user: User) -> AsyncClient:
    """Signed in as the draft's owner."""
    return signed_in(user)


def signed_in(user: User) -> AsyncClient:
    client = AsyncClient()
    client.force_login(user)
    return client


async def fetched(client: AsyncClient, file_id: UUID) -> tuple[int, bytes]:
    answer = await client.get(f"/uploads/file/{file_id}/")
    if not answer.streaming:
        return answer.status_code, b""
    parts: Any = answer
    return answer.status_code, b"".join([part async for part in parts.streaming_content])


def allowed(user: User, *verbs: str) -> User:
    names = [f"{verb}_product" for verb in verbs]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return User.objects.get(pk=user.pk)


def test_an_owner_who_lost_the_right_to_the_draft_sees_its_files_no_more(driver: Driver, may_add_products: None):
    address = f"/uploads/file/{driver.store()}/"
    client = Client()
    client.force_login(driver.user)
    before = client.get(address)
    before.close()
    driver.user.user_permissions.clear()
    after = client.get(address)
    after.close()

    assert (before.status_code, after.status_code) == (200, 404)


@pytest.mark.parametrize("state", ["checking", "stored", "removed", "linked"])
async def test_the_owner_sees_the_bytes_wherever_they_are(driver: Driver, user: User, state: str):
    def arrange() -> tuple[AsyncClient, UUID]:
        client = signed_in(allowed(user, "add"))
        if state == "checking":
            return client, driver.upload()
        file_id = driver.store()
        if state == "removed":
            driver.remove(file_id)
        elif state == "linked":
            driver.commit()
        assert driver.file_state(file_id) == state
        return client, file_id

    client, file_id = await database.run(arrange)
    assert await fetched(client, file_id) == (200, picture())


def test_while_the_bytes_flow_no_connection_is_held(driver: Driver, user: User):
    """A page shows many images at once, and the pool is finite."""
    file_id = driver.store()
    request = RequestFactory().get("/")
    request.user = user

    answer = file_bytes(request, file_id)

    assert connection.connection is None
    answer.close()


async def test_the_bytes_cannot_act_as_a_page_and_are_kept_by_nobody(driver: Driver, browser: AsyncClient):
    file_id = await database.run(driver.store)
    answer = await browser.get(f"/uploads/file/{file_id}/")

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(picture()))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    answer.close()


async def test_a_permanent_file_is_where_the_store_has_it(driver: Driver, user: User):
    def arrange() -> tuple[AsyncClient, UUID]:
        file_id = driver.store()
        driver.commit()
        run_jobs()
        return signed_in(allowed(user, "view")), file_id

    client, file_id = await database.run(arrange)
    answer = await client.get(f"/uploads/file/{file_id}/")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
    assert answer.headers["Location"] == await database.run(
        lambda: current_store().url(driver.file(file_id).store_key, {})
    )


@pytest.mark.parametrize("who", ["another", "nobody"])
async def test_a_foreign_file_of_a_draft_looks_like_a_missing_one(driver: Driver, other_user: User, who: str):
    def arrange() -> tuple[AsyncClient, UUID]:
        client = signed_in(allowed(other_user, "add", "change", "view")) if who == "another" else AsyncClient()
        return client, driver.store()

    client, file_id = await database.run(arrange)
    addresses = f"/uploads/file/{file_id}/", f"/uploads/file/{uuid4()}/"
    foreign, missing = [await client.get(address) for address in addresses]

    assert (foreign.status_code, missing.status_code) == (404, 404)
    # The page contains a token of the request's, and the requested URL.
    pages = [
        re.sub(r'value="\w+"', "", answer.content.decode().replace(address, ""))
        for address, answer in zip(addresses, (foreign, missing), strict=True)
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(("verbs", "status"), [((), 404), (("view",), 302)])
async def test_after_the_save_the_products_permission_counts(
    driver: Driver, user: User, other_user: User, verbs: tuple[str, ...], status: int
):
    """For the draft's owner as for anybody else."""

    def arrange() -> tuple[list[AsyncClient], UUID]:
        file_id = driver.store()
        driver.commit()
        run_jobs()
        return [signed_in(allowed(each, *verbs)) for each in (user, other_user)], file_id

    clients, file_id = await database.run(arrange)
    assert [(await fetched(client, file_id))[0] for client in clients] == [status, status]


@pytest.mark.parametrize("state", ["receiving", "rejected", "deleting", "deleted"])
async def test_a_file_without_bytes_to_show_is_not_there(driver: Driver, browser: AsyncClient, state: str):
    def arrange() -> UUID:
        if state == "receiving":
            return driver.add().file
        file_id = driver.upload(content=HTML) if state == "rejected" else driver.store()
        if state == "rejected":
            run_jobs()
        else:
            api.discard(driver.user, driver.id)
            if state == "deleted":
                run_jobs()
        return file_id

    file_id = await database.run(arrange)
    assert await database.run(driver.file_state, file_id) == state
    assert (await fetched(browser, file_id))[0] == 404


@pytest.mark.parametrize("removed", [False, True])
async def test_a_reference_has_no_bytes_of_its_own(driver: Driver, user: User, browser: AsyncClient, removed: bool):
    def arrange() -> UUID:
        host = Host()
        driver.store()
        driver.commit(host)
        edit = Driver(user, api.open_draft(user, Target("product", "7"), attached=lambda: host.plans[0].files).id)
        reference = File.objects.get(draft=edit.id).pk
        if removed:
            edit.remove(reference)
        return reference

    reference = await database.run(arrange)
    assert (await fetched(browser, reference))[0] == 404


def drain_jobs() -> None:
    assert run_jobs()


async def test_an_image_promoted_while_it_is_asked_for_is_shown(
    driver: Driver, user: User, unreliable_store: UnreliableStore
):
    """No <img> retries."""

    def arrange() -> tuple[AsyncClient, UUID]:
        file_id = driver.store()
        driver.commit()
        unreliable_store.before["open"] = drain_jobs
        return signed_in(allowed(user, "view")), file_id

    client, file_id = await database.run(arrange)
    assert (await fetched(client, file_id))[0] == 302


async def test_an_image_promoted_between_opening_and_reading_is_shown(
    driver: Driver, user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Networked storages fetch an object when it is read, and then say in their own way that it is gone."""
    settings.STORAGES = {**settings.STORAGES, "draft_uploads": {"BACKEND": NETWORKED, "OPTIONS": {"base_url": "/"}}}
    settings.UPLOADS = {**settings.UPLOADS}

    def promote(_: object) -> None:
        monkeypatch.setattr(Networked, "before_fetch", None)
        drain_jobs()

    def arrange() -> tuple[AsyncClient, UUID]:
        file_id = driver.store()
        driver.commit()
        monkeypatch.setattr(Networked, "before_fetch", promote)
        return signed_in(allowed(user, "view")), file_id

    client, file_id = await database.run(arrange)
    assert (await fetched(client, file_id))[0] == 302


async def test_an_object_that_is_gone_is_not_found(driver: Driver, browser: AsyncClient):
    def arrange() -> UUID:
        file_id = driver.store()
        current_store().destroy(driver.file(file_id).store_key)
        return file_id

    assert (await fetched(browser, await database.run(arrange)))[0] == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
async def test_the_page_changes_nothing(driver: Driver, browser: AsyncClient, method: str):
    answer = await getattr(browser, method)(f"/uploads/file/{uuid4()}/")
    assert answer.status_code == 405


async def test_a_browser_goes_on_keeping_files_of_live_and_expired_drafts_only(
    user: User, other_user: User, service_clock: FakeClock
):
    def arrange() -> tuple[AsyncClient, list[UUID], list[UUID]]:
        live, expired, saved, discarded = (Driver(user, opened(user)) for _ in range(4))
        expired.expire(service_clock)
        saved.commit()
        api.discard(user, discarded.id)
        gone = [saved.id, discarded.id, opened(other_user), uuid4()]
        return signed_in(user), [live.id, expired.id], gone

    client, kept, gone = await database.run(arrange)
    answer = await client.get("/uploads/wanted/", {"draft": [*map(str, [*kept, *gone]), "nonsense"]})

    assert {UUID(draft) for draft in answer.json()["wanted"]} == set(kept)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_nobody_is_told_which_drafts_there_are(driver: Driver):
    answer = await AsyncClient().get("/uploads/wanted/", {"draft": str(driver.id)})

    assert (answer.status_code, answer.json()) == (401, {"wanted": []})


def opened(user: User) -> UUID:
    return api.open_draft(user, Target("product"), fresh=True).id

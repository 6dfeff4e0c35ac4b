"""Several server processes on one PostgreSQL and one Redis: tabs stay in sync, whatever breaks between them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.support.images.pictures import photo, picture
from tests.support.servers.cluster import Cluster, Template
from tests.support.servers.postgres import ABRUPT, PostgreSQL
from tests.support.servers.redis_server import RedisServer
from tests.support.servers.server import wait_for
from tests.support.wire.draft_client import DraftClient, Message, SocketEnded
from tests.support.wire.http_client import HttpClient

pytestmark = pytest.mark.timeout(180)
LONG = {"UPLOADS_GRACE_SECONDS": "120"}
HEALED_SECONDS = 30
"""A process checks its sessions every 10 s."""


@pytest.fixture(scope="module")
def site(cluster_template: Template) -> Iterator[Cluster]:
    """Two processes for all tests of this file that break neither."""
    site = cluster_template.new_site(**LONG)
    yield site.start(2)
    site.kill()


@pytest.fixture
def here(site: Cluster) -> HttpClient:
    return HttpClient(site.servers[0].url)


@pytest.fixture
def there(site: Cluster, here: HttpClient) -> HttpClient:
    """The same user in another tab, served by the other process."""
    return here.at(site.servers[1].url)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    await asyncio.to_thread(wait_for, condition, seconds)


async def answered(tab: DraftClient, command: str, **fields: Any) -> Message:
    """Return the response to a command, retrying as a browser does while a retry may help."""
    async with asyncio.timeout(HEALED_SECONDS):
        while (answer := await tab.command(command, **fields)).get("retryable"):
            pass
    return answer


def lists(tab: DraftClient, name: str) -> bool:
    return name in tab.names()


async def test_tabs_on_two_processes_show_the_same(here: HttpClient, there: HttpClient):
    draft, content = here.new_draft(), photo(3)
    async with DraftClient(here, draft) as one, DraftClient(there, draft) as two:
        await one.until(lambda: one.snapshot.get("sockets") == 2)
        files = [await one.upload(content, "1.jpg"), await two.upload(picture(), "2.jpg")]
        await one.state_of(files[1], "stored")
        await two.state_of(files[0], "stored")
        assert [m for m in two.received if m["type"] == "progress"]
        await two.command("reorder", files=[files[1]], file_type="main_image", variant_temp_id=None, after=None)
        await one.until(lambda: one.names() == ["2.jpg", "1.jpg"])
        await one.command("remove", file=files[0])
        await two.state_of(files[0], "removed")
        assert two.names() == ["2.jpg"]


async def test_a_save_on_one_process_ends_the_tabs_of_both(here: HttpClient, there: HttpClient):
    draft = here.new_draft()
    async with DraftClient(here, draft) as one, DraftClient(there, draft) as two:
        await one.upload(picture(), "front.jpg")
        fields = {"title": "Mug", "sku": f"MUG-{draft}", "price": "9.90", "description": "", "without": ""}
        saved = await asyncio.to_thread(there.post, f"/marketing/product_create/?draft={draft}", fields)

        assert [await tab.closed() for tab in (one, two)] == [4409, 4409]
        for tab in (one, two):
            assert tab.received[-1]["type"] == "ended"
            assert tab.received[-1]["reason"] == "committed"
            assert saved.url.endswith(tab.received[-1]["url"])


async def test_a_sign_out_on_one_process_ends_the_tabs_of_the_other(site: Cluster):
    leaver = HttpClient(site.servers[0].url, afresh=True)
    draft = leaver.new_draft()
    async with DraftClient(leaver.at(site.servers[1].url), draft) as tab:
        await tab.until(lambda: tab.snapshot)
        leaver.post("/accounts/logout/", {})

        assert await tab.closed(HEALED_SECONDS) == 4401


async def test_a_transfer_goes_on_at_the_other_process_when_the_first_is_killed(make_cluster: Callable[..., Cluster]):
    site = make_cluster(2, **LONG)
    first, second = site.servers
    staff, content = HttpClient(first.url), photo(3)
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        kept = await tab.upload(picture(), "kept.jpg")
        transfer = await tab.announce(content, "wide.jpg")
        acked = await tab.send_bytes(transfer, content, until=700_000)
        first.kill()
    async with DraftClient(staff.at(second.url), draft) as tab:
        await tab.until(lambda: tab.snapshot and tab.names() == ["kept.jpg", "wide.jpg"])
        again = await tab.command("resume", file=transfer["file"], size=len(content))
        assert again["offset"] >= acked
        await tab.send_bytes(again, content)
        await tab.finish(transfer["file"], content)
        stored = await tab.state_of(transfer["file"], "stored")

        assert staff.at(second.url).get(f"/uploads/file/{stored['file']}/").body == content
        # The tab that died with its process does not keep the draft open, nor does its lapse end it.
        await tab.until(lambda: tab.snapshot["sockets"] == 1, HEALED_SECONDS)
        assert set(second.file_states(draft)) == {kept, transfer["file"]}
    assert second.tracebacks() == []


async def test_a_layer_that_loses_everything_costs_only_time(make_cluster: Callable[..., Cluster]):
    site = make_cluster(
        2, **LONG, REDIS_URL="", CHANNEL_LAYER_BACKEND="tests.support.faults.dropping_layer.DroppingLayer"
    )
    here = HttpClient(site.servers[0].url)
    there, draft = here.at(site.servers[1].url), here.new_draft()
    async with DraftClient(here, draft) as one, DraftClient(there, draft) as two:
        await two.until(lambda: two.snapshot)
        # A tab sees its own changes at once; tabs of the same process need no layer.
        files = [await tab.upload(picture(), "same.jpg") for tab in (one, two)]
        await two.until(lambda: (two.file(files[0]) or {}).get("state") == "stored", HEALED_SECONDS)
        await one.until(lambda: (one.file(files[1]) or {}).get("state") == "stored", HEALED_SECONDS)
        # The end of a draft may arrive before the response to the command that ended it.
        with contextlib.suppress(SocketEnded):
            await two.command("discard")

        assert await one.closed(HEALED_SECONDS) == 4409
        assert one.received[-1]["reason"] == "discarded"
    assert [server.tracebacks() for server in site.servers] == [[], []]


async def test_a_restart_of_redis_ends_no_socket_and_no_command(
    here: HttpClient, there: HttpClient, redis_server: RedisServer
):
    draft = here.new_draft()
    async with DraftClient(here, draft) as one, DraftClient(there, draft) as two:
        await two.until(lambda: two.snapshot)
        three = DraftClient(there, draft)
        redis_server.kill()
        try:
            lost = await one.upload(picture(), "1.jpg")
            content = photo(1)
            transfer = await two.announce(content, "2.jpg")
            await two.send_bytes(transfer, content)
            await two.finish(transfer["file"], content)
            # Service time runs, so a tab must be able to connect.
            await three.__aenter__()
            await three.until(lambda: three.snapshot and lost in {f["file"] for f in three.snapshot["files"]})
        finally:
            redis_server.start()
        await two.until(lambda: (two.file(lost) or {}).get("state") == "stored", HEALED_SECONDS)
        await one.until(lambda: (one.file(transfer["file"]) or {}).get("state") == "stored", HEALED_SECONDS)

        # Live again at once, though the layer may lose more within the next second.
        for tab, others in ((one, (two, three)), (two, (one, three)), (three, (one, two))):
            name = f"{len(tab.snapshot['files'])}.jpg"
            await tab.upload(picture(), name)
            for other in others:
                await other.until(partial(lists, other, name), 1)
        assert [tab.close_code for tab in (one, two, three)] == [None, None, None]
        await three.close()


async def test_a_restart_of_postgresql_loses_nothing(make_cluster: Callable[..., Cluster], postgresql: PostgreSQL):
    site = make_cluster(2, **LONG)
    one_server, two_server = site.servers
    staff, content = HttpClient(one_server.url), photo(1)
    draft = staff.new_draft()

    def uploaded(tab: DraftClient) -> object:
        return (tab.file(transfer["file"]) or {}).get("state") == "stored"

    async with DraftClient(staff, draft) as one, DraftClient(staff.at(two_server.url), draft) as two:
        kept = await one.upload(picture(), "kept.jpg")
        transfer = await one.announce(content, "during.jpg")
        before = one_server.service_time()
        await asyncio.to_thread(postgresql.stop, ABRUPT)
        # Chunks need no database; a command that needs one is refused and may be repeated.
        await one.send_bytes(transfer, content)
        refused = await one.finish(transfer["file"], content)
        assert (refused["type"], refused["retryable"]) == ("error", True)
        await asyncio.to_thread(postgresql.start)
        assert one_server.service_time() - before < 5_000
        again = await answered(one, "resume", file=transfer["file"], size=len(content))
        await one.send_bytes(again, content)
        assert (await one.finish(transfer["file"], content))["type"] == "ok"
        await one.until(lambda: uploaded(one), HEALED_SECONDS)
        await two.until(lambda: uploaded(two), HEALED_SECONDS)
        after = one_server.service_time()
        await until(lambda: one_server.service_time() > after + 2_000)

        assert staff.get(f"/uploads/file/{kept}/").body == picture()
        assert one_server.draft_state(draft) == "open"

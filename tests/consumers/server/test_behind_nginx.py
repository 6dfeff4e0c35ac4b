"""The production recipe for real: nginx with the configuration of the docs, three processes, PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import ssl
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.images.pictures import photo, picture
from tests.support.servers.cluster import Cluster, Template
from tests.support.servers.multipart import UPLOAD
from tests.support.servers.nginx import NAME, Nginx
from tests.support.servers.server import wait_for
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import Answer, HttpClient

pytestmark = pytest.mark.timeout(180)
SIGN_IN = "/accounts/login/"
HEADERS_SECONDS = 1
SANDBOX = "default-src 'none'; sandbox"


@pytest.fixture(scope="module")
def site(cluster_template: Template) -> Iterator[Cluster]:
    behind = {"HTTPS": "1", "ALLOWED_HOSTS": NAME, "X_ACCEL_REDIRECT_PREFIX": "/internal/"}
    site = cluster_template.new_site(TRUSTED_PROXIES="127.0.0.1", UPLOADS_GRACE_SECONDS="60", **behind)
    yield site.start(3)
    site.kill()


@pytest.fixture(scope="module")
def nginx(site: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    quick = {"client_header_timeout 10s": f"client_header_timeout {HEADERS_SECONDS}s"}
    nginx = Nginx(tmp_path_factory.mktemp("nginx") / "nginx", site.servers, site.var, **quick).start()
    yield nginx
    nginx.stop()


@pytest.fixture(scope="module")
def staff(nginx: Nginx) -> HttpClient:
    return HttpClient(nginx.url, tls=nginx.tls)


def raw(nginx: Nginx, request: str) -> str:
    """Return the response to bytes that no client would send, on a connection of its own."""
    with (
        socket.create_connection(("127.0.0.1", nginx.port), 10) as plain,
        nginx.tls.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        connection.sendall(request.replace("\n", "\r\n").encode("latin1"))
        answer = b""
        # nginx keeps reading for some seconds what it has refused.
        while not answer.endswith(b"</html>\r\n") and (part := connection.recv(65536)):
            answer += part
    return answer.decode("latin1")


def get(nginx: Nginx, path: str, *headers: str) -> str:
    return raw(
        nginx, "\n".join([f"GET {path} HTTP/1.1", f"Host: {NAME}:{nginx.port}", *headers, "Connection: close", "", ""])
    )


def media_path(page: Answer) -> str:
    """Return the address of a permanent image on the product's page."""
    found = re.search(r'"(/media/product_files/[^"]+\.jpg)"', page.text)
    return found[1] if found else ""


def status(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


# --- Normal operation


async def test_an_image_goes_all_the_way_and_nginx_sends_its_bytes(staff: HttpClient, site: Cluster):
    content = photo(2)
    async with DraftClient(staff, draft := staff.new_draft()) as tab:
        file = await tab.upload(content, "front.jpg")
    shown = staff.get(f"/uploads/file/{file}/")
    saved = staff.post(
        f"/marketing/product_create/?draft={draft}",
        {"title": "Mug", "sku": uuid4().hex[:12], "price": "9.90", "description": "", "without": ""},
    )
    page = saved.url.removeprefix(staff.url)
    path = await asyncio.to_thread(wait_for, lambda: media_path(staff.get(page)), 30, "the promotion")
    lasting = staff.get(path)

    assert (saved.status, shown.body, lasting.body) == (200, content, content)
    for answer in (shown, lasting):
        # Django never sends this header, so nginx sent the file.
        assert answer.headers["Last-Modified"]
        assert "X-Accel-Redirect" not in answer.headers
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == SANDBOX
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert lasting.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_file_comes_in_over_http_as_well(staff: HttpClient):
    large = picture() + bytes(3_000_000)
    draft = staff.new_draft()

    answer = staff.post(UPLOAD, {"draft": draft, "file_type": "main_image"}, ("large.jpg", large, "image/jpeg"))

    assert answer.status == 200, answer.text
    assert staff.get(answer.json()["file_data"]["url"]).status == 200


async def test_tabs_on_three_processes_are_one_workspace(staff: HttpClient):
    draft = staff.new_draft()
    async with DraftClient(staff, draft) as one, DraftClient(staff, draft) as two, DraftClient(staff, draft) as three:
        await one.upload(picture(), "1.jpg")
        for tab in (two, three):
            await tab.until(lambda: tab.snapshot.get("files") and tab.names() == ["1.jpg"])  # noqa: B023


def test_cookies_pages_and_their_headers_are_for_tls_alone(nginx: Nginx):
    answer = get(nginx, SIGN_IN)
    (cookie,) = [line for line in answer.splitlines() if line.lower().startswith("set-cookie: csrftoken")]

    assert status(answer) == 200
    assert "; Secure" in cookie
    assert "\nStrict-Transport-Security: max-age=31536000" in answer
    assert "\nX-Frame-Options: DENY" in answer
    assert "\nContent-Security-Policy: " in answer
    assert "nginx/" not in answer


# --- Limits


def test_plain_http_leads_to_tls_at_nginx_and_behind_it(nginx: Nginx, site: Cluster):
    plain = http.client.HTTPConnection(NAME, nginx.plain_port, timeout=10)
    plain.request("GET", "/marketing/?x=1")
    behind = http.client.HTTPConnection("127.0.0.1", site.servers[0].port, timeout=10)
    behind.request("GET", "/marketing/", headers={"Host": NAME})
    answers = plain.getresponse(), behind.getresponse()
    plain.close()
    behind.close()

    assert [answer.status for answer in answers] == [301, 301]
    assert answers[0].headers["Location"] == f"{nginx.url}/marketing/?x=1"
    assert answers[1].headers["Location"].startswith("https://")


async def test_no_socket_opens_without_tls(staff: HttpClient, site: Cluster):
    draft = staff.new_draft()
    for url, origin in ((site.servers[0].url, staff.url), (site.servers[0].url, site.servers[0].url)):
        with pytest.raises(InvalidStatus) as refused:
            async with DraftClient(staff.at(url), draft, origin=origin):
                pass
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://{name}:{port}", "https://{name}", "null"])
async def test_other_pages_open_no_socket(staff: HttpClient, nginx: Nginx, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        async with DraftClient(staff, staff.new_draft(), origin=origin.format(name=NAME, port=nginx.port)):
            pass
    # autobahn itself answers 400 to an origin that is not a URL.
    assert refused.value.response.status_code in (400, 403)


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Proto: http",
        "X_Forwarded_Proto: http",
        "X-Forwarded-Proto: https, http",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-For: 203.0.113.9",
        "Forwarded: proto=http;host=evil.example",
        "Daphne-Root-Path: /evil",
    ],
)
def test_what_a_client_says_of_its_way_counts_nothing(nginx: Nginx, header: str):
    answer = get(nginx, SIGN_IN, header)

    assert status(answer) == 200
    assert "evil" not in answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", f"user@{NAME}", "", "["])
def test_another_host_gets_no_page(nginx: Nginx, host: str):
    answer = raw(nginx, f"GET {SIGN_IN} HTTP/1.1\nHost: {host}\nConnection: close\n\n")

    assert answer == "" or status(answer) in (400, 403, 404, 421)
    assert "csrfmiddlewaretoken" not in answer


def test_another_name_gets_no_certificate(nginx: Nginx):
    with (
        socket.create_connection(("127.0.0.1", nginx.port), 10) as plain,
        pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
        nginx.tls.wrap_socket(plain, server_hostname="evil.example"),
    ):
        pass


@pytest.mark.parametrize(
    "path",
    [
        "/internal/files/",
        "/internal/spool/",
        "/internal/files/media/",
        "/internal/files/../secret_key",
        "/internal/files../secret_key",
        "/internal/files/..%2fsecret_key",
        "/internal/files/%2e%2e/secret_key",
        "/static/../secret_key",
        "/static/..%2f..%2fsecret_key",
        "/media/product_files/7/..%2f..%2f..%2f..%2fsecret_key",
        "/media/product_files/7/%00",
        "/media/temp_product_files/",
    ],
)
def test_nothing_on_the_disk_is_read_past_the_erp(nginx: Nginx, site: Cluster, staff: HttpClient, path: str):
    answer = get(nginx, path, f"Cookie: {staff.cookie_header}")

    assert status(answer) in (400, 403, 404)
    assert (site.var / "secret_key").read_text() not in answer


async def test_the_file_of_a_draft_is_its_owners(staff: HttpClient, nginx: Nginx, site: Cluster):
    async with DraftClient(staff, staff.new_draft()) as tab:
        file = await tab.upload(picture())
        path = f"/uploads/file/{file}/"
        (key,) = [object for object in site.servers[0].temp_images() if file in str(object)]
        internal = f"/internal/files/{key.relative_to(site.var / 'files')}"

        assert HttpClient(nginx.url, "sam", nginx.tls).get(path).status == 404
        assert [status(get(nginx, one)) for one in (path, internal)] == [404, 404]
        assert staff.get(path).status == 200


@pytest.mark.parametrize(("path", "size"), [(SIGN_IN, 2_000_000), ("/nowhere/", 2_000_000), (UPLOAD, 22_000_000)])
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(nginx: Nginx, path: str, size: int):
    answer = raw(
        nginx,
        f"POST {path} HTTP/1.1\nHost: {NAME}:{nginx.port}\nContent-Length: {size}\n"
        "Content-Type: application/x-www-form-urlencoded\nConnection: close\n\nx=1",
    )

    assert status(answer) == 413


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 3\nTransfer-Encoding: chunked",
        "Content-Length: 3\nContent-Length: 4",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: \x0bchunked",
        "Content-Length: +3",
        "Content-Length: 0x3",
    ],
)
def test_a_body_of_two_lengths_smuggles_nothing(nginx: Nginx, head: str):
    answer = raw(
        nginx, f"POST {SIGN_IN} HTTP/1.1\nHost: {NAME}\n{head}\n\n0\n\nGET /smuggled HTTP/1.1\nHost: {NAME}\n\n"
    )

    assert status(answer) in (400, 501)
    assert answer.count("HTTP/1.1") == 1


def test_headers_that_never_end_cost_a_stranger_their_own_connection(nginx: Nginx, staff: HttpClient):
    began = time.monotonic()
    slow = [socket.create_connection(("127.0.0.1", nginx.port), 10) for _ in range(50)]
    wrapped = [nginx.tls.wrap_socket(one, server_hostname=NAME) for one in slow]
    try:
        for connection in wrapped:
            connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert staff.get("/marketing/").status == 200
        for connection in wrapped:
            connection.recv(4096)
            assert time.monotonic() - began < HEADERS_SECONDS + 10
    finally:
        for connection in wrapped:
            connection.close()


def test_guessing_a_password_is_paused_whichever_process_is_asked(nginx: Nginx, site: Cluster):
    """The count is in the database."""
    stranger = HttpClient(nginx.url, f"nobody-{uuid4().hex}", nginx.tls)
    answers = [stranger.post(SIGN_IN, {"username": "viewer", "password": str(number)}).status for number in range(11)]

    assert answers == [200] * 9 + [429] * 2


def test_a_process_that_dies_is_passed_over(nginx: Nginx, site: Cluster, staff: HttpClient):
    """Last, because it stops one of the three."""
    site.servers[1].kill()

    assert [staff.get("/marketing/").status for _ in range(9)] == [200] * 9


def test_nothing_went_wrong_inside(site: Cluster, nginx: Nginx):
    assert [server.tracebacks() for server in site.servers] == [[], [], []]
    assert "[emerg]" not in nginx.log
    assert "[alert]" not in nginx.log

"""One call to Cloudinary: made once, within a deadline, for this very account, and with its refusal understood."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import cloudinary as cloudinary_sdk
import pytest
from pytest_django import Settings
from urllib3.connection import HTTPConnection

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import photo
from tests.support.servers.server import wait_for
from tests.support.servers.tls_server import TlsServer
from tests.support.stores.contract import FOLDER, new_key, put
from uploads.stores.base import StoreError
from uploads.stores.cloudinary.client import Client
from uploads.stores.cloudinary.credentials import Credentials
from uploads.stores.cloudinary.names import public_id_of
from uploads.stores.cloudinary.responses import CallFailed
from uploads.stores.cloudinary.store import CloudinaryStore

Make = Callable[..., CloudinaryStore]
Asked = Callable[[], list[str]]


def test_wrong_credentials_are_the_operators_trouble_and_are_not_told(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLOUDINARY_URL", cloudinary_server.url.replace(cloudinary_server.secret, "topsecret"))
    with pytest.raises(StoreError) as failed:
        put(make_store(), new_key())
    assert failed.value.operator
    assert failed.value.refused is None
    assert "topsecret" not in str(failed.value)


@pytest.mark.parametrize(
    ("kind", "retry_after", "least", "most"),
    [("429", 7, 7_000, 7_000), ("503", 9, 9_000, 9_000), ("420", None, 0, 3_600_000)],
)
def test_a_store_that_asks_for_patience_is_heard_whatever_the_sdk_hides(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, kind: str, retry_after: int | None, least: int, most: int
):
    cloudinary_server.fail("upload", kind, retry_after=retry_after)
    with pytest.raises(StoreError) as failed:
        put(cloudinary, new_key())
    assert failed.value.wait_ms is not None
    assert least <= failed.value.wait_ms <= most


@pytest.mark.parametrize("endpoint", ["usage", "config"])
@pytest.mark.parametrize("kind", ["429", "503", "500", "cut before"])
def test_a_counted_call_is_made_once_and_never_slept_over(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, endpoint: str, kind: str, asked: Asked
):
    """urllib3 would retry, and sleep for as long as the server says."""
    cloudinary_server.fail(endpoint, kind, retry_after=3600)
    with pytest.raises(StoreError):
        cloudinary.account()
    assert asked().count(endpoint) == 1


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_every_call_has_an_end(make_store: Make, cloudinary_server: Cloud, kind: str):
    cloudinary = CloudinaryStore(timeout_seconds=0.3)
    cloudinary_server.fail("explicit", kind, seconds=60)
    before = time.monotonic()
    with pytest.raises(StoreError):
        cloudinary.exists(new_key())
    # Most of a response is headers: one that arrives byte by byte is abandoned before its body.
    assert time.monotonic() - before < 10
    cloudinary_server.heal()


def test_all_requests_of_a_put_together_have_an_end(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch, asked: Asked
):
    """What starts later than that may land when nobody looks for it any more."""
    monkeypatch.setattr("uploads.stores.cloudinary.store.PUT_SECONDS", 0)
    monkeypatch.setattr("uploads.stores.cloudinary.multipart.PAUSE_SECONDS", 0)
    with pytest.raises(StoreError, match="took too long"):
        put(make_store(single_request_bytes=1_000_000), new_key(), photo(7.5))
    with pytest.raises(StoreError, match="took too long"):
        put(make_store(), new_key())
    assert asked() == []


def test_a_request_ends_with_its_put_however_long_it_might_take(
    make_store: Make, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("uploads.stores.cloudinary.store.PUT_SECONDS", 0.5)
    cloudinary_server.fail("upload", "hang", seconds=30)
    before = time.monotonic()
    with pytest.raises(StoreError):
        put(make_store(), new_key())
    assert time.monotonic() - before < 4
    cloudinary_server.heal()


def test_no_more_calls_run_at_a_time_than_are_allowed(make_store: Make, cloudinary_server: Cloud):
    cloudinary = CloudinaryStore(timeout_seconds=0.5, concurrency=1)
    cloudinary_server.fail("upload", "hang", seconds=60)
    with ThreadPoolExecutor() as pool:
        # An upload of 1 MB may take 4 s longer than another call waits for its turn.
        upload = pool.submit(put, cloudinary, new_key(), photo(1))
        wait_for(lambda: cloudinary_server.faults[0].times == 0)
        with pytest.raises(StoreError, match="too many calls"):
            cloudinary.exists(new_key())
        cloudinary_server.heal()
        assert isinstance(upload.exception(), StoreError)
    assert not cloudinary.exists(new_key())


def test_a_connection_is_kept_for_the_next_call(
    cloudinary: CloudinaryStore, cloudinary_server: Cloud, monkeypatch: pytest.MonkeyPatch
):
    opened: list[HTTPConnection] = []
    connect = HTTPConnection.connect

    def counted(connection: HTTPConnection) -> None:
        opened.append(connection)
        connect(connection)

    monkeypatch.setattr(HTTPConnection, "connect", counted)
    key = put(cloudinary, new_key())
    assert cloudinary.exists(key)
    with suppress(StoreError):
        put(cloudinary, new_key(), b"no image at all")
    assert len(list(cloudinary.list(f"{FOLDER}/"))) == 1
    assert len(opened) == 1

    # A connection that the server has closed is reopened before it is used.
    cloudinary_server.fail("explicit", "cut before")
    with pytest.raises(StoreError):
        cloudinary.exists(key)
    assert cloudinary.exists(key)
    assert len(opened) == 2


def test_the_setting_of_the_sdk_is_read_and_its_global_configuration_is_not(
    cloudinary_server: Cloud, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLOUDINARY_URL", "cloudinary://wrong:wrong@wrong")
    settings.CLOUDINARY = {
        "cloud_name": cloudinary_server.name,
        "api_key": cloudinary_server.key,
        "api_secret": cloudinary_server.secret,
        "upload_prefix": cloudinary_server.address,
    }
    for name, wrong in {
        "cloud_name": "wrong",
        "secure": False,
        "upload_preset": "wrong",
        "oauth_token": "wrong",
    }.items():
        monkeypatch.setattr(cloudinary_sdk.config(), name, wrong, raising=False)
    store = CloudinaryStore()
    key = put(store, new_key())
    assert cloudinary_server.ids() == [public_id_of(key)]


# --- TLS


def client_of(server: TlsServer) -> Client:
    address = server.address
    who = Credentials(cloud_name="shop", api_key="key", api_secret="secret", source="test", upload_prefix=address)
    return Client(who, timeout=30, concurrency=1)


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[TlsServer]:
    with TlsServer(tmp_path / "certificate.pem") as server:
        yield server


def test_a_server_with_a_certificate_that_nobody_signed_gets_nothing(tls_server: TlsServer):
    with pytest.raises(CallFailed, match="CERTIFICATE_VERIFY_FAILED"):
        client_of(tls_server).admin("account", "usage")
    assert tls_server.received == 0


def test_an_upload_that_trickles_away_has_an_end(tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch):
    """Over TLS the socket timeout restarts with every record."""
    monkeypatch.setitem(cloudinary_sdk.CERT_KWARGS, "ca_certs", str(tls_server.certificate))
    before = time.monotonic()
    with pytest.raises(CallFailed, match="took too long"):
        client_of(tls_server).upload("put", "upload", {}, bytes(50_000_000), until=before + 1)
    assert time.monotonic() - before < 3
    assert 0 < tls_server.received < 50_000_000

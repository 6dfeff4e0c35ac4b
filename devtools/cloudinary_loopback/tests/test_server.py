"""Clouds behind one server, and the server by hand."""

from __future__ import annotations

import signal
import subprocess
import sys

from devtools.cloudinary_loopback.server import CloudinaryServer
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.servers.server import wait_for


def test_clouds_share_nothing(loopback_cloudinary: CloudinaryServer, client: RawClient):
    other = RawClient(loopback_cloudinary.cloud())
    client.upload(PNG, public_id="a")

    assert other.cloud.ids() == []
    other.secret = client.secret
    assert other.upload().status == 401
    loopback_cloudinary.forget(other.cloud)


def test_a_forgotten_cloud_leaves_no_bytes(loopback_cloudinary: CloudinaryServer):
    cloud = loopback_cloudinary.cloud()
    RawClient(cloud).upload(PNG, public_id="a")
    path = cloud.require(("image", "upload", "a")).blob.path
    loopback_cloudinary.forget(cloud)

    wait_for(lambda: not path.exists())  # the thread of the upload may still be closing its connection


def test_by_hand_it_prints_the_url_and_ends_when_told():
    command = [sys.executable, "-m", "devtools.cloudinary_loopback", "--cloud", "mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        server.wait(20)

    assert told.startswith("CLOUDINARY_URL=cloudinary://")
    assert "@mine?upload_prefix=http://127.0.0.1:" in told
    assert server.returncode == 0

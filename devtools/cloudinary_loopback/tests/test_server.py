"""Clouds behind one server, and the command."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.server import CloudinaryServer
from devtools.cloudinary_loopback.tests.raw_client import RawClient


def test_clouds_share_nothing(loopback_cloudinary: CloudinaryServer, client: RawClient):
    other = RawClient(loopback_cloudinary.cloud())
    client.upload()

    assert other.cloud.ids() == []
    other.secret = client.secret
    assert other.upload().status == 401
    loopback_cloudinary.forget(other.cloud)
    assert other.upload().error == f"Unknown cloud_name {other.cloud.name}"
    assert other.image("image/upload/v1/a.png").status == 404


def test_connections_are_kept(cloud: Cloud):
    connection = http.client.HTTPConnection(cloud.address.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", f"/v1_1/{cloud.name}/config")
        assert connection.getresponse().read()
        kept = connection.sock
    assert connection.sock is kept
    connection.close()


def test_the_command_prints_the_url_and_ends_on_sigterm():
    command = [sys.executable, "-m", "devtools.cloudinary_loopback"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        server.wait(20)

    assert told.startswith("CLOUDINARY_URL=cloudinary://")
    assert "@demo?upload_prefix=http://127.0.0.1:" in told
    assert server.returncode == 0

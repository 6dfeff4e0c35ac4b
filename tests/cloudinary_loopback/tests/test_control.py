"""The server from another process, and by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.server import CloudinaryServer
from tests.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.servers.server import wait_for


def control(client: RawClient, method: str, what: str, sent: Any = None):
    body = json.dumps(sent).encode() if sent is not None else None
    path = f"/_control/{client.cloud.name}{what}"
    return client.send(method, path, body, **({"Content_Type": "application/json"} if body else {}))


def test_faults_events_and_reset_by_http(cloud: Cloud, client: RawClient):
    assert control(client, "POST", "/faults", {"endpoint": "upload", "kind": "503", "times": 1}).status == 200
    assert [client.upload(public_id="a").status for _ in "12"] == [503, 200]
    events = control(client, "GET", "/events?endpoint=upload").json
    assert [(event["status"], event["effect"]) for event in events] == [(503, False), (200, True)]
    assert [asset["address"] for asset in control(client, "GET", "").json["assets"]] == [["image", "upload", "a"]]
    control(client, "POST", "/reset")
    assert (cloud.assets, cloud.calls()) == ({}, [])


def test_nonsense_is_refused(client: RawClient):
    assert control(client, "POST", "/faults", {"kind": "no such kind"}).status == 400
    assert control(client, "POST", "/faults", {"kind": "500", "often": 1}).status == 400
    assert control(client, "GET", "/no").status == 404
    assert client.send("GET", "/_control/nobody/events").status == 404


def test_a_cloud_is_made_with_its_plan(loopback_cloudinary: CloudinaryServer, client: RawClient):
    made = client.send("POST", "/_control/made", b'{"dynamic_folders": false}', Content_Type="application/json")

    assert made.json["url"].endswith(f"@made?upload_prefix={client.cloud.address}")
    assert loopback_cloudinary.clouds["made"].plan.dynamic_folders is False
    loopback_cloudinary.forget(loopback_cloudinary.clouds["made"])


def test_time_goes_forward(cloud: Cloud, client: RawClient):
    before = cloud.clock.now()
    control(client, "POST", "/clock", {"forward": 3600})

    assert cloud.clock.now() >= before + 3600


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
    command = [sys.executable, "-m", "tests.cloudinary_loopback", "--cloud", "mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as server:
        assert server.stdout is not None
        told = server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        server.wait(20)

    assert told.startswith("CLOUDINARY_URL=cloudinary://")
    assert "@mine?upload_prefix=http://127.0.0.1:" in told
    assert server.returncode == 0

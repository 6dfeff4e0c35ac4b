"""A tab without WebSockets: a staff member who uses the protocol over HTTP, in this process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver
from tests.support.wire.http_client import Answer, HttpClient
from uploads import api

Message = dict[str, Any]


class OverNetwork:
    """A staff member on a real server, with the interface of Django's test client."""

    def __init__(self, staff: HttpClient) -> None:
        self._staff = staff

    def get(self, path: str) -> Answer:
        return self._staff.get(path)

    def post(self, path: str, content: str | bytes, content_type: str) -> Answer:
        return self._staff.send(path, content if isinstance(content, bytes) else content.encode())


class PollingClient:
    """A tab of `client`, Django's or `OverNetwork`, on a draft. `status` and `close` are those of the last response."""

    def __init__(self, client: Any, draft: UUID) -> None:
        self.client, self.draft, self.tab = client, draft, uuid4()
        self.status = 0
        self.close: int | None = None
        self._ops = 0

    @property
    def address(self) -> str:
        return f"/uploads/draft/{self.draft}/?tab={self.tab}"

    def chunk_address(self, file: object, handle: object, offset: int) -> str:
        return f"/uploads/draft/{self.draft}/{file}/{handle}/{offset}/?tab={self.tab}"

    def look(self, revision: int = 0) -> list[Message]:
        return self._read(self.client.get(f"{self.address}&revision={revision}"))

    def snapshot(self) -> Message:
        return next(message for message in self.look() if message["type"] == "snapshot")

    def say(self, text: str | bytes) -> list[Message]:
        return self._read(self.client.post(self.address, text, content_type="application/json"))

    def command(self, type_: str, **fields: Any) -> Message:
        """Send a command and return the response: `ok`, `transfer` or `error`."""
        self._ops += 1
        return self.say(json.dumps({"type": type_, "op": f"op{self._ops}", **fields}))[0]

    def announce(self, content: bytes, name: str = "mug.jpg", **fields: Any) -> Message:
        fields = {"file": str(uuid4()), "size": len(content), "content_type": "image/jpeg", **fields}
        return self.command("add", name=name, **fields)

    def send(self, transfer: Message, offset: int, payload: bytes) -> list[Message]:
        address = self.chunk_address(transfer["file"], transfer["handle"], offset)
        return self._read(self.client.post(address, payload, content_type="application/octet-stream"))

    def finish(self, transfer: Message, content: bytes) -> Message:
        return self.command("finish", file=transfer["file"], sha256=hashlib.sha256(content).hexdigest())

    def upload(self, content: bytes, name: str = "mug.jpg", **fields: Any) -> str:
        """Upload one file up to its `put` job; return its id."""
        transfer = self.announce(content, name, **fields)
        assert self.send(transfer, 0, content) == [
            {"type": "ack", "handle": transfer["handle"], "offset": len(content)}
        ]
        assert self.finish(transfer, content)["type"] == "ok"
        return str(transfer["file"])

    def _read(self, response: Any) -> list[Message]:
        self.status, self.close = response.status_code, None
        if response.status_code == 204:
            assert response.content == b""
            return []
        body = response.json()
        self.close = body["close"]
        return list(body["messages"])


@pytest.fixture
def make_client(transactional_db: None) -> Callable[[str], Client]:
    """Signs in a user with the permission to add products."""

    def make(name: str) -> Client:
        user = User.objects.create(username=name)
        user.user_permissions.set(Permission.objects.filter(codename="add_product"))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def client(make_client: Callable[[str], Client]) -> Client:
    return make_client("ada")


@pytest.fixture
def driver(client: Client, service_clock: FakeClock) -> Driver:
    """The same draft, accessed directly."""
    user = User.objects.get(username="ada")
    return Driver(user, api.open_draft(user, PRODUCT, fresh=True).id)


@pytest.fixture
def tab(client: Client, driver: Driver) -> PollingClient:
    return PollingClient(client, driver.id)

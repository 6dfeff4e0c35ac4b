"""Reads requests from a socket and finds who answers them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from devtools.cloudinary_loopback import bodies, dispatch, endpoints
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.events import Event
from devtools.cloudinary_loopback.parameters import Parameters, collected, text
from devtools.cloudinary_loopback.plan import Plan
from devtools.cloudinary_loopback.refusals import Refused
from devtools.cloudinary_loopback.routes import Request
from devtools.cloudinary_loopback.sending import Sender

if TYPE_CHECKING:
    from devtools.cloudinary_loopback.server import CloudinaryServer


class Handler(Sender):
    """One connection."""

    owner: CloudinaryServer

    def _handle(self) -> None:
        self.request_id = uuid.uuid4().hex
        try:
            self._route()
        except Refused as refused:
            self._send(dispatch.of_refusal(refused))
        except ConnectionError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _handle  # noqa: N815 - the base class looks for these

    def _route(self) -> None:
        parts = urlsplit(self.path)
        first, _, rest = parts.path.lstrip("/").partition("/")
        query = collected(parse_qsl(parts.query, keep_blank_values=True))
        if first == "v1_1":
            name, _, path = rest.partition("/")
            self._api(name, unquote(path), query)
        else:
            self._deliver(first, rest)

    # --- What is asked

    def _api(self, name: str, path: str, query: Parameters) -> None:
        cloud = self.owner.clouds.get(name)
        if cloud is None:
            self._body(None)
            raise Refused(401, f"Unknown cloud_name {name}")
        endpoint, place = endpoints.find(self.command, path) or (None, {})
        event = self._event(cloud, endpoint.name if endpoint else "unknown", path)
        try:
            body = self._body(cloud)
            if endpoint is None:
                raise Refused(404, f"Not found - {self.command} {path}")
        except Refused as refused:
            event.status, event.message = refused.status, refused.message
            raise
        parameters = {**query, **body.parameters}
        self._describe(event, parameters)
        event.ignored = endpoint.ignored(parameters)
        request = Request(self.command, path, self.headers, parameters, body.file, place)  # type: ignore[arg-type]
        struck = cloud.strike(endpoint.name, parameters)
        if struck is None:
            self._send(dispatch.answer(cloud, endpoint, request, event), event)
        else:
            self._go_wrong(cloud, *struck, event, lambda: dispatch.answer(cloud, endpoint, request, event))

    def _deliver(self, name: str, path: str) -> None:
        self._body(None)
        if (cloud := self.owner.clouds.get(name)) is None or self.command not in ("GET", "HEAD"):
            raise Refused(404, f"Not found - {self.command} {self.path}")
        event = self._event(cloud, "delivery", path)
        struck = cloud.strike("delivery", {})
        if struck is None:
            self._send(dispatch.delivered(cloud, path, event), event)
        else:
            self._go_wrong(cloud, *struck, event, lambda: dispatch.delivered(cloud, path, event))

    def _event(self, cloud: Cloud, endpoint: str, path: str) -> Event:
        now = cloud.clock.now()
        return cloud.log.begin(at=now, endpoint=endpoint, method=self.command, path=path, request_id=self.request_id)

    def _describe(self, event: Event, parameters: Parameters) -> None:
        event.public_id = text(parameters, "public_id") or text(parameters, "from_public_id")
        event.to_public_id = text(parameters, "to_public_id")
        event.parameters = {
            name: text(parameters, name)[:200] for name in parameters if name not in ("api_key", "signature")
        }

    def _body(self, cloud: Cloud | None) -> bodies.Body:
        """All of the body. Raises `Refused` (413 or 400), after reading it."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            self.close_connection = True
            raise Refused(400, f"Invalid Content-Length {length}")
        pieces = bodies.sized(self.rfile, int(length))  # type: ignore[arg-type]
        blobs = self.owner.blobs
        body = blobs.write(bodies.capped(pieces, (cloud.plan if cloud else Plan()).body_max_bytes))
        return bodies.taken_apart(body, self.headers.get("Content-Type", ""), blobs)

"""A client of bare HTTP that can send what no SDK would: every signature, encoding, range and mistake.

It shares no code with the server, so that neither can hide an error of the other.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import picture

PNG = picture("PNG", 24, 16)
JPEG = picture("JPEG", 24, 16)
BOUNDARY = "a-boundary-of-ours"

Parameters = dict[str, Any]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The message of a refusal; empty when there is none."""
        return str(self.json.get("error", {}).get("message", ""))


class RawClient:
    """Speaks to one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.key, self.secret = next(iter(cloud.keys.items()))

    # --- Bare HTTP

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own; ``_`` in a header's name stands for ``-``."""
        connection = http.client.HTTPConnection(self.cloud.address.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send(method, f"/v1_1/{self.cloud.name}/{quote(path, safe='/?=&%[]')}", body, **headers)

    def image(self, path: str) -> Answer:
        """What a browser gets."""
        return self.send("GET", f"/{self.cloud.name}/{path}")

    # --- Signed

    def signed(
        self, parameters: Parameters, *, version: int = 2, algorithm: str = "sha1", secret: str = ""
    ) -> Parameters:
        """The parameters with time, key and signature."""
        sent = {"timestamp": int(self.cloud.clock.now()), **parameters}
        pairs = []
        for name in sorted(sent):
            value = ",".join(sent[name]) if isinstance(sent[name], list) else str(sent[name])
            if value:
                pair = f"{name}={value}"
                pairs.append(pair.replace("&", "%26") if version == 2 else pair)
        signature = hashlib.new(algorithm, ("&".join(pairs) + (secret or self.secret)).encode()).hexdigest()
        return {**sent, "signature": signature, "api_key": self.key}

    def call(self, path: str, **parameters: Any) -> Answer:
        """A signed call of the Upload API, urlencoded."""
        return self.form(path, self.signed(parameters))

    def form(self, path: str, parameters: Parameters) -> Answer:
        return self.api("POST", path, urlencode(fields(parameters)), Content_Type="application/x-www-form-urlencoded")

    def upload(self, content: bytes = PNG, rt: str = "image", filename: str = "a.png", **parameters: Any) -> Answer:
        """A signed upload, multipart."""
        return self.multipart(f"{rt}/upload", self.signed(parameters), content, filename)

    def part(self, content: bytes, span: str, upload_id: str = "u1", **parameters: Any) -> Answer:
        """One part of a raw upload."""
        headers = {"Content_Range": f"bytes {span}", **({"X_Unique_Upload_Id": upload_id} if upload_id else {})}
        return self.multipart("raw/upload", self.signed(parameters), content, "big.bin", **headers)

    def multipart(
        self, path: str, parameters: Parameters, content: bytes | None = None, filename: str = "a.png", **headers: str
    ) -> Answer:
        body = multipart(parameters, content, filename)
        return self.api("POST", path, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **headers)

    # --- With Basic auth

    def admin(self, path: str, **parameters: Any) -> Answer:
        """A call of the Admin API."""
        query = f"?{urlencode(fields(parameters))}" if parameters else ""
        return self.api("GET", path + query, Authorization=basic(self.key, self.secret))


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def fields(parameters: Parameters) -> list[tuple[str, str]]:
    """``name[]`` for each member of a list."""
    found: list[tuple[str, str]] = []
    for name, value in parameters.items():
        found += [(f"{name}[]", item) for item in value] if isinstance(value, list) else [(name, str(value))]
    return found


def multipart(parameters: Parameters, content: bytes | None, filename: str = "a.png") -> bytes:
    """The body; without content no file."""
    parts = [(f'form-data; name="{name}"', value.encode()) for name, value in fields(parameters)]
    if content is not None:
        parts.append((f'form-data; name="file"; filename="{filename}"', content))
    pieces = [f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + body + b"\r\n" for head, body in parts]
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()

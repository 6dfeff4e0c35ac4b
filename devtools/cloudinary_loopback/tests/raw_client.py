"""A plain HTTP client that can send what no SDK would: every signature, range and mistake.

It shares no code with the server, so neither can hide an error of the other.
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
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"

Parameters = dict[str, Any]


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The message of a refusal; empty if there is none."""
        return str(self.json.get("error", {}).get("message", ""))


class RawClient:
    """A client of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.key, self.secret = cloud, cloud.key, cloud.secret

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request on its own connection; ``_`` in a header's name stands for ``-``."""
        connection = http.client.HTTPConnection(self.cloud.address.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def image(self, path: str) -> Answer:
        """Get what a browser receives."""
        return self.send("GET", f"/{self.cloud.name}/{quote(path, safe='/,')}")

    def admin(self, path: str, authorization: str = "", **parameters: Any) -> Answer:
        """Call the Admin API."""
        headers = {"Authorization": authorization or basic(self.key, self.secret)}
        return self.send("GET", f"/v1_1/{self.cloud.name}/{path}?{urlencode(parameters)}", **headers)

    # --- The Upload API

    def signed(self, parameters: Parameters) -> Parameters:
        """Return the parameters with time, key and signature."""
        sent = {"timestamp": int(self.cloud.now()), **parameters}
        text = "&".join(f"{name}={sent[name]}".replace("&", "%26") for name in sorted(sent) if sent[name] != "")
        signature = hashlib.sha1((text + self.secret).encode(), usedforsecurity=False).hexdigest()
        return {**sent, "signature": signature, "api_key": self.key}

    def call(self, path: str, **parameters: Any) -> Answer:
        """Make a signed call."""
        return self.post(path, self.signed(parameters))

    def upload(self, content: bytes = PNG, **parameters: Any) -> Answer:
        """Upload an image, by default with the id "a"."""
        return self.post("image/upload", self.signed({"public_id": "a", **parameters}), content)

    def part(self, content: bytes, span: str, upload_id: str = "u1", **parameters: Any) -> Answer:
        """Upload a part of an image, by default with the id "p"."""
        headers = {"Content_Range": f"bytes {span}", **({"X_Unique_Upload_Id": upload_id} if upload_id else {})}
        return self.post("image/upload", self.signed({"public_id": "p", **parameters}), content, **headers)

    def post(self, path: str, parameters: Parameters, content: bytes | None = None, **headers: str) -> Answer:
        body = multipart(parameters, content)
        return self.send("POST", f"/v1_1/{self.cloud.name}/{path}", body, Content_Type=MULTIPART, **headers)


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def multipart(parameters: Parameters, content: bytes | None = None) -> bytes:
    """Return the body; without content it has no file."""
    parts = [(f'form-data; name="{name}"', str(value).encode()) for name, value in parameters.items()]
    if content is not None:
        parts.append(('form-data; name="file"; filename="a.png"', content))
    pieces = [f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + body + b"\r\n" for head, body in parts]
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()

"""A staff member with plain HTTP: signs in, opens pages, submits forms. Standard library only."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from copy import copy
from email.message import Message
from http.cookiejar import Cookie, CookieJar
from typing import Any
from uuid import uuid4

from tests.support.servers.server import PASSWORDS

File = tuple[str, bytes, str]
"""Name, bytes and content type."""


class Answer:
    def __init__(self, status: int, url: str, headers: Message, body: bytes) -> None:
        self.status, self.url, self.headers, self.body = status, url, headers, body

    @property
    def status_code(self) -> int:
        """Has the interface of Django's test client."""
        return self.status

    @property
    def content(self) -> bytes:
        return self.body

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


SESSIONS: dict[str, list[str]] = {}
"""Session keys by user name, valid on the servers that start from a copy of the one that created them."""


class HttpClient:
    """A signed-in browser. It waits `patience` seconds for a response.

    Checking a password deliberately takes a third of a second of CPU time, so without `afresh` a session of `SESSIONS`
    is used, if the server knows one. Users that share a session share its rate limits and its end.
    """

    patience = 30.0

    def __init__(
        self, url: str, name: str = "demo", tls: ssl.SSLContext | None = None, *, afresh: bool = False
    ) -> None:
        self.url, self.name, self.tls = url, name, tls
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.HTTPSHandler(context=tls)
        )
        keys = [] if afresh or tls else SESSIONS.get(name, [])
        if not any(self._has_session(key) for key in keys):
            self._sign_in()

    def _has_session(self, key: str) -> bool:
        self._cookies.set_cookie(_session_cookie(self.url, key))
        return "/accounts/login/" not in self.get("/marketing/").url

    def _sign_in(self) -> None:
        self._cookies.clear()
        password = PASSWORDS.get(self.name, self.name)
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"username": self.name, "password": password, "next": "/marketing/"})

    def cookie(self, name: str) -> str:
        return next((c.value or "" for c in self._cookies if c.name == name), "")

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self._cookies)

    def at(self, url: str) -> HttpClient:
        """The same session on another process of the site."""
        there = copy(self)
        there.url = url
        return there

    def get(self, path: str) -> Answer:
        return self._open(urllib.request.Request(self.url + path))  # noqa: S310 - our own server

    def post(self, path: str, fields: dict[str, str], *files: File, field: str = "file") -> Answer:
        """POST a form, with `files` in its `field`."""
        fields = {**fields, "csrfmiddlewaretoken": self.cookie("csrftoken")}
        if files:
            body, content_type = _multipart(fields, field, files)
        else:
            body, content_type = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        request = urllib.request.Request(self.url + path, body, {"Content-Type": content_type})  # noqa: S310
        return self._open(request)

    def send(self, path: str, body: bytes) -> Answer:
        """POST a body that is not a form, as a script would."""
        headers = {"Content-Type": "application/octet-stream", "X-CSRFToken": self.cookie("csrftoken")}
        return self._open(urllib.request.Request(self.url + path, body, headers))  # noqa: S310 - our own server

    def _open(self, request: urllib.request.Request) -> Answer:
        # Over TLS, Django requires a Referer.
        request.add_header("Referer", f"{self.url}/")
        try:
            with self._opener.open(request, timeout=self.patience) as answer:
                return Answer(answer.status, answer.url, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.url or "", error.headers, error.read())

    def new_draft(self) -> str:
        """Open a new Create product page and return the draft's id from the URL."""
        answer = self.get("/marketing/product_create/?new=1")
        return urllib.parse.parse_qs(urllib.parse.urlsplit(answer.url).query)["draft"][0]


def _session_cookie(url: str, key: str) -> Cookie:
    host = urllib.parse.urlsplit(url).hostname or ""
    where = {"domain": host, "domain_specified": False, "domain_initial_dot": False, "port": None}
    path = {"port_specified": False, "path": "/", "path_specified": True, "secure": False, "expires": None}
    return Cookie(0, "sessionid", key, **where, **path, discard=True, comment=None, comment_url=None, rest={})  # type: ignore[arg-type]


def _multipart(fields: dict[str, str], field: str, files: Sequence[File]) -> tuple[bytes, str]:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content, content_type in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: {content_type}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"

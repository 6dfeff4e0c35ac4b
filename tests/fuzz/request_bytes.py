"""HTTP requests as bytes, valid and invalid in every way a stranger can write them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from tests.fuzz import json_texts
from tests.fuzz.world import FILES
from tests.support.corpus.mutations import mutated
from tests.support.images.pictures import picture
from tests.support.wire.raw_socket import BINARY, CLOSE, CONTINUATION, PING, TEXT, frame

DRAFT, SESSION = b"{draft}", b"{session}"
"""Values known only during a run; inserted wherever a change has left the placeholder intact."""
TOKEN = b"t" * 32
TAB = str(UUID(int=100)).encode()
FILE = str(FILES[0]).encode()

Headers = list[tuple[bytes, bytes]]


class Request(Struct, frozen=True):
    """The parts of a request."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes = b""
    version: bytes = b"HTTP/1.1"

    def written(self) -> bytes:
        """Return the bytes to send."""
        lines = [b" ".join((self.method, self.target, self.version))]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"", b""]) + self.body


HEAD: Headers = [
    (b"Host", b"127.0.0.1"),
    (b"Cookie", b"sessionid=" + SESSION + b"; csrftoken=" + TOKEN),
    (b"X-CSRFToken", TOKEN),
]
FORM = b"application/x-www-form-urlencoded"
ADDRESSES = (
    *(b"/accounts/login/?next=/", b"/marketing/", b"/marketing/product_create/?draft=" + DRAFT, b"/static/none.css"),
    *(b"/uploads/file/" + FILE + b"/", b"/uploads/wanted/?draft=" + DRAFT, b"/marketing/product/1/", b"/nowhere/"),
    *(b"/uploads/draft/" + DRAFT + b"/?tab=" + TAB + b"&revision=1", b"/media/product_files/1/x.jpg"),
    *(b"/uploads/catalog/de/1.js",),
)  # fmt: skip


def _get(random: Random) -> Request:
    return Request(random.choice((b"GET", b"GET", b"HEAD", b"OPTIONS")), random.choice(ADDRESSES), HEAD)


def _post(target: bytes, content_type: bytes, body: bytes) -> Request:
    headers = [*HEAD, (b"Content-Type", content_type), (b"Content-Length", b"%d" % len(body))]
    return Request(b"POST", target, headers, body)


def _command(random: Random) -> Request:
    text = json_texts.text(random).encode(errors="surrogateescape")
    return _post(b"/uploads/draft/" + DRAFT + b"/?tab=" + TAB, b"application/json", text)


def _chunk(random: Random) -> Request:
    place = b"%b/%d/%d" % (FILE, random.choice((1, 2, 3, 10**30)), random.choice((0, 1, 600_000, 2**64, 10**30)))
    target = b"/uploads/draft/" + DRAFT + b"/" + place + b"/?tab=" + TAB
    return _post(target, b"application/octet-stream", random.randbytes(random.choice((0, 1, 100, 5_000))))


def _form(random: Random) -> Request:
    target = random.choice((b"/accounts/login/", b"/marketing/product_create/?draft=" + DRAFT, b"/accounts/logout/x"))
    fields = [b"csrfmiddlewaretoken=" + TOKEN, b"username=fuzz", b"password=wrong", b"title=Mug", b"sku=%00&price=9e9"]
    return _post(target, FORM, b"&".join(random.sample(fields, random.randrange(1, 6))))


def _part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value + b"\r\n"


def _file(random: Random) -> Request:
    name = random.choice((b"mug.jpg", b"..\\..\\x", b"%00", b"\xff\xfe", b"x" * 3_000, b'a"b', b""))
    more = b'; filename="' + name + b'"\r\nContent-Type: ' + random.choice((b"image/jpeg", b"image/png", b"x", b"\xff"))
    content = random.choice((picture("JPEG", 8, 8), picture("PNG", 8, 8), b"", b"no image"))
    target, field = random.choice(
        ((b"/marketing/api/temp_upload_file/", b"file"), (b"/marketing/product_create/?draft=" + DRAFT, b"images"))
    )
    body = _part(b"draft", DRAFT) + _part(b"sequence", b"0") + _part(field, content, more) + b"--b--\r\n"
    return _post(target, b"multipart/form-data; boundary=b", body)


def _cleanup(random: Random) -> Request:
    draft = random.choice((b"nonsense", b"", str(UUID(int=1)).encode(), b"\xff"))
    return _post(b"/marketing/api/cleanup_temp_files/", FORM, b"draft=" + draft)


def _chunked(random: Random) -> Request:
    request = random.choice((_command, _form, _file))(random)
    size = random.choice(
        (b"%x" % len(request.body), b"%X;a=b" % len(request.body), b"-1", b"fffffffff", b"x", b"", b"0x1")
    )
    headers = [(name, value) for name, value in request.headers if name != b"Content-Length"]
    body = size + b"\r\n" + request.body + b"\r\n" + random.choice((b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"", b"\r\n"))
    return replace(request, headers=[*headers, (b"Transfer-Encoding", b"chunked")], body=body)


FRAMES = (
    *(frame(TEXT, b'{"type": "ping"}'), frame(TEXT, b"\xff\xfe"), frame(TEXT), frame(BINARY, bytes(13)), frame(BINARY)),
    *(frame(CONTINUATION, b"x"), frame(TEXT, b"{", final=False), frame(PING, bytes(125)), frame(PING, bytes(126))),
    *(frame(PING, final=False), frame(CLOSE), frame(CLOSE, b"\x03"), frame(CLOSE, b"\x03\xe8")),
    *(frame(CLOSE, b"\xff\xff\xff"),),
    *(frame(CLOSE, b"\x03\xec"), frame(3), frame(15), b"\xc1" + frame(TEXT, b"x")[1:], b"\x81\x05hello"),
    *(b"\x82\xff" + b"\xff" * 8 + bytes(4), b"\x81\xfe\x00\x01\0\0\0\0x", b"\x81\xff" + bytes(8) + bytes(4), b"\x81"),
)  # fmt: skip
"""Valid frames, and invalid ones of each kind: reserved bits and opcodes, no mask, wrong lengths, bad closes."""


def _socket(random: Random) -> Request:
    headers = [
        *HEAD,
        (b"Origin", random.choice((b"http://127.0.0.1",) * 3 + (b"http://[", b"null", b"http://evil.example"))),
        (b"Upgrade", random.choice((b"websocket", b"WebSocket", b"h2c"))),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Version", random.choice((b"13", b"13", b"13", b"8", b"x"))),
        (b"Sec-WebSocket-Key", random.choice((b"dGhlIHNhbXBsZSBub25jZQ==",) * 3 + (b"", b"x"))),
        (b"Sec-WebSocket-Protocol", random.choice((b"uploads.v1", b"uploads.v1", b"", b"%ff", b"a,b"))),
    ]
    target = random.choice((b"/ws/uploads/" + DRAFT + b"/", b"/ws/uploads/" + DRAFT + b"/", b"/ws/none/", b"/%ff"))
    frames = b"".join(random.choice(FRAMES) for _ in range(random.randrange(6)))
    return Request(b"GET", target, headers, mutated(random, frames) if random.random() < 0.3 else frames)


REQUESTS = (_get, _get, _command, _chunk, _form, _file, _cleanup, _chunked, _socket, _socket)

VALUES = (
    *(b"", b" ", b"0", b"-1", b"+5", b"5, 5", b"99999999999999999999", b"1e3", b"\xd9\xa3", b"x" * 20_000, b"\xff\xfe"),
    *(b"chunked", b"gzip, chunked", b"identity", b"close", b"keep-alive", b"100-continue", b"a\0b", b"a\rb", b"a\x0bb"),
    *(b"multipart/form-data", b"multipart/form-data; boundary=", b"multipart/form-data; boundary=" + b"x" * 300),
    *(b"text/html; charset=bogus", b"text/plain; charset=utf-7", FORM + b"; charset=utf-16", b"application/json; x"),
    *(b"evil.example", b"127.0.0.1:99999", b"[::1", b"127.0.0.1, evil.example", b"sessionid=\""),
    *(b"=; =;=", b"a=b;" * 900),
    *(b"Wed, 99 Foo 0000 99:99:99 GMT", b"bytes=0-", b"bytes=-0,5-1", b'W/"', b"de-\xff", b"*;q=2", b"zz" * 300),
)  # fmt: skip
NAMES = (
    *(b"Host", b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Cookie", b"Connection"),
    *(b"Expect", b"Upgrade"),
    *(b"X-Forwarded-For", b"X_Forwarded_For", b"Forwarded", b"X-Script-Name", b"Daphne-Root-Path", b"Range", b"Accept"),
    *(b"If-Modified-Since", b"If-None-Match", b"Accept-Language", b"Accept-Encoding", b"Referer"),
    *(b"Origin", b"", b"\xff"),
    *(b"X-HTTP-Method-Override", b"Content-Disposition", b"a b", b"A" * 9_000),
)  # fmt: skip
TARGETS = (
    *(b"*", b"", b"/%00", b"/%ff", b"/\xff", b"//evil.example/", b"http://evil.example/", b"/..%2f..%2fetc/passwd"),
    *(b"/" + b"x" * 20_000, b"/?" + b"a&" * 3_000, b"/?a=%", b"/?\xff", b"/marketing/?page=\xd9\xa3"),
    *(b"/marketing/?page=9e9",),
    *(b"/marketing/product_create/?draft=%00", b"/uploads/file/%0d%0aX:y/", b"/media/%00", b"/media/%2e%2e/secret_key"),
    *(b"/marketing/product/99999999999999999999/", b"/uploads/wanted/?" + b"draft=x&" * 200),
    *(b"/accounts/login/?next=//x",),
)  # fmt: skip


def _target(random: Random, request: Request) -> Request:
    return replace(request, target=random.choice((*TARGETS, *ADDRESSES)))


def _method(random: Random, request: Request) -> Request:
    methods = (b"GET", b"POST", b"PUT", b"DELETE", b"TRACE", b"CONNECT", b"get", b"", b"\xff", b"A" * 500, b"GET\0")
    return replace(request, method=random.choice(methods))


def _version(random: Random, request: Request) -> Request:
    versions = (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1 x", b"HTTP/", b"", b"HTTP/\xff", b"FTP/1.1")
    return replace(request, version=random.choice(versions))


def _header(random: Random, request: Request) -> Request:
    at = random.randrange(len(request.headers) + 1)
    new = (random.choice(NAMES), random.choice(VALUES))
    return replace(request, headers=[*request.headers[:at], new, *request.headers[at:]])


def _value(random: Random, request: Request) -> Request:
    headers = list(request.headers)
    if headers:
        at = random.randrange(len(headers))
        headers[at] = (headers[at][0], random.choice(VALUES))
    return replace(request, headers=headers)


def _fewer(random: Random, request: Request) -> Request:
    return replace(request, headers=[header for header in request.headers if random.random() < 0.7])


def _many(random: Random, request: Request) -> Request:
    return replace(request, headers=request.headers * random.choice((2, 40)))


def _longer(random: Random, request: Request) -> Request:
    return replace(request, body=request.body * random.choice((0, 2, 20)) + random.randbytes(random.choice((0, 9))))


MUTATIONS: tuple[Callable[[Random, Request], Request], ...] = (
    *(_target, _method, _version, _header, _header, _value, _value, _fewer, _many, _longer),
)


def connection(random: Random) -> list[bytes]:
    """What a client sends over one connection, in the pieces in which it arrives."""
    sent = b""
    for _ in range(random.choice((1, 1, 1, 2))):
        request = random.choice(REQUESTS)(random)
        for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
            request = random.choice(MUTATIONS)(random, request)
        written = request.written()
        sent += mutated(random, written) if random.random() < 0.1 else written
    cuts = sorted(random.randrange(len(sent) + 1) for _ in range(random.choice((0, 0, 1, 3)))) if sent else []
    return [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]

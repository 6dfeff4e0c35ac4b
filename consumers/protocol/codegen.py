"""Generate two files from the message definitions: the JavaScript constants and the protocol page.

``python3 -m erp uploads_protocol`` writes both; a test fails if either is stale.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import msgspec

from consumers.protocol import messages
from consumers.protocol.close_codes import CloseCode
from consumers.protocol.framing import CHUNK_HEADER
from uploads.core import snapshot
from uploads.core.errors import CATALOGUE, Code
from uploads.core.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
JAVASCRIPT = ROOT / "static" / "manage_files" / "transport" / "protocol.js"
PAGE = ROOT / "docs" / "protocol.md"

PARTS: tuple[type[msgspec.Struct], ...] = (
    snapshot.VariantRow,
    snapshot.FileError,
    snapshot.FileInfo,
    snapshot.DraftInfo,
    snapshot.OfferInfo,
    snapshot.FieldInfo,
    snapshot.EditorInfo,
    snapshot.LimitsInfo,
    messages.EditedField,
)

OVER_HTTP = """\
A tab whose network blocks WebSockets sends the same messages over HTTP. It generates a UUID as its tab id and sends the
session's cookie; a `POST` carries the CSRF token in `X-CSRFToken`. Every request extends the draft's deadline to at
least max(N, 180 s) from then.

| request | response |
|---|---|
| `GET /uploads/draft/<draft id>/?tab=<tab id>&revision=<n>` | a newer `snapshot`, the `progress` of other tabs |
| `POST /uploads/draft/<draft id>/?tab=<tab id>`: one message as JSON | the same response as over a socket |
| `POST /uploads/draft/<draft id>/<file id>/<handle>/<offset>/?tab=<tab id>`: bytes, at most a window | an `ack` |

The body is `{"messages": [...], "close": null}`: the messages that a socket would have received, and the code it would
have been closed with. If there is no message, the response is 204 without a body; a refusal has the HTTP status of the
table below. The handle is that of the file's newest `transfer` and is valid for that file only."""


def javascript() -> str:
    """Return the text of ``protocol.js``: frozen constants and a JSDoc typedef for every message."""
    constants = [
        f'export const SUBPROTOCOL = "{messages.SUBPROTOCOL}";',
        f"/** Bytes before the payload of a binary chunk: handle (4) and offset (8), big-endian. */\n"
        f"export const CHUNK_HEADER_BYTES = {CHUNK_HEADER.size};",
        f"/** The most bytes of a text frame. */\nexport const MAX_TEXT_FRAME = {messages.MAX_TEXT_FRAME};",
        _frozen("CloseCode", ((code.name, str(code.value)) for code in CloseCode)),
        _frozen("Code", ((code.name, f'"{code.value}"') for code in Code)),
        _frozen("ClientType", _types(messages.CLIENT_MESSAGES)),
        _frozen("ServerType", _types(messages.SERVER_MESSAGES)),
    ]
    every = (*PARTS, *messages.CLIENT_MESSAGES, *messages.SERVER_MESSAGES)
    typedefs = [_typedef(struct) for struct in every]
    source = "consumers/protocol/messages.py"
    head = f"// GENERATED from {source} by `python3 -m erp uploads_protocol`. Do not edit.\n// @ts-check"
    return "\n\n".join([head, *constants, *typedefs]) + "\n"


def page() -> str:
    """Return the text of ``docs/protocol.md``."""
    parts = [
        "<!-- GENERATED from consumers/protocol/messages.py by `python3 -m erp uploads_protocol`. Do not edit. -->",
        f"# The wire protocol `{messages.SUBPROTOCOL}`",
        "One WebSocket per tab on `/ws/uploads/<draft id>/`, with the subprotocol "
        f"`{messages.SUBPROTOCOL}`. Text frames are JSON objects with a `type` and each field once, at most "
        f"{messages.MAX_TEXT_FRAME:,} bytes. Binary frames are chunks of a file: a 4-byte big-endian transfer "
        "handle, an 8-byte big-endian offset, then the payload "
        f"(at most {Limits().chunk_bytes:,} bytes; at most {Limits().window_chunks} chunks unacknowledged per socket; "
        "the snapshot's `limits` name the numbers in force).",
        "## From the browser",
        *(_section(struct) for struct in messages.CLIENT_MESSAGES),
        "## From the server",
        *(_section(struct) for struct in messages.SERVER_MESSAGES),
        "## Parts of messages",
        *(_section(struct) for struct in PARTS),
        "## Without a WebSocket",
        OVER_HTTP,
        "## Close codes",
        "\n".join(["| code | meaning |", "|---|---|", *map(_close_code, CloseCode)]),
        "## Refusals",
        "\n".join(["| code | sentence | retrying helps | HTTP |", "|---|---|---|---|", *map(_refusal, Code)]),
    ]
    return "\n\n".join(parts) + "\n"


def _types(structs: Iterable[type[msgspec.Struct]]) -> Iterable[tuple[str, str]]:
    return ((_tag(struct).upper(), f'"{_tag(struct)}"') for struct in structs)


def _frozen(name: str, rows: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(f"  {key}: {value}," for key, value in rows)
    return f"export const {name} = Object.freeze({{\n{body}\n}});"


def _tag(struct: type[msgspec.Struct]) -> str:
    tag = struct.__struct_config__.tag
    return tag if isinstance(tag, str) else struct.__name__


def _typedef(struct: type[msgspec.Struct]) -> str:
    rows = [f" * @property {{{_js(field.type)}}} {_js_name(field)}" for field in _fields(struct)]
    if isinstance(struct.__struct_config__.tag, str):
        rows.insert(0, f' * @property {{"{_tag(struct)}"}} type')
    head = f"/**\n * {_doc(struct).splitlines()[0]}\n *\n * @typedef {{object}} {struct.__name__}"
    return "\n".join([head, *rows, " */"])


def _section(struct: type[msgspec.Struct]) -> str:
    rows = [f"| `{f.encode_name}` | {_js(f.type).replace('|', chr(92) + '|')} |" for f in _fields(struct)]
    table = "\n".join(["| field | type |", "|---|---|", *rows]) if rows else "No fields."
    return f"### `{_tag(struct)}`\n\n{_doc(struct)}\n\n{table}"


def _refusal(code: Code) -> str:
    entry = CATALOGUE[code]
    return f"| `{code}` | {entry.message} | {'yes' if entry.retryable else 'no'} | {entry.status} |"


def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def _doc(struct: type[msgspec.Struct]) -> str:
    return inspect.getdoc(struct) or ""


def _close_code(code: CloseCode) -> str:
    return f"| {code.value} | {code.name.replace('_', ' ').lower()} |"


def _js_name(field: msgspec.structs.FieldInfo) -> str:
    return field.encode_name if field.required else f"[{field.encode_name}]"


_SCALARS: dict[object, str] = {
    str: "string",
    int: "number",
    bool: "boolean",
    UUID: "string",
    Code: "string",
    object: "unknown",
    type(None): "null",
}


def _js(hint: object) -> str:
    """Return the JSDoc type for the Python type `hint`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _js(args[0])
    if origin is typing.Literal:
        return "|".join(f'"{value}"' for value in args)
    if origin in (typing.Union, types.UnionType):
        return "|".join(_js(part) for part in args if part is not msgspec.UnsetType)
    if origin is list:
        return f"Array<{_js(args[0])}>"
    if origin is dict:
        return f"Object<string, {_js(args[1])}>"
    return _SCALARS.get(hint) or str(getattr(hint, "__name__", "unknown"))

"""Texts that are not messages of the protocol but may look like them; every door for JSON must refuse each."""

from __future__ import annotations

import json

PLACE = {"file_type": "main_image", "variant_temp_id": None, "after": None}

TEXTS = {
    "not json": "{",
    "not an object": "[1, 2]",
    "no type": "{}",
    "unknown type": '{"type": "drop_tables"}',
    "unknown field": '{"type": "sync", "extra": 1}',
    "missing field": '{"type": "remove", "op": "a"}',
    "wrong type": '{"type": "remove", "op": 1, "file": "x"}',
    "bool for int": '{"type": "resume", "op": "a", "file": "12345678-1234-5678-1234-567812345678", "size": true}',
    "negative size": '{"type": "resume", "op": "a", "file": "12345678-1234-5678-1234-567812345678", "size": -1}',
    "NaN": '{"type": "note", "op": "a", "fields": {"x": NaN}}',
    "huge number": '{"type": "note", "op": "a", "fields": 1e999}',
    "NUL": '{"type": "note", "op": "a", "fields": {"x": "\\u0000"}}',
    "lone surrogate": '{"type": "note", "op": "a", "fields": {"x": "\\ud800"}}',
    "deep": '{"type": "note", "op": "a", "fields": ' + '{"x":' * 5000 + "1" + "}" * 5001,
    "as deep as a frame allows": '{"type": "note", "op": "a", "fields": {"x": ' + "[" * 60_000 + "]" * 60_000 + "}}",
    "deeper": "[" * 100_000 + "]" * 100_000,
    "text that nests": '{"type": "note", "op": "a", "fields": {"x": [["y"]]}}',
    "huge integer": '{"type": "resume", "op": "a", "file": "12345678-1234-5678-1234-567812345678", "size": %s}'
    % ("9" * 5000),
    "beyond a float": '{"type": "variants", "op": "a", "rows": [], "revision": 1e400}',
    "64 KiB of keys": json.dumps({"type": "sync"} | {f"key{number}": number for number in range(4_000)}),
    "newline behind an op": '{"type": "discard", "op": "a\\n"}',
    "newline behind a hash": '{"type": "finish", "op": "a", "file": "12345678-1234-5678-1234-567812345678",'
    ' "sha256": "%s\\n"}' % ("0" * 64),
    "newline behind a variant": '{"type": "variants", "op": "a", "revision": 1, "rows": [{"temp_id": "a\\n",'
    ' "label": ""}]}',
    "a field twice": '{"type": "discard", "op": "a", "op": "b"}',
    "a field twice, once escaped": '{"type": "discard", "op": "a", "\\u006fp": "b"}',
    "a field of a field twice": '{"type": "note", "op": "a", "fields": {"title": ["x"], "title": ["y"]}}',
    "long op": json.dumps({"type": "discard", "op": "x" * 65}),
    "nothing": "",
    "a byte order mark": "\ufeff{}",
    "single quotes": "{'type': 'sync'}",
    "a comma behind the last": '{"type": "sync",}',
    "two objects": '{"type": "sync"}{"type": "sync"}',
    "a comment": '{"type": "sync"} // x',
    "type in capitals": '{"type": "SYNC"}',
    "type of another kind": '{"type": ["sync"]}',
    "a message of the server": '{"type": "snapshot"}',
    "a prototype": '{"type": "sync", "__proto__": {"type": "ping"}}',
    "a field of a row twice": '{"type": "variants", "op": "a", "revision": 1, "rows": [{"temp_id": "a", "temp_id": "b",'
    ' "label": ""}]}',
    "type twice": '{"type": "sync", "type": "ping"}',
    "infinity": '{"type": "variants", "op": "a", "rows": [], "revision": Infinity}',
    "a number with a zero before": '{"type": "variants", "op": "a", "rows": [], "revision": 01}',
    "a fraction": '{"type": "variants", "op": "a", "rows": [], "revision": 1.5}',
    "an unknown list": '{"type": "reorder", "op": "a", "files": ["12345678-1234-5678-1234-567812345678"],'
    ' "file_type": "../main_image", "variant_temp_id": null, "after": null}',
    "no file to move": '{"type": "reorder", "op": "a", "files": [], "file_type": "main_image",'
    ' "variant_temp_id": null, "after": null}',
    "three thousand files": json.dumps(
        {"type": "reorder", "op": "a", "files": ["12345678-1234-5678-1234-567812345678"] * 3_000, **PLACE}
    ),
    "a thousand rows too many": json.dumps(
        {"type": "variants", "op": "a", "revision": 1, "rows": [{"temp_id": "a", "label": ""}] * 1_001}
    ),
    "a raw control character": '{"type": "discard", "op": "\x01"}',
    "a NUL as it is": '{"type": "discard", "op": "a\0"}',
    "an unknown escape": '{"type": "discard", "op": "\\x61"}',
    "half an escape": '{"type": "discard", "op": "\\u00"}',
    "a text without an end": '{"type": "discard", "op": "a',
}

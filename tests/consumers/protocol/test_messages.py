"""The message definitions: what is understood, what is refused, and that the generated files are current."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from consumers.protocol import codegen, messages
from consumers.protocol.close_codes import CloseCode
from tests.support.corpus.json_texts import TEXTS
from uploads.core.errors import Code, Refusal

FILE = UUID("12345678-1234-5678-1234-567812345678")


def decoded(text: str) -> Any:
    """Return the message in `text`, or the code with which it is refused."""
    try:
        return messages.decode(text)
    except Refusal as refusal:
        return refusal.code


def test_after_tells_first_last_and_behind_apart():
    add = {"type": "add", "op": "a", "file": str(FILE), "name": "x", "size": 1, "content_type": "image/png"}
    behind = [decoded(json.dumps({**add, **after})) for after in ({}, {"after": None}, {"after": str(FILE)})]

    assert [message.after for message in behind] == [msgspec.UNSET, None, FILE]


def test_a_reorder_names_1_to_200_files():
    reorder = {"type": "reorder", "op": "a", "file_type": "main_image", "variant_temp_id": None, "after": None}
    some = [decoded(json.dumps({**reorder, "files": [str(FILE)] * count})) for count in (0, 1, 200, 201)]

    assert [message is Code.BAD_MESSAGE or len(message.files) for message in some] == [True, 1, 200, True]


def _commands() -> dict[str, dict[str, object]]:
    """A valid message of each kind that carries an op."""
    one: dict[str, object] = {"op": "the-op", "file": str(FILE)}
    place: dict[str, object] = {"file_type": "main_image", "variant_temp_id": None, "after": None}
    return {
        "add": {**one, "name": "x", "size": 1, "content_type": "image/png"},
        "resume": {**one, "size": 1},
        "finish": {**one, "sha256": None},
        "remove": one,
        "restore": one,
        "purge": one,
        "reorder": {"op": "the-op", "files": [str(FILE)], **place},
        "variants": {"op": "the-op", "revision": 1, "rows": []},
        "describe": {**one, "alt_text": "x"},
        "edit": {"op": "the-op", "author": "me", "fields": {"title": {"values": ["x"], "base": 0}}},
        "note": {"op": "the-op", "fields": {"title": ["x"]}},
        "retry": one,
        "discard": {"op": "the-op"},
    }


BROKEN = {
    "NUL": lambda text: text[:-1] + ', "more": "\\u0000"}',
    "a NUL that is plain": lambda text: text[:-1] + ', "more": "\0"}',
    "lone surrogate": lambda text: text[:-1] + ', "more": "\\ud800"}',
    "too long": lambda text: text[:-1] + f', "more": "{"x" * messages.MAX_TEXT_FRAME}"}}',
    "too long, op last": lambda text: '{"more": "' + "x" * messages.MAX_TEXT_FRAME + '", ' + text[1:],
    "unknown field": lambda text: text[:-1] + ', "more": 1}',
    "unknown type": lambda text: text.replace('"type": "', '"type": "newer_'),
    "cut off": lambda text: text[:-1],
}


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(("kind", "fields"), _commands().items(), ids=_commands())
def test_a_refusal_names_the_command_it_refuses(kind: str, fields: dict[str, object], breaking: Callable[[str], str]):
    text = json.dumps({"type": kind, **fields})
    assert not isinstance(decoded(text), Code)
    with pytest.raises(messages.Unreadable) as unreadable:
        messages.decode(breaking(text))

    assert unreadable.value.op == "the-op"


def test_an_op_that_somebody_typed_is_none():
    text = json.dumps({"type": "note", "fields": {"title": ['"op": "typed"']}, "more": 1})
    with pytest.raises(messages.Unreadable) as unreadable:
        messages.decode(text)

    assert unreadable.value.op is None


def test_what_is_no_message_is_refused():
    assert [name for name, text in TEXTS.items() if decoded(text) is not Code.BAD_MESSAGE] == []


def test_a_field_is_there_once():
    twice = [text for name, text in TEXTS.items() if "twice" in name]

    assert len(twice) >= 5
    assert [text for text in twice if decoded(text) is not Code.BAD_MESSAGE] == []


@given(st.text())
def test_any_text_is_decoded_or_refused(text: str):
    assert decoded(text) is Code.BAD_MESSAGE or isinstance(decoded(text), messages.CLIENT_MESSAGES)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
kinds = st.sampled_from([message.__struct_config__.tag for message in messages.CLIENT_MESSAGES])


@given(kinds, st.dictionaries(st.sampled_from(["op", "file", "size", "rows", "fields", "after", "name"]), json_values))
def test_any_object_is_decoded_or_refused(kind: str, fields: dict[str, object]):
    message = decoded(json.dumps({**fields, "type": kind}))

    assert message is Code.BAD_MESSAGE or message.__struct_config__.tag == kind


def test_every_message_of_the_server_says_what_it_is():
    tags = [message.__struct_config__.tag for message in messages.SERVER_MESSAGES]

    assert tags == ["snapshot", "transfer", "ack", "progress", "ok", "error", "ended", "pong"]
    assert json.loads(messages.encode(messages.Pong())) == {"type": "pong"}


SENT = (
    (
        messages.Snapshot,
        '{"type":"snapshot","revision":7,"draft":{"id":"12345678-1234-5678-1234-567812345678","state":"open",'
        '"target":"product:","grace_seconds":10,"grace_seconds_lost":20,"kept_until":null,"changes":[]},'
        '"variants":[{"temp_id":"red","label":"Red"}],'
        '"files":[{"file":"12345678-1234-5678-1234-567812345678","name":"mug.jpg","size":9,"content_type":"image/jpeg",'
        '"file_type":"variant_image","variant_temp_id":"red","sequence":0,"state":"rejected","sending":false,'
        '"attached":false,"url":"","sha256":"","alt_text":"","width":null,"height":null,"taken_at":1777888800042,'
        '"error":{"code":"too_large","message":"Too large.","retryable":false}}],"limits":{"max_file_bytes":1,'
        '"max_files":2,"max_draft_bytes":3,"max_pixels":4,"max_text_bytes":9,"max_variants":5,"parallel_files":6,"chunk_bytes":7,'
        '"window_chunks":8,"content_types":["image/jpeg"]},"sockets":2,"fields":{"price":{"values":["12.00"],"revision":6,'
        '"author":"a","name":"","offers":[{"values":["11.00"],"author":"b","name":"Sam Okafor"}]}},'
        '"editors":[{"name":"Sam Okafor","idle_seconds":3}]}',
    ),
    (
        messages.Transfer,
        '{"type":"transfer","op":"a","file":"12345678-1234-5678-1234-567812345678","handle":3,"offset":5}',
    ),
    (messages.Ack, '{"type":"ack","handle":3,"offset":262144}'),
    (
        messages.Progress,
        '{"type":"progress","file":"12345678-1234-5678-1234-567812345678","received":5,"size":9}',
    ),
    (messages.Ok, '{"type":"ok","op":"a","revision":7}'),
    (
        messages.Error,
        '{"type":"error","op":null,"code":"too_large","message":"Too large.","retryable":false,"file":null}',
    ),
    (messages.Ended, '{"type":"ended","reason":"expired","by":"","url":"","names":["a.jpg"],"deleted":false}'),
    (messages.Pong, '{"type":"pong"}'),
)


@pytest.mark.parametrize(("kind", "text"), SENT, ids=[kind.__name__ for kind, _ in SENT])
def test_what_is_sent_is_this_text_to_the_byte(kind: type[messages.FromServer], text: str):
    assert messages.encode(msgspec.json.decode(text, type=kind)) == text


def test_the_generated_texts_are_fresh():
    call_command("uploads_protocol", "--check")


def test_a_stale_text_is_noticed_and_written_anew(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr(codegen, "JAVASCRIPT", tmp_path / "protocol.js")
    monkeypatch.setattr(codegen, "PAGE", tmp_path / "protocol.md")
    with pytest.raises(CommandError, match="stale"):
        call_command("uploads_protocol", "--check")
    call_command("uploads_protocol", stdout=StringIO())
    call_command("uploads_protocol", "--check")

    assert "export const Code" in (tmp_path / "protocol.js").read_text()


def test_the_page_names_every_message_every_close_code_and_every_refusal():
    page = codegen.page()
    tags = [str(m.__struct_config__.tag) for m in (*messages.CLIENT_MESSAGES, *messages.SERVER_MESSAGES)]

    assert [tag for tag in tags if f"### `{tag}`" not in page] == []
    assert [code for code in CloseCode if f"| {code.value} |" not in page] == []
    assert [code for code in Code if f"| `{code}` |" not in page] == []


FIRST_USE = """
import sys, threading, uuid
from consumers.protocol import messages
from uploads.core.snapshot import DraftInfo, LimitsInfo, VariantRow

sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def send():
    together.wait()
    draft = DraftInfo(id=uuid.uuid4(), state="open", target="", grace_seconds=1, grace_seconds_lost=1)
    limits = LimitsInfo(**dict.fromkeys(LimitsInfo.__struct_fields__, 1))
    rows = [VariantRow(temp_id="red", label="Red")]
    messages.encode(messages.Snapshot(revision=1, draft=draft, variants=rows, files=[], limits=limits, sockets=1))
    messages.decode('{"type": "variants", "op": "a", "revision": 1, "rows": [{"temp_id": "red", "label": "Red"}]}')

threads = [threading.Thread(target=send) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_make_their_first_snapshots_at_once_do_not_kill_the_process():
    """A new process for each attempt, because only the first use is dangerous; one in four crashed."""
    for _ in range(12):
        subprocess.run([sys.executable, "-c", FIRST_USE], check=True)

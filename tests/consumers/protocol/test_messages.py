"""The message definitions: what is understood, what is refused, and that the generated texts are fresh."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from consumers.protocol import codegen, messages
from uploads.core.errors import Code, Refusal

FILE = UUID("12345678-1234-5678-1234-567812345678")


def decoded(text: str) -> Any:
    """The message in `text`, or the code it is refused with."""
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
    assert [code for code in messages.CloseCode if f"| {code.value} |" not in page] == []
    assert [code for code in Code if f"| `{code}` |" not in page] == []


FIRST_USE = """
import sys, threading, msgspec
from consumers.protocol import messages

sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def convert():
    together.wait()
    try:
        msgspec.convert({"sockets": 1, "limits": {}, "files": [{}]}, messages.Snapshot, from_attributes=True)
    except msgspec.ValidationError:
        pass

threads = [threading.Thread(target=convert) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_make_their_first_snapshots_at_once_do_not_kill_the_process():
    """A new process for each try, for only a first use is dangerous; one in four died."""
    for _ in range(12):
        subprocess.run([sys.executable, "-c", FIRST_USE], check=True)

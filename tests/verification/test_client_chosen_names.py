"""Nothing a client says becomes a path, a key or a folder: what names bytes is made here (S11)."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest

from consumers.protocol import messages
from tests.support.wire.desk import Desk
from uploads import spool
from uploads.core.errors import Code, Refusal

FILE = "0f8fad5b-d9cb-469f-a165-70867728950e"
ADD = {"type": "add", "op": "a", "file": FILE, "name": "x.jpg", "size": 1, "content_type": "image/jpeg"}


def refusal(**changes: object) -> Code:
    with pytest.raises(Refusal) as refused:
        messages.decode(json.dumps({**ADD, **changes}))
    return refused.value.code


@pytest.mark.parametrize(
    "name", ["public_id", "key", "store_key", "folder", "path", "url", "epoch", "writer_epoch", "sequence", "owner"]
)
def test_a_client_names_no_key_folder_path_or_owner(name: str):
    assert refusal(**{name: "media/product_files/1/x.jpg"}) == Code.BAD_MESSAGE


@pytest.mark.parametrize(
    "file", ["../../etc/passwd", "x" * 36, f"{FILE}/..", f"{FILE}.1", f"{FILE}\n", f"{FILE}\0", "", "*", 7, None, -1]
)
def test_a_file_is_a_uuid_and_nothing_else(file: object):
    assert refusal(file=file) == Code.BAD_MESSAGE


@pytest.mark.parametrize("size", [-1, 2**63, 2**53 + 1, 1.5, "1", True, None])
def test_a_size_is_a_number_that_fits(size: object):
    assert refusal(size=size) == Code.BAD_MESSAGE


def test_however_a_uuid_is_written_its_key_and_its_spool_have_one_form(desk: Desk):
    for file in (FILE.upper(), FILE.replace("-", "")):
        message = messages.decode(json.dumps({**ADD, "file": file}))
        assert isinstance(message, messages.Add)
        lease = desk.add("../../x.jpg", id=message.file, size=1)
    spool.Writer(lease.file, 1, 1).close()

    folder = re.escape(desk.draft.folder)
    assert re.fullmatch(rf"{folder}/erp-{FILE}\.jpg", desk.file(UUID(FILE)).store_key)
    assert [path.name for path in spool.directory().iterdir()] == [f"{FILE}.1"]

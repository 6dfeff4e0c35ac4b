"""The ways in which an image reaches a real server, each of which accepts cases of the corpus.

The result of a case, its *verdict*, is the code of its refusal or `TAKEN`.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import structs

from tests.support.corpus.case import SMALL, SMALL_PIXELS, Case
from tests.support.corpus.images import CASES
from tests.support.servers.server import wait_for
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import HttpClient
from tests.support.wire.polling_client import OverNetwork, PollingClient
from uploads.core.errors import CATALOGUE, Code
from uploads.core.limits import CONTENT_TYPES
from uploads.images import checker

TAKEN = "taken"
Verdicts = dict[str, str]
Door = Callable[[str, Sequence[Case]], Coroutine[None, None, Verdicts]]
"""Sends cases to the server at a URL, and returns their verdicts by id."""

ROOM = {"max_files": 1_000}
LIMITS = {
    "as shipped": ROOM,
    "small": {**ROOM, "max_pixels": SMALL_PIXELS, "image": structs.asdict(SMALL)},
}
"""Names of the servers needed: most cases concern the default limits, some concern smaller ones that they can reach."""
CASES_OF = {name: [case for case in CASES if case.small is (name == "small")] for name in LIMITS}
FIRST_OF = {
    name: list({(case.codes, case.claim): case for case in cases[::-1]}.values()) for name, cases in CASES_OF.items()
}
"""The first of those per verdict and format: every sentence through every door, once the decoders have seen them
all."""
PART_BYTES = 1_000_000
AT_ONCE = 25
"""Images per form."""
SECONDS = 200


def environment(limits: str) -> dict[str, str]:
    """Return the environment of a server with the limits of this name."""
    return {"UPLOADS_LIMITS": json.dumps(LIMITS[limits])}


def name_of(case: Case) -> str:
    """Return the file name, whose extension fits the declared type."""
    return case.id + CONTENT_TYPES[case.claim]


@cache
def content_of(case: Case) -> bytes:
    """Return the bytes, built once for all doors."""
    return case.build()


def expected(case: Case) -> set[str]:
    """Return the expected verdicts. A file without bytes is refused before it is inspected."""
    return {*case.codes} or {TAKEN} if content_of(case) else {Code.EMPTY_FILE}


async def by_socket(url: str, cases: Sequence[Case]) -> Verdicts:
    """Send over a WebSocket: announce, send in chunks, finish."""
    staff = await asyncio.to_thread(HttpClient, url)
    draft = await asyncio.to_thread(staff.new_draft)
    verdicts, sent = Verdicts(), dict[str, str]()
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        for case in cases:
            content = content_of(case)
            transfer = await tab.announce(content, name_of(case), content_type=case.claim)
            if transfer["type"] == "error":
                verdicts[case.id] = transfer["code"]
                continue
            await tab.send_bytes(transfer, content)
            await tab.finish(transfer["file"], content)
            sent[transfer["file"]] = case.id
        await tab.until(lambda: len(ends := ended(tab.snapshot)) == len(sent) and ends, SECONDS)
    return verdicts | {sent[file]: verdict for file, verdict in ended(tab.snapshot).items()}


async def by_request(url: str, cases: Sequence[Case]) -> Verdicts:
    """Send in limited mode: the same messages, one request each."""
    return await asyncio.to_thread(_by_request, url, cases)


def _by_request(url: str, cases: Sequence[Case]) -> Verdicts:
    staff = HttpClient(url, "sam")
    tab = PollingClient(OverNetwork(staff), UUID(staff.new_draft()))
    verdicts, sent = Verdicts(), dict[str, str]()
    for case in cases:
        content = content_of(case)
        transfer = tab.announce(content, name_of(case), content_type=case.claim)
        if transfer["type"] == "error":
            verdicts[case.id] = transfer["code"]
            continue
        for offset in range(0, len(content), PART_BYTES):
            tab.send(transfer, offset, content[offset : offset + PART_BYTES])
        tab.finish(transfer, content)
        sent[transfer["file"]] = case.id
    # Each poll reads the whole draft.
    ends = wait_for(lambda: len(ends := ended(tab.snapshot())) == len(sent) and ends, SECONDS, pause=0.5)
    return verdicts | {sent[file]: verdict for file, verdict in ends.items()}


async def by_form(url: str, cases: Sequence[Case]) -> Verdicts:
    """Submit the form of a page without JavaScript, with several images but no title, so that nothing is saved."""
    return await asyncio.to_thread(_by_form, url, cases)


def _by_form(url: str, cases: Sequence[Case]) -> Verdicts:
    staff = HttpClient(url)
    address = f"/marketing/product_create/?draft={staff.new_draft()}"
    verdicts = dict.fromkeys((case.id for case in cases), TAKEN)
    for at in range(0, len(cases), AT_ONCE):
        files = [(name_of(case), content_of(case), case.claim) for case in cases[at : at + AT_ONCE]]
        answer = staff.post(address, {}, *files, field="images")
        assert answer.status == 422, answer.status
        refused = re.findall(r"<li><bdi>(.*?)\.\w+</bdi>: (.*?)</li>", answer.text)
        verdicts |= {html.unescape(name): code_said(html.unescape(sentence)) for name, sentence in refused}
    return verdicts


DOORS: dict[str, Door] = {"socket": by_socket, "request": by_request, "form": by_form}


def ended(snapshot: dict[str, Any]) -> Verdicts:
    """Return the verdict of each file of a draft that has one, by file id."""
    states = {file["file"]: file for file in snapshot["files"] if file["state"] in ("stored", "rejected")}
    return {id_: file["error"]["code"] if file["error"] else TAKEN for id_, file in states.items()}


CODES = {
    **{entry.message: code for code, entry in CATALOGUE.items()},
    **{
        checker._refusal(Code.UNSUPPORTED_TYPE, one).message: Code.UNSUPPORTED_TYPE
        for one in ("image/png", "image/heic")
    },
}
IS_EMPTY = "is empty. Choose another file."


def code_said(sentence: str) -> str:
    """Return the code of this sentence, or the sentence itself if it belongs to none."""
    return Code.EMPTY_FILE if sentence.endswith(IS_EMPTY) else CODES.get(sentence, sentence)

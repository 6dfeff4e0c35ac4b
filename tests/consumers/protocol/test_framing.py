"""Binary frames: what is parsed and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.protocol.framing import CHUNK_HEADER, parse_chunk
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits

LIMITS = Limits(chunk_bytes=1024, window_chunks=4)


@given(handle=st.integers(0, 2**32 - 1), offset=st.integers(0, 2**64 - 1), payload=st.binary(min_size=1, max_size=1024))
def test_a_chunk_comes_apart_as_it_was_put_together(handle: int, offset: int, payload: bytes):
    chunk = parse_chunk(CHUNK_HEADER.pack(handle, offset) + payload, LIMITS)

    assert (chunk.handle, chunk.offset, bytes(chunk.payload)) == (handle, offset, payload)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 12 + 1025])
def test_a_chunk_without_payload_or_with_too_much_is_refused(length: int):
    with pytest.raises(Refusal) as refused:
        parse_chunk(b"\0" * length, LIMITS)

    assert refused.value.code is Code.BAD_MESSAGE

"""What a hold keeps back, and in which order everything arrives after its release."""

from __future__ import annotations

import pytest

from tests.support.servers.upload_hold import HttpLine, UploadHold, WebSocketLine, frame_size

TEXT, BINARY, CONTINUATION, PING = 1, 2, 0, 9


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    size = len(payload)
    code, extended = (size, 0) if size < 126 else (126, 2) if size <= 0xFFFF else (127, 8)
    length = size.to_bytes(extended, "big") if extended else b""
    return bytes([opcode | (0x80 if last else 0), code | 0x80]) + length + b"mask" + payload


@pytest.fixture
def hold() -> UploadHold:
    return UploadHold()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_known_by_its_head(size: int):
    whole = frame(BINARY, bytes(size))

    assert frame_size(whole) == len(whole)
    assert frame_size(whole[:1]) is None


def test_commands_overtake_the_chunks_that_wait(hold: UploadHold):
    line = WebSocketLine(hold)
    hold.begin(0)

    assert line.feed(frame(BINARY, b"bytes") + frame(TEXT, b"remove") + frame(PING, b"")) == (
        frame(TEXT, b"remove") + frame(PING, b"")
    )
    hold.end()
    assert line.release() == frame(BINARY, b"bytes")
    assert line.feed(frame(BINARY, b"more")) == frame(BINARY, b"more")


def test_frames_are_cut_however_they_arrive(hold: UploadHold):
    line = WebSocketLine(hold)
    hold.begin(0)
    sent = frame(BINARY, bytes(300)) + frame(TEXT, b"remove")

    assert b"".join(line.feed(sent[at : at + 1]) for at in range(len(sent))) == frame(TEXT, b"remove")


def test_so_many_bytes_pass_first_in_whole_chunks(hold: UploadHold):
    line = WebSocketLine(hold)
    hold.begin(150)
    chunks = [frame(BINARY, bytes([n]) * 100) for n in range(3)]

    assert line.feed(b"".join(chunks)) == chunks[0] + chunks[1]
    assert line.release() == chunks[2]


def test_a_chunk_in_several_frames_waits_or_passes_whole(hold: UploadHold):
    line = WebSocketLine(hold)
    chunk = [frame(BINARY, b"a" * 9, last=False), frame(CONTINUATION, b"b" * 9)]
    hold.begin(1)

    assert line.feed(b"".join(chunk)) == b"".join(chunk)
    assert line.feed(chunk[0][:7]) == b""
    hold.end()
    assert line.release() == chunk[0][:7]
    assert line.feed(chunk[0][7:] + chunk[1]) == chunk[0][7:] + chunk[1]


def test_what_need_not_wait_passes_as_it_comes(hold: UploadHold):
    line = WebSocketLine(hold)
    chunk = frame(BINARY, bytes(300))

    assert line.feed(chunk[:100]) == chunk[:100]
    hold.begin(0)
    assert line.feed(chunk[100:]) == chunk[100:]
    assert line.feed(chunk) == b""


def test_nothing_that_waited_comes_into_the_middle_of_a_message(hold: UploadHold):
    line = WebSocketLine(hold)
    hold.begin(0)
    command = [frame(TEXT, b"a", last=False), frame(PING, b"1"), frame(CONTINUATION, b"b")]

    assert line.feed(frame(BINARY, b"bytes") + command[0]) == command[0]
    assert line.release() == b""
    assert line.feed(command[1] + command[2]) == command[1] + command[2] + frame(BINARY, b"bytes")


def test_nothing_that_waited_comes_into_the_middle_of_a_ping(hold: UploadHold):
    line = WebSocketLine(hold)
    hold.begin(0)
    ping = frame(PING, b"12345")

    assert line.feed(frame(BINARY, b"by", last=False) + ping[:7]) == ping[:7]
    assert line.release() == b""
    assert line.feed(ping[7:]) == ping[7:] + frame(BINARY, b"by", last=False)


def request(content_type: str, body: bytes) -> bytes:
    return f"POST /x/ HTTP/1.1\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_over_http_only_uploads_wait(hold: UploadHold):
    hold.begin(1)
    upload, command = request("application/octet-stream", b"bytes"), request("application/json", b"{}")

    assert HttpLine(hold).feed(command) == command
    assert HttpLine(hold).feed(upload) == upload
    line = HttpLine(hold)
    assert line.feed(upload) + line.feed(b"more") == b""
    assert line.release() == upload + b"more"
    assert line.feed(command) == command

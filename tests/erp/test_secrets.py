"""No secret reaches a log, a page or a socket, whatever goes wrong; and nobody can inject lines into the log."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.support.images.pictures import picture
from tests.support.servers.multipart import UPLOAD
from tests.support.servers.server import PASSWORDS, Server, free_port, wait_for
from tests.support.wire.draft_client import DraftClient
from tests.support.wire.http_client import Answer, HttpClient

KEY = f"canary-key-{uuid4().hex}{uuid4().hex}"
CLOUD = f"canarycloud{uuid4().hex}"
FORGED = ("/nowhere/%0d%0aForged:%20line%1b[2J", "/nowhere/%E2%80%A8forged", "/nowhere/?next=%0aForged")


def errors_of(staff: HttpClient, draft: str) -> list[Answer]:
    """Every kind of error that a user can cause."""
    file = ("x.jpg", b"no image", "image/jpeg")
    return [
        *(staff.get(path) for path in FORGED),
        staff.get("/uploads/file/nonsense/"),
        staff.get(f"/uploads/file/{uuid4()}/"),
        staff.get("/media/product_files/1/..%2f..%2fsecret_key"),
        staff.get("/marketing/product_create/?draft=nonsense"),
        staff.get("/marketing/product/999999/"),
        staff.post("/marketing/product_create/", {"title": "\r\nForged: line"}),
        staff.post(UPLOAD, {"draft": draft, "file_type": "main_image"}, file),
        staff.post(UPLOAD, {"draft": str(uuid4()), "file_type": "main_image"}, file),
        staff.post("/marketing/api/cleanup_temp_files/", {"draft": "nonsense"}),
        staff.send("/accounts/login/", b"\0" * 100),
    ]


async def test_no_secret_is_told_and_no_line_forged(make_server: Callable[..., Server]):
    """The store does not respond, so its errors are logged as well."""
    dead = f"cloudinary://1234567890:{CLOUD}@shop?upload_prefix=http://127.0.0.1:{free_port()}"
    server = make_server(SECRET_KEY=KEY, CLOUDINARY_URL=dead, LOG_LEVEL="INFO")
    staff = HttpClient(server.url, afresh=True)
    draft = staff.new_draft()
    answers = errors_of(staff, draft)
    async with DraftClient(staff, draft) as tab:
        await tab.until(lambda: tab.snapshot)
        await tab.socket.send('{"type": "nonsense \\u001b[2J"}')
        transfer = await tab.announce(picture(), name="x\r\nForged: line\u2028\x1b[2J.jpg")
        await tab.send_bytes(transfer, picture())
        await tab.finish(transfer["file"], picture())
        wait_for(lambda: any("store" in line for line in server.lines), 20, "a failed put")
        frames = str(tab.received)
    refused = HttpClient(server.url, "nobody")
    page = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    page.request("GET", "/", headers={"Host": "evil.example\x1b[2J"})
    bodies = [page.getresponse().read().decode(), *(answer.text for answer in answers)]
    page.close()
    server.terminate()
    log = "\n".join(server.lines)
    session = staff.cookie("sessionid")

    secrets = [KEY, CLOUD, session, refused.cookie("csrftoken"), *PASSWORDS.values()]
    assert [secret for secret in secrets if secret in log or secret in frames] == []
    assert [secret for secret in (KEY, CLOUD, session) for body in bodies if secret in body] == []
    # Nothing about the machine either: no path, no query, no traceback.
    assert [
        word for word in (str(server.var), "Traceback", "SELECT ", 'File "') for body in bodies if word in body
    ] == []
    assert [line for line in server.lines if line.lstrip().startswith("Forged")] == []
    assert server.tracebacks() == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", log.replace("\n", ""))


@pytest.mark.parametrize("path", ["/marketing/", "/nowhere/", "/accounts/login/"])
def test_a_failing_database_tells_nothing(make_server: Callable[..., Server], path: str):
    server = make_server()
    staff = HttpClient(server.url)
    database = server.var / "erp.sqlite3"
    # Not its shared memory: a process that has it mapped would be killed (SIGBUS), not fail.
    for file in (database, database.with_name(f"{database.name}-wal")):
        file.write_bytes(b"no database" * 1000)

    answer = staff.get(path)

    assert not [word for word in (str(database), "Traceback", "sqlite", "SELECT") if word in answer.text]
    assert "not a database" not in answer.text

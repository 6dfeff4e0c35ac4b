"""A disk filled with images: everything except adding images goes on, and room becomes available again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.servers.server import ELSEWHERE, ROOT

MEGABYTES = 300
CHILD = """
import json, os, sys
from pathlib import Path
from uuid import UUID, uuid4

var = Path(os.environ["ERP_VAR"])
if sys.argv[1] == "pretended":
    # Where nothing may be mounted, the calls that ask for room answer as such a disk would.
    import shutil
    from types import SimpleNamespace
    ALL = int(sys.argv[2]) << 20
    def free():
        return ALL - sum(path.stat().st_size for path in var.rglob("*") if path.is_file())
    os.statvfs = os.fstatvfs = lambda _: SimpleNamespace(f_bavail=free(), f_frsize=1)
    shutil.disk_usage = lambda _: SimpleNamespace(total=ALL, used=ALL - free(), free=free())

import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from tests.support.images.pictures import picture
from tests.support.servers.server import PASSWORDS, Server
from tests.support.wire.draft_driver import PRODUCT, Driver, Host, run_jobs
from uploads import api, spool
from uploads.core.errors import Refusal
from uploads.core.room import RESERVE_BYTES
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.images.worker_pool import worker_pool
from uploads.models import Draft, File
from uploads.presence import sockets


def main():
    told = {}
    demo, sam = (User.objects.get(username=name) for name in ("demo", "sam"))
    driver = lambda user: Driver(user, api.open_draft(user, PRODUCT, fresh=True).id)
    saved, discarded, expired, late = driver(demo), driver(demo), driver(demo), driver(sam)
    file = saved.store(content=picture())
    held = late.add(size=1_000_000)
    for filling in (discarded, expired, late):
        told["refused"] = fill(filling)
    free = lambda: os.statvfs(var).f_bavail * os.statvfs(var).f_frsize
    told["left by images"] = free() >= RESERVE_BYTES
    # Another program takes all but the reserve: what was promised cannot be written, and is told.
    (var / "filler").write_bytes(bytes(max(0, free() - RESERVE_BYTES - 100_000)))
    try:
        late.send(held, bytes(1_000_000))
    except Refusal as refusal:
        told["written"] = refusal.code
    told["reserve"] = free() >= RESERVE_BYTES

    browser = Client(SERVER_NAME="localhost")
    account = {"username": "demo", "password": PASSWORDS["demo"]}
    told["signed in"] = browser.post("/accounts/login/", account).status_code
    told["page"] = browser.get("/marketing/").status_code
    saved.commit(Host())
    lifecycle.discard(discarded.id, demo)
    Draft.objects.filter(pk=expired.id).update(deadline_ms=0)
    sweeper.sweep()
    run_jobs()
    told["files"] = File.objects.get(pk=file).state
    told["drafts"] = [one.state for one in (saved, discarded, expired)]
    worker_pool().stop()

    if sys.argv[1] == "mounted":
        server = Server(var).start()
        told["restarted"] = server.terminate()
    (var / "filler").unlink()
    tab = late.connect(sockets.start_process())
    late.send(operations.resume(late.id, sam, held.file, 1_000_000, tab), bytes(1_000_000))
    told["resumed"] = spool.latest(held.file).stat().st_size
    late.add(size=5_000_000)
    print(json.dumps(told))


def fill(driver):
    for _ in range(200):
        try:
            lease = driver.add(size=5_000_000)
        except Refusal as refusal:
            return refusal.code
        driver.send(lease, bytes(lease.size))


if __name__ == "__main__":
    main()
"""


def test_with_a_full_disk_everything_but_adding_images_goes_on(prepared_var: Path, tmp_path: Path):
    """A disk of 300 MB, where one may be mounted, with database, spool and store on it."""
    var, script = tmp_path / "small", tmp_path / "child.py"
    var.mkdir()
    script.write_text(CHILD)
    mount = f"mount -t tmpfs -o size={MEGABYTES}m none {var}"
    may_try = shutil.which("unshare") is not None
    is_disk = may_try and subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode == 0
    copy = f'cp -a {prepared_var}/. {var} && exec "$@"'
    shell = ["unshare", "-rm", "sh", "-c", f"{mount} && {copy}"] if is_disk else ["sh", "-c", copy]
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment |= {"DJANGO_SETTINGS_MODULE": "erp.settings", "ERP_VAR": str(var), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [*shell, "sh", sys.executable, str(script), "mounted" if is_disk else "pretended", str(MEGABYTES)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("restarted", 0) == 0
    assert told == {
        "refused": "storage_full",
        "left by images": True,
        "written": "storage_full",
        "reserve": True,
        "signed in": 302,
        "page": 200,
        "files": "permanent",
        "drafts": ["committed", "expired", "expired"],
        "resumed": 1_000_000,
    }

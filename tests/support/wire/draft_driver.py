"""A staff member with one draft: the commands of the protocol as function calls."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User

from tests.support.images.pictures import picture
from tests.support.time.service_clock import FakeClock
from uploads import spool
from uploads.core.ordering import LAST, Last
from uploads.core.service_time import Cause
from uploads.core.states import FileState
from uploads.drafts import form_state, lists
from uploads.drafts.commit import committing
from uploads.drafts.merge import Linked, Plan, PlannedFile
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.files.operations import UploadRequest, WriteLease
from uploads.grace.policy import grace_settings
from uploads.jobs import queue, runner
from uploads.models import Draft, File
from uploads.permissions import Target
from uploads.presence import sockets
from uploads.stores.registry import current_store

PRODUCT = Target("product")


class Driver:
    """The work of `user` on one draft."""

    def __init__(self, user: User, draft_id: UUID) -> None:
        self.user, self.id = user, draft_id
        self._ops = 0

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(pk=self.id)

    @property
    def state(self) -> str:
        return self.draft.state

    def file(self, file_id: UUID) -> File:
        return File.objects.get(pk=file_id)

    def file_state(self, file_id: UUID) -> str:
        return self.file(file_id).state

    def names(self, variant: str = "") -> list[str]:
        """Return the names of one list, in order."""
        key = ("variant_image" if variant else "main_image", variant)
        order = lists.read(self.draft).get(key, [])
        return [self.file(file_id).name for file_id in order]

    def op(self) -> str:
        self._ops += 1
        return f"op{self._ops}"

    def connect(self, process_id: UUID) -> UUID:
        return sockets.connect(self.id, self.user, process_id)

    def abandon(self) -> None:
        """Open a tab and close it."""
        sockets.disconnect(self.connect(sockets.start_process()), Cause.CLEAN)

    def expire(self, clock: FakeClock) -> None:
        """Open a tab, close it, and let the grace expire."""
        self.abandon()
        clock.advance(grace_settings().seconds + 1)
        sweeper.sweep()

    def add(
        self,
        name: str = "mug.jpg",
        content: bytes | None = None,
        *,
        variant: str | None = None,
        after: UUID | Last | None = LAST,
        **request: Any,
    ) -> WriteLease:
        content = picture() if content is None else content
        facts: dict[str, Any] = {"id": uuid4(), "size": len(content), "content_type": "image/jpeg", **request}
        file_type = "variant_image" if variant else "main_image"
        announced = UploadRequest(name=name, file_type=file_type, variant_temp_id=variant, after=after, **facts)
        return operations.add(self.id, self.user, announced, None)

    def send(self, lease: WriteLease, content: bytes) -> None:
        """Spool all bytes, as a socket would."""
        assert lease.epoch is not None
        writer = spool.Writer(lease.file, lease.epoch, lease.size)
        writer.write(writer.offset, memoryview(content)[writer.offset :])
        writer.close()

    def finish(self, lease: WriteLease, content: bytes) -> int:
        assert lease.epoch is not None
        return operations.finish(self.id, self.user, lease.file, lease.epoch, hashlib.sha256(content).hexdigest())

    def upload(self, name: str = "mug.jpg", content: bytes | None = None, **request: Any) -> UUID:
        """Add, send and finish a file; its put job waits for a runner."""
        content = picture() if content is None else content
        lease = self.add(name, content, **request)
        self.send(lease, content)
        self.finish(lease, content)
        return lease.file

    def store(self, name: str = "mug.jpg", content: bytes | None = None, **request: Any) -> UUID:
        """Take a file all the way into the store."""
        file_id = self.upload(name, content, **request)
        run_jobs()
        assert self.file_state(file_id) == FileState.STORED
        return file_id

    def shelve(self, name: str = "mug.jpg") -> UUID:
        """Create a stored file, without the work of checking it."""
        file = self.file(self.add(name, b"bytes").file)
        current_store().put(file.store_key, BytesIO(b"bytes"), file.content_type)
        File.objects.filter(pk=file.pk).update(state=FileState.STORED)
        return file.pk

    def variants(self, *temp_ids: str) -> int:
        rows = [(temp_id, temp_id.title()) for temp_id in temp_ids]
        return form_state.set_variants(self.id, self.user, self.op(), self.draft.revision, rows)

    def move(self, file_ids: UUID | Sequence[UUID], after: UUID | None, variant: str | None = None) -> int:
        """Move one or several files together."""
        moved = [file_ids] if isinstance(file_ids, UUID) else file_ids
        to = ("variant_image" if variant else "main_image", variant)
        return operations.reorder(self.id, self.user, self.op(), moved, to, after)

    def remove(self, file_id: UUID) -> int:
        return operations.remove(self.id, self.user, file_id)

    def restore(self, file_id: UUID) -> int:
        return operations.restore(self.id, self.user, file_id)

    def purge(self, file_id: UUID) -> int:
        return operations.purge(self.id, self.user, file_id)

    def commit(self, host: Host | None = None, current: Sequence[PlannedFile] = (), **options: Any) -> Linked:
        with committing(self.id, self.user) as saving:
            return saving.apply(current, (host or Host()).link, **options)


def run_jobs() -> int:
    """Run every store job that is due; return how many runs that took."""
    runs = 0
    with sockets.temporary_worker() as process:
        while (job := queue.acquire(process.pk)) is not None:
            runner.run(job)
            runs += 1
    return runs


class Host:
    """A host that records the plans it linked."""

    def __init__(self, target_id: str = "7") -> None:
        self.target_id = target_id
        self.plans: list[Plan] = []

    def link(self, plan: Plan) -> Linked:
        self.plans.append(plan)
        return Linked(target_id=self.target_id, url=f"/products/{self.target_id}/")

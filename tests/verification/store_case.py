"""One draft on a store that fails for a while: what a user and the servers do meanwhile, and what must stay true."""

from __future__ import annotations

import random
from uuid import UUID

from tests.support.images.pictures import picture
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.grace.policy import grace_settings
from uploads.models import File
from uploads.presence import sockets

FILES = 2
SHOWN = [FileState.STORED, FileState.REMOVED, FileState.LINKED, FileState.PERMANENT]
UNDECIDED = [FileState.CHECKING, FileState.STORING]


def content_of(file: File) -> bytes:
    """Return the bytes that were uploaded as `file`; each file has its own."""
    return picture(seed=int(file.name.partition(".")[0]))


class StoreCase:
    """One draft, one fault of one verb, and a seed that decides how often it strikes, the pauses and the draft's end.

    Each kind of store defines how it is inspected (`holds`).
    """

    def __init__(self, driver: Driver, clock: FakeClock, verb: str, seed: int, most: int = 4) -> None:
        self.driver, self.clock, self.verb = driver, clock, verb
        self.luck = random.Random(seed)  # noqa: S311 - a repeatable choice
        random.seed(seed)
        self.times = self.luck.randint(1, most)
        self.process = sockets.start_process()

    def holds(self, file: File) -> bool:
        """Whether the store has the object it reported for `file`, with the right bytes."""
        raise NotImplementedError

    def pass_time(self, seconds: float, step: float = 60) -> None:
        """Run heartbeats: time passes, drafts are swept, jobs run; nothing may be shown without its bytes."""
        for _ in range(int(seconds / step)):
            self.clock.skip(step)
            self.beat()
            sweeper.sweep()
            run_jobs()
            self.assert_nothing_is_shown_that_is_not_there()

    def beat(self) -> None:
        sockets.renew_lease(self.process)

    def assert_nothing_is_shown_that_is_not_there(self) -> None:
        shown = File.objects.filter(draft=self.driver.id, state__in=SHOWN)
        assert [file.name for file in shown if not self.holds(file)] == []

    def upload_all(self) -> list[UUID]:
        made = [self.driver.upload(f"{number}.jpg", picture(seed=number)) for number in range(1, FILES + 1)]
        run_jobs()
        self.assert_nothing_is_shown_that_is_not_there()
        return made

    def connect(self) -> UUID:
        """Reconnect the browser's tab, on a process that is alive."""
        if not sockets.renew_lease(self.process):
            self.process = sockets.start_process()
        return self.driver.connect(self.process)

    def is_undecided(self) -> bool:
        """Whether a file is still being stored."""
        return self.driver.draft.files.filter(state__in=UNDECIDED).exists()

    def retry_rejected(self) -> None:
        """Retry as the user would: the bytes are still in the spool."""
        socket = self.connect()
        for file in self.driver.draft.files.filter(state=FileState.REJECTED):
            assert operations.retry(self.driver.id, self.driver.user, file.pk, socket).epoch is None
        run_jobs()

    def expire(self) -> None:
        """End the draft by a discard, or because nobody returned."""
        if self.luck.random() < 0.5:
            self.discard()
            return
        self.driver.abandon()
        self.clock.skip(grace_settings().seconds + 1)
        sweeper.sweep()

    def discard(self) -> None:
        lifecycle.discard(self.driver.id, self.driver.user)

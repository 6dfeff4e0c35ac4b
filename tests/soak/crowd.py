"""A crowd of clients on a stage: they go through draft after draft until they are stopped."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial

from tests.soak.client import Client
from tests.soak.history import End, History
from tests.soak.stage import STAFF, Stage
from tests.soak.watch import Watch
from tests.support.wire.http_client import HttpClient

ENDS = [End.COMMIT, End.COMMIT, End.COMMIT, End.LEAVE, End.LEAVE, End.LEAVE, End.VANISH, End.DISCARD]
MOST_FILES = 4


class Crowd:
    """`busy` clients go through draft after draft; `staying` ones keep theirs open to the end."""

    def __init__(self, stage: Stage, watch: Watch, chance: random.Random) -> None:
        self._stage, self._watch, self._chance = stage, watch, chance
        self.journal = stage.journal
        self.journal.read_s = lambda: watch.s_ms
        self._staff: list[HttpClient] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._staying: list[Client] = []
        self.clients: list[Client] = []

    @property
    def histories(self) -> list[History]:
        return [client.history for client in self.clients]

    @property
    def left(self) -> set[str]:
        """The drafts that are not kept open."""
        staying = {client.history.draft for client in self._staying}
        return {history.draft for history in self.histories} - staying

    async def sign_in(self) -> None:
        """Sign in all staff, a few at a time."""
        url = self._stage.servers[0].url
        self._staff = await asyncio.gather(*(asyncio.to_thread(HttpClient, url, f"staff{n}") for n in range(STAFF)))

    def start(self, busy: int, staying: int) -> None:
        """Start the clients."""
        self._stopping = False
        self._tasks += [asyncio.create_task(self._be_busy()) for _ in range(busy)]
        self._staying = [self.client() for _ in range(staying)]
        self._tasks += [asyncio.create_task(client.live(MOST_FILES, End.STAY)) for client in self._staying]

    def client(self, urls: Callable[[], Sequence[str]] | None = None) -> Client:
        """Return one more client, whose history counts."""
        chance = random.Random(self._chance.random())  # noqa: S311 - reproducible, no secret
        staff = chance.choice(self._staff)
        name = f"client {len(self.clients) + 1} of {staff.name}"
        client = Client(urls or self._urls, staff, self._watch, chance, partial(self.journal.note, name))
        client.history.client = name
        self.clients.append(client)
        return client

    def _urls(self) -> list[str]:
        return [server.url for server in self._stage.servers]

    async def _be_busy(self) -> None:
        while not self._stopping:
            await self.client().live(self._chance.randint(1, MOST_FILES), self._chance.choice(ENDS))

    async def finish(self) -> None:
        """Start no new drafts, and wait until the busy clients have ended theirs."""
        self._stopping = True
        busy = self._tasks[: len(self._tasks) - len(self._staying)]
        # Failures are in the histories.
        await asyncio.gather(*busy, return_exceptions=True)

    async def dismiss(self) -> None:
        """Let the staying clients leave too."""
        for client in self._staying:
            client.leave.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

"""Inject faults for a long time, and check what clients heard against the final state.

    python3 -m tests soak [--only NAME[,NAME]] [--minutes M] [--clients C] [--seed SEED] [--times N]
                          [--beside REVISION]

Prints a line as each kind of fault ends, any violations, and one table. The names: kills, pauses, deploys, redis,
postgresql, outages, long-outage, network, closes, chaos; the faults of processes also with the prefix `silent-`, on a
channel layer that drops everything; model, simulation, histories, store-faults, races: what the suite runs in part,
with all rounds; mutants: the planted errors; devtools: the tests of devtools/.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

from tests.soak import faults
from tests.soak.beside import checkout
from tests.soak.chaos import chaos_phase
from tests.soak.checker import Findings
from tests.soak.closes import clean_closes
from tests.soak.counts import count
from tests.soak.network import NETWORK_FAULTS, network_phase
from tests.soak.phase import Row, phase
from tests.soak.stage import Builder, Stage
from tests.soak.table import line, table

GRACE, GRACE_LOST = 2, 6
PROCESSES = 3
Run = Callable[[Stage, int], Awaitable[Row]]


def under(title: str, fault: faults.Fault, count: int) -> Run:
    """A kind of fault, injected while a crowd works."""

    async def run(stage: Stage, seed: int) -> Row:
        return await phase(stage, title, fault, count, seed=seed)

    return run


PROCESS_FAULTS: dict[str, Run] = {
    "kills": under("SIGKILL at the named points", faults.kills, 52),
    "pauses": under("SIGSTOP for L + 1 s, twice for N + B + 5 s", faults.pauses, 20),
    "deploys": under("rolling SIGTERM", faults.rolling_restarts, 10),
    "redis": under("Redis killed and restarted", faults.redis_restarts, 10),
    "postgresql": under("PostgreSQL `immediate` restart", faults.postgresql_restarts, 10),
    "outages": under("all servers down for 3N", faults.outages(3), 5),
}
LONG_OUTAGE = under("all servers down for 100N, N = 1 s", faults.outages(100), 1)


def arguments() -> argparse.Namespace:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python3 -m tests soak", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="names of the kinds of faults, with commas")
    parser.add_argument("--minutes", type=float, default=10, help="of chaos (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=60, help="in the chaos (default: %(default)s)")
    parser.add_argument("--times", type=int, default=1, help="all of it so often; by night 5 (default: %(default)s)")
    parser.add_argument("--beside", default="", metavar="REVISION", help="of git, which every second server runs")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311 - printed, no secret
    return parser.parse_args()


class Soak:
    """One run of the chosen faults."""

    def __init__(self, chosen: argparse.Namespace, beside: Path | None) -> None:
        self._chosen, self._beside = chosen, beside
        self._only = set(filter(None, chosen.only.split(",")))
        self.rows: list[Row] = []

    def wants(self, name: str) -> bool:
        return not self._only or name in self._only

    async def run(self) -> None:
        """Run the process faults on both channel layers in parallel, as they mostly wait; then what is measured."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(512))
        await asyncio.gather(self._process_faults(silent=False), self._process_faults(silent=True), self._long_outage())
        await self._network()
        await self._closes()
        await self._chaos()

    def count(self) -> None:
        """Run the tests of the suite last, because they use both cores."""
        count(self.wants, self._tell, self._chosen.times)

    async def _process_faults(self, *, silent: bool) -> None:
        prefix = "silent-" if silent else ""
        # Without a channel layer there is no Redis to restart.
        wanted = {
            name: run
            for name, run in PROCESS_FAULTS.items()
            if self.wants(prefix + name) and not (silent and name == "redis")
        }
        if wanted:
            await self._on_a_stage(wanted, GRACE, GRACE_LOST, silent=silent)

    async def _long_outage(self) -> None:
        if self.wants("long-outage"):
            await self._on_a_stage({"long-outage": LONG_OUTAGE}, 1, 1)

    async def _network(self) -> None:
        runs = {name: partial(_network_run, name) for name in NETWORK_FAULTS}
        if self.wants("network"):
            await self._on_a_stage(runs, GRACE, GRACE_LOST)

    async def _closes(self) -> None:
        if self.wants("closes"):
            await self._on_a_stage({"closes": lambda stage, seed: clean_closes(stage, 200, seed)}, 2, 2)

    async def _chaos(self) -> None:
        seconds, clients = self._chosen.minutes * 60, self._chosen.clients
        if self.wants("chaos"):
            runs = {"chaos": lambda stage, seed: chaos_phase(stage, seconds, clients, seed)}
            await self._on_a_stage(runs, GRACE, GRACE_LOST)

    async def _on_a_stage(self, runs: Mapping[str, Run], grace: int, grace_lost: int, *, silent: bool = False) -> None:
        builder = await asyncio.to_thread(Builder, self._beside)
        try:
            await asyncio.to_thread(builder.open)
            stage = await asyncio.to_thread(builder.stage, PROCESSES, grace, grace_lost, silent=silent)
            for turn, (name, run) in product(range(self._chosen.times), runs.items()):
                try:
                    row = await run(stage, self._chosen.seed + turn)
                except Exception:  # noqa: BLE001 - a line of the table that does not hold
                    row = Row(name, 0, Findings(wrong=[traceback.format_exc()]), 0.0, "did not come to its end")
                if silent:
                    row.fault += ", channel layer drops everything"
                if self._beside:
                    row.fault += f", every second server from {self._chosen.beside}"
                self._tell(row)
        finally:
            await asyncio.to_thread(builder.close)

    def _tell(self, row: Row) -> None:
        self.rows.append(row)
        print(f"{line(row)} ({row.seconds:.0f} s)", *row.findings.all_wrong, *row.story, sep="\n  ", flush=True)


async def _network_run(name: str, stage: Stage, seed: int) -> Row:
    return await network_phase(stage, [name], 20, seed)


def main() -> int:
    """Run, print the table, and fail if anything was violated."""
    chosen = arguments()
    print(f"seed {chosen.seed}", flush=True)
    began = time.monotonic()
    with checkout(chosen.beside) as beside:
        soak = Soak(chosen, beside)
        asyncio.run(soak.run())
    soak.count()
    print("", table(soak.rows), "", f"{(time.monotonic() - began) / 60:.1f} minutes, seed {chosen.seed}", sep="\n")
    return 0 if soak.rows and all(row.holds for row in soak.rows) else 1


if __name__ == "__main__":
    sys.exit(main())

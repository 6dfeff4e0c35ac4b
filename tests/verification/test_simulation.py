"""Seeded histories on the real code, in which any step may be the last one of its process.

A failing seed prints itself, its history, and the command that replays it. One that showed a real defect is added to
`simulation_seeds.txt` and replayed in every run from then on.
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from tests.support.run.counts import Counted
from tests.verification.mutants import planted
from tests.verification.planted_errors import MUTANTS
from tests.verification.simulation import STEPS, Outcome, Simulation
from tests.verification.simulation_steps import stepping
from tests.verification.simulation_store import SimulatedStore
from tests.verification.simulation_world import Tab, World
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.grace import clock
from uploads.images import checker
from uploads.images.checker import ImageFacts
from uploads.stores import registry
from uploads.stores.registry import current_store

SEEDS, SEEDS_IN_FULL = 12, 1_000
"""By default twelve thousandths of the histories."""
FOUND_SOON = ["M2", "M9"]
REGRESSIONS = Path(__file__).with_name("simulation_seeds.txt")
Play = Callable[[int], Outcome]


@pytest.fixture
def play(transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Replays the history of a seed, each on empty tables."""
    settings.UPLOADS = {
        **settings.UPLOADS,
        "STORE": {"BACKEND": "tests.verification.simulation_store.SimulatedStore", "OPTIONS": {}},
    }
    monkeypatch.setattr(checker, "check", _looked_at)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    def play_one(seed: int) -> Outcome:
        _empty_tables()
        registry.forget()
        for path in spool.directory().iterdir():
            path.unlink()
        chance = random.Random(seed)  # noqa: S311 - ids, no secrets
        random.seed(seed)
        monkeypatch.setattr(os, "urandom", chance.randbytes)
        used = current_store()
        assert isinstance(used, SimulatedStore)
        world = World(User.objects.create(username="ada"), used)
        world.tabs = [Tab(world, "tab 1"), Tab(world, "tab 2")]
        monkeypatch.setattr(clock, "database_now_ms", lambda: world.now_ms)
        with stepping():
            return Simulation(world, seed).run()

    return play_one


def _looked_at(path: Path, content_type: str | None, max_pixels: int, clean: Path) -> ImageFacts:
    """Decoding has its own tests; here a name in the bytes says what it would have found."""
    if not path.read_bytes().startswith(b"good"):
        raise Refusal(Code.IMAGE_UNREADABLE)
    clean.write_bytes(path.read_bytes())
    return ImageFacts("image/jpeg", 1, 1)


def _empty_tables() -> None:
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith(TABLES)]
        with connection.constraint_checks_disabled():
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables


TABLES = ("draft_uploads_", "marketing_", "auth_user")


def summary(outcomes: Mapping[int, Outcome]) -> str:
    """What was covered."""
    ends = Counter(outcome.end for outcome in outcomes.values())
    worst = max((outcome.delay_ms for outcome in outcomes.values()), default=0)
    steps = sum(len(outcome.history) - 1 for outcome in outcomes.values())
    return f"{len(outcomes)} seeds, {steps} steps, ends {dict(ends)}, worst deletion delay {worst} ms"


def broken(outcomes: Mapping[int, Outcome]) -> str:
    """Return the seeds that broke a promise, with the history of the first; empty if none did."""
    told = [f"seed {seed}: {outcome.broken}" for seed, outcome in outcomes.items() if outcome.broken]
    first = next((seed for seed, outcome in outcomes.items() if outcome.broken), None)
    if first is None:
        return ""
    again = f"replay: SIMULATION_SEED={first} python3 -m tests tests/verification/test_simulation.py -k replayed"
    return "\n".join(["", *outcomes[first].history, *told, again])


def test_no_history_breaks_a_promise(play: Play, counted: Counted, report: Callable[[object], None]):
    outcomes = {seed: play(seed) for seed in range(1, 1 + counted(SEEDS, SEEDS_IN_FULL))}

    report(summary(outcomes))
    assert not broken(outcomes), broken(outcomes)


@pytest.mark.timeout(300)
def test_seeds_that_once_failed_are_replayed(play: Play):
    lines = REGRESSIONS.read_text().splitlines()
    asked = [os.environ["SIMULATION_SEED"]] if "SIMULATION_SEED" in os.environ else []
    outcomes = {seed: play(seed) for seed in [int(line.split()[0]) for line in lines + asked if line[:1].isdigit()]}

    assert outcomes
    assert not broken(outcomes), broken(outcomes)


def test_the_same_seed_gives_the_same_history(play: Play):
    first, second = play(7), play(7)

    assert first == second
    assert len(first.history) > STEPS


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FOUND_SOON)
def test_the_simulation_finds_a_planted_error(play: Play, name: str):
    """Finding nothing in the real code only means something if the search can find errors."""
    error = next(mutant for mutant in MUTANTS if mutant.id == name)
    with planted(error):
        found = next((outcome for seed in range(1, 60) if (outcome := play(seed)).broken), None)

    assert found is not None
    print(f"\n{name}, {error.error}: {found.broken}")

"""Visit every state of the model of grace, and recover from each."""

from __future__ import annotations

from typing import NamedTuple

from tests.verification.grace_model import Model, Step, Violation
from tests.verification.grace_state import Rules, State, start

MUTANTS = {
    "M1 the clock runs while all servers are down": 2,
    "M2 a reconnect only inserts its row": 0,
    "M3 a woken process renews its lapsed lease": 1,
    "M4 expiry reads, then writes without a guard": 0,
    "M5 the object comes before its row": 0,
    "M6 bytes go before the draft is claimed": 0,
    "M7 only a stored row keeps its object from a late cleanup": 1,
    "M8 nothing answers a late PUT": 1,
    "M9 no process lease": 1,
    "M10 a promotion that lost its answer has failed": 1,
    "M11 commit from EXPIRING": 0,
}
"""The planted errors, and how many faults it takes to expose them."""
HELP = ("wake", "start")
PROGRESS = ("late", "applied", "written", "claim")
TIME = ("tick",)
GOODBYE = ("a tab goes", "disconnect", "settle", "overdue", "expire")


class Found(NamedTuple):
    """The result of a search: how many states, how deep, and the first broken promise with its history."""

    states: int
    depth: int
    """The number of steps within which every reachable state was visited."""
    broken: str = ""
    history: tuple[str, ...] = ()
    whole: bool = True
    """Whether there are no other states; if not, the search reached its limit first."""


def search(rules: Rules, at_most: int = 1_000_000) -> Found:
    """Search the reachable states breadth first; stop at the first broken promise, or at `at_most` states.

    Only the hashes of states are kept: with a million states, the odds that two collide are 1 to 30 million.
    """
    model, recovery = Model(rules), Recovery(rules)
    first = start(rules)
    came_from: dict[int, tuple[int, str]] = {hash(first): (0, "")}
    frontier, depth = [first], 0
    while frontier:
        if len(came_from) > at_most:
            return Found(len(came_from), depth - 1, whole=False)
        following: list[State] = []
        for state in frontier:
            try:
                model.check(state)
                recovery.check(state)
                for name, after in model.steps(state):
                    if hash(after) not in came_from:
                        came_from[hash(after)] = (hash(state), name)
                        following.append(after)
            except Violation as violation:
                return Found(len(came_from), depth, str(violation), _history(came_from, state))
        frontier, depth = following, depth + 1
    return Found(len(came_from), depth)


def _history(came_from: dict[int, tuple[int, str]], state: State) -> tuple[str, ...]:
    names: list[str] = []
    at, name = came_from[hash(state)]
    while name:
        names.insert(0, name)
        at, name = came_from[at]
    return tuple(names)


class Recovery:
    """Let the users leave without further failures: from every state the draft and the store must end clean."""

    def __init__(self, rules: Rules) -> None:
        self._model = Model(rules)
        self._clean: set[int] = set()

    def check(self, state: State) -> None:
        """Run on from `state` to its end. Raises `Violation`."""
        way: list[int] = []
        seen: set[int] = set()
        while hash(state) not in self._clean:
            if hash(state) in seen:
                raise Violation("R2: a recovery run goes round in circles")
            way.append(hash(state))
            seen.add(hash(state))
            after = self._next(state)
            if after is None:
                self._ended_clean(state)
                break
            state = after[1]
        self._clean.update(way)

    def _next(self, state: State) -> Step | None:
        """Return the step a fair run takes; None at its end. Time passes only when nothing else can be done.

        The exception: a process that wakes after its lease renews it before long. Until then two of them could take the
        same job from each other forever.
        """
        if self._at_rest(state):
            return None
        steps = list(self._model.steps(state._replace(faults=0)))
        woken = any(state.slots[i].lease < 0 for i in self._model.up(state))
        for names in (HELP, TIME, PROGRESS, GOODBYE) if woken else (HELP, PROGRESS, GOODBYE, TIME):
            for step in steps:
                if any(name in step[0] for name in names):
                    return step
        return None

    @staticmethod
    def _at_rest(state: State) -> bool:
        busy = any(state.jobs) or any(state.late) or any(slot.call for slot in state.slots)
        return state.draft in "CE" and not busy

    @staticmethod
    def _ended_clean(state: State) -> None:
        if state.draft not in "CE":
            raise Violation("R2: an abandoned draft never ends")
        for file, held in zip(state.files, state.objects, strict=True):
            if held != ("p" if file == "P" else ""):
                raise Violation("R2: rows and objects do not agree in the end")
            if file not in "-PX":
                raise Violation("R2: a file never arrives")

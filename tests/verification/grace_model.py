"""The design of grace as a small state machine whose reachable states can all be visited.

One draft with one or two files, tabs, server processes with leases, a sweeper, and the jobs that put, promote and
destroy objects in a store which separates the effect from the response. Time is counted in ticks of service time.
Servers may be killed or paused for any length of time, a PUT may land long after its caller died, a response may get
lost, and all servers may be gone at once. `Rules.mutant` breaks one rule of the design.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.verification.grace_state import NOBODY, Rules, State, canonical

Step = tuple[str, State]


class Violation(Exception):
    """A promise is broken."""


def _put(items: tuple[Any, ...], at: int, item: Any) -> tuple[Any, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _without(items: tuple[int, ...], item: int) -> tuple[int, ...]:
    at = items.index(item)
    return (*items[:at], *items[at + 1 :])


class Model:
    """The possible steps, and what must be true."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def _is(self, mutant: str) -> bool:
        return self.rules.mutant == mutant

    # --- State

    def live(self, state: State, slot: int) -> bool:
        """Whether the rows of a slot count, because its lease holds."""
        if self._is("M9 no process lease"):
            return slot != NOBODY
        return slot != NOBODY and state.slots[slot].lease >= 0

    def usable(self, state: State) -> bool:
        """Whether some tab can really work: its server runs and has not been declared dead."""
        return any(s != NOBODY and state.slots[s].status == "up" and state.slots[s].lease >= 0 for s in state.tabs)

    @staticmethod
    def up(state: State) -> list[int]:
        return [i for i, slot in enumerate(state.slots) if slot.status == "up"]

    def check(self, state: State) -> None:
        """Check what holds in every state. Raises `Violation`."""
        alive = state.draft in "GO"
        if state.draft == "G" and any(self.live(state, row) for row in state.rows):
            raise Violation("R9: in grace beside a live socket")
        for file, held in zip(state.files, state.objects, strict=True):
            if file in "LP" and (not held or (file == "P" and "p" not in held)):
                raise Violation("R1: a committed file has lost its bytes")
            if file == "S" and "t" not in held:
                raise Violation("R3: a stored file has lost its bytes")
            if (file in "RS" and not alive) or (file in "LP" and state.draft != "C"):
                raise Violation("R5: a file went another way than its draft")

    # --- Steps

    def steps(self, state: State) -> Iterator[Step]:
        """Yield every step from `state`; steps that break a promise by themselves raise `Violation`."""
        for name, after in self._raw_steps(state):
            idle = 0 if after.draft not in "GO" or self.usable(after) else after.idle
            yield name, canonical(after._replace(idle=idle))

    def _raw_steps(self, state: State) -> Iterator[Step]:
        yield from self._faults(state)
        yield from self._tabs(state)
        if self.up(state):
            yield from self._users(state)
            yield from self._sweeper(state)
        elif self._is("M1 the clock runs while all servers are down"):
            yield "tick", state._replace(left=max(state.left - 1, 0))
        for slot in self.up(state):
            yield from self._runner(state, slot)
        for f, late in enumerate(state.late):
            if late:
                landed = state._replace(late=_put(state.late, f, False))
                yield "a late PUT lands", self._store(landed, f, add="t")

    def _faults(self, state: State) -> Iterator[Step]:
        for i, slot in enumerate(state.slots):
            if slot.status == "paused":
                yield "wake", self._slot(state, i, status="up")
            if slot.status == "new" and len(self.up(state)) < 2:
                yield "start", self._slot(state, i, status="up", lease=self.rules.lease)
            if not state.faults or slot.status not in ("up", "paused"):
                continue
            hit = state._replace(faults=state.faults - 1)
            yield "kill", self._kill(hit, i)
            if slot.status == "up":
                yield "stop", self._slot(hit, i, status="paused")
                if slot.call and slot.call[2]:
                    yield "an answer is lost", self._free(self._slot(hit, i, call=None), slot.call, i)

    def _kill(self, state: State, i: int) -> State:
        call = state.slots[i].call
        tabs = tuple(NOBODY if tab == i else tab for tab in state.tabs)
        state = self._slot(state, i, status="down", call=None)._replace(tabs=tabs)
        if call and call[1] == "put" and not call[2]:
            state = state._replace(late=_put(state.late, call[0], True))
        return state

    def _tabs(self, state: State) -> Iterator[Step]:
        alive = state.draft in "GO"
        for at, tab in enumerate(state.tabs):
            if tab != NOBODY:
                yield "a tab goes", state._replace(tabs=_put(state.tabs, at, NOBODY))
            elif alive and len(state.rows) <= self.rules.tabs:
                for i in self.up(state):
                    if state.slots[i].lease >= 0:
                        yield "connect", self._connect(state, at, i)
        for i in self.up(state):
            if alive and Counter(state.rows)[i] > Counter(state.tabs)[i]:
                yield "disconnect", self._alone(state._replace(rows=_without(state.rows, i)))

    def _connect(self, state: State, at: int, i: int) -> State:
        joined = state._replace(tabs=_put(state.tabs, at, i), rows=(*state.rows, i))
        if self._is("M2 a reconnect only inserts its row"):
            return joined
        return joined._replace(draft="O", left=0)

    def _alone(self, state: State) -> State:
        """Begin grace after the last live socket is gone; rows of dead processes are closed with it."""
        if state.draft != "O" or any(self.live(state, row) for row in state.rows):
            return state
        return state._replace(draft="G", left=self.rules.grace, rows=())

    def _users(self, state: State) -> Iterator[Step]:
        alive, present = state.draft in "GO", self.usable(state)
        for f, file in enumerate(state.files):
            if file == "-" and alive and present:
                yield "add", self._job(self._file(state, f, "R"), f, "put")
            if file == "-" and alive and present and self._is("M5 the object comes before its row"):
                yield "put without a row", self._store(state, f, add="t")
            if file in "RS" and alive and present:
                yield "remove", self._doom(state, f)
        if alive and "R" not in state.files:
            yield "commit", self._commit(state)
        if state.draft == "X" and self._is("M11 commit from EXPIRING"):
            yield "commit", self._commit(state, "D")
        if alive:
            yield "discard", self._end(state)

    def _commit(self, state: State, of: str = "S") -> State:
        for f, file in enumerate(state.files):
            if file == of:
                state = self._file(state, f, "L")._replace(jobs=_put(state.jobs, f, ("promote",)))
                state = state._replace(claims=_put(state.claims, f, NOBODY))
        return self._ended(state, "C")

    def _sweeper(self, state: State) -> Iterator[Step]:
        lapsed = [row for row in state.rows if not self.live(state, row)]
        if state.draft == "O" and lapsed:
            kept = tuple(row for row in state.rows if self.live(state, row))
            yield "settle", self._alone(state._replace(rows=kept))
        due = state.draft == "G" and state.left == 0
        if due and self._is("M4 expiry reads, then writes without a guard"):
            if not state.overdue:
                yield "read overdue", state._replace(overdue=True)
        elif due and self._is("M6 bytes go before the draft is claimed"):
            if not state.overdue:
                yield "read overdue", state._replace(objects=("",) * self.rules.files, overdue=True)
        elif due:
            yield "expire", self._expire(state)
        if state.overdue:
            won = self._is("M4 expiry reads, then writes without a guard") or state.draft == "G"
            yield "act on overdue", self._expire(state) if won else state._replace(overdue=False)
        yield "tick", self._tick(state)

    def _expire(self, state: State) -> State:
        if state.idle < self.rules.grace and state.draft in "GO":
            raise Violation("R3: expired although a tab was usable less than N ago")
        if state.draft == "C":
            raise Violation("R5: a committed draft expired")
        return self._end(state)._replace(overdue=False)

    def _tick(self, state: State) -> State:
        """Advance service time by one tick; every running server then renews its lease."""
        for i, slot in enumerate(state.slots):
            lease = max(slot.lease - 1, -1)
            if slot.status == "up" and (lease >= 0 or self._is("M3 a woken process renews its lapsed lease")):
                lease = self.rules.lease
            elif slot.status == "up":
                state, lease = self._new_incarnation(state, i), self.rules.lease
            state = self._slot(state, i, lease=lease)
        idle = min(state.idle + 1, self.rules.grace) if state.draft in "GO" else 0
        return state._replace(left=max(state.left - 1, 0), idle=idle)

    def _new_incarnation(self, state: State, i: int) -> State:
        """Declare a slot dead: its tabs are closed (4408), its rows and jobs stay those of the dead one."""
        tabs, rows, claims = (
            tuple(NOBODY if slot == i else slot for slot in slots) for slots in (state.tabs, state.rows, state.claims)
        )
        return state._replace(tabs=tabs, rows=rows, claims=claims)

    # --- Jobs and the store

    def _runner(self, state: State, i: int) -> Iterator[Step]:
        call = state.slots[i].call
        if call is None:
            for f, jobs in enumerate(state.jobs):
                if jobs and not self._claimed(state, f) and not (jobs[0] == "again" and self._put_under_way(state, f)):
                    yield f"claim {jobs[0]}", self._begin(state, f, jobs[0], i)
        elif not call[2]:
            yield f"{call[1]} applied", self._apply(state, call, i)
        else:
            yield f"{call[1]} written", self._write_down(state, call, i)

    def _claimed(self, state: State, f: int) -> bool:
        return state.claims[f] != NOBODY and state.slots[state.claims[f]].lease >= 0

    @staticmethod
    def _put_under_way(state: State, f: int) -> bool:
        """The second destroy waits long enough (15 minutes) that no PUT is in flight any more."""
        return state.late[f] or any(slot.call and slot.call[:2] == (f, "put") for slot in state.slots)

    def _begin(self, state: State, f: int, kind: str, i: int) -> State:
        claimed = state._replace(claims=_put(state.claims, f, i))
        if kind == "put" and state.files[f] != "R":
            return self._done(claimed, (f, kind, True), i)
        if kind == "put":
            claimed = claimed._replace(puts=_put(claimed.puts, f, min(claimed.puts[f] + 1, 2)))
        return self._slot(claimed, i, call=(f, kind, False))

    def _apply(self, state: State, call: tuple[int, str, bool], i: int) -> State:
        f, kind, _ = call
        if kind == "promote":
            if "t" in state.objects[f]:
                state = self._store(self._store(state, f, add="p"), f, drop="t")
            elif "p" not in state.objects[f] or self._is("M10 a promotion that lost its answer has failed"):
                return self._free(self._slot(state, i, call=None), call, i)
        elif kind == "put":
            state = self._store(state, f, add="t")
        else:
            state = self._store(state, f, drop="t")
        return self._slot(state, i, call=(f, kind, True))

    def _write_down(self, state: State, call: tuple[int, str, bool], i: int) -> State:
        f, kind, _ = call
        file = state.files[f]
        state = self._slot(state, i, call=None)
        if kind == "put" and file == "R" and state.draft in "GO":
            state = self._file(state, f, "S")
            if state.claims[f] == i and state.puts[f] == 1:
                state = state._replace(puts=_put(state.puts, f, 0))
        elif kind == "put" and (file in "DX" or self._is("M7 only a stored row keeps its object from a late cleanup")):
            state = self._job(state, f, "destroy")
        elif kind == "promote" and file == "L":
            state = self._destroy(self._file(state, f, "P"), f)
        elif kind == "destroy" and file == "D":
            state = self._file(state, f, "X")
        return self._emptied(self._done(state, call, i))

    @staticmethod
    def _done(state: State, call: tuple[int, str, bool], i: int) -> State:
        """Delete the job, unless this runner was presumed dead and no longer holds it."""
        f, kind, _ = call
        if state.claims[f] != i or state.jobs[f][:1] != (kind,):
            return state
        return state._replace(jobs=_put(state.jobs, f, state.jobs[f][1:]), claims=_put(state.claims, f, NOBODY))

    @staticmethod
    def _free(state: State, call: tuple[int, str, bool], i: int) -> State:
        ours = state.claims[call[0]] == i
        return state._replace(claims=_put(state.claims, call[0], NOBODY)) if ours else state

    # --- Ends

    def _doom(self, state: State, f: int) -> State:
        if state.jobs[f] == ("put",) and state.claims[f] == NOBODY:
            state = state._replace(jobs=_put(state.jobs, f, ()))
        return self._destroy(self._file(state, f, "D"), f)

    def _destroy(self, state: State, f: int) -> State:
        """Request the deletion of the temporary object: at once, and again if a PUT may still land after that."""
        state = self._job(state, f, "destroy")
        if state.puts[f] and not self._is("M8 nothing answers a late PUT"):
            state = self._job(state, f, "again")
        return state

    def _end(self, state: State) -> State:
        for f, file in enumerate(state.files):
            if file in "RSLP":
                state = self._doom(state, f)
        return self._emptied(self._ended(state, "X"))

    @staticmethod
    def _ended(state: State, draft: str) -> State:
        gone = (NOBODY,) * len(state.tabs)
        return state._replace(draft=draft, left=0, rows=(), tabs=gone)

    @staticmethod
    def _emptied(state: State) -> State:
        done = state.draft == "X" and all(file in "-X" for file in state.files)
        return state._replace(draft="E") if done else state

    # --- Helpers

    @staticmethod
    def _slot(state: State, i: int, **changes: Any) -> State:
        return state._replace(slots=_put(state.slots, i, state.slots[i]._replace(**changes)))

    @staticmethod
    def _file(state: State, f: int, to: str) -> State:
        return state._replace(files=_put(state.files, f, to))

    @staticmethod
    def _job(state: State, f: int, kind: str) -> State:
        return state._replace(jobs=_put(state.jobs, f, (*state.jobs[f], kind)))

    @staticmethod
    def _store(state: State, f: int, *, add: str = "", drop: str = "") -> State:
        held = "".join(sorted({*state.objects[f], *add} - {*drop}))
        return state._replace(objects=_put(state.objects, f, held))

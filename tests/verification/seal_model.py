"""Every order in which writers, `finish`, check and put of one file can run: is the stored copy the checked one?

Contents are letters: two images of the same length. A writer holds a descriptor and may write at any time, before and
after `finish`, in any process. Two runners may do the same job, one of them presumed dead, and one strips like another
version of the program: the copies of `g` are `g1` and `g2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

RUNNERS = (1, 2)


class Design(NamedTuple):
    """The rules of the code; each False is an error in it."""

    name: str = "as built"
    one_read: bool = True
    """The check hashes, decodes and copies one snapshot."""
    compares_source: bool = True
    """The check refuses a snapshot whose hash is not that of `finish`."""
    compares_copy: bool = True
    """The put refuses a copy whose hash is not that of its check."""
    records_sent: bool = True
    """The row gets the hash of what was sent together with the put's response, whatever it had before."""


ERRORS = [
    Design("reads twice", one_read=False),
    Design("believes the spool", compares_source=False),
    Design("believes the copy", compares_copy=False),
    Design("keeps the hash of the last check", records_sent=False),
]


class Runner(NamedTuple):
    """The progress of a runner of the put job, and what it holds."""

    at: str = "begins"
    snapshot: str = ""
    copy: str = ""


class State(NamedTuple):
    """The spool, the copy, the row and the object of one file."""

    spool: str = "g"
    finished: str = ""
    clean: str = ""
    row: str = ""
    stored: str = ""
    answered: bool = False
    runners: tuple[Runner, Runner] = (Runner(), Runner())


class Found(NamedTuple):
    """The number of states, and the history of the first one that breaks the promise."""

    states: int
    broken: str = ""


def search(design: Design) -> Found:
    """Visit every state."""
    came_by: dict[State, str] = {State(): "start"}
    waiting = [State()]
    while waiting:
        state = waiting.pop()
        if state.answered and (state.stored[:1] != state.finished or state.row != state.stored):
            return Found(len(came_by), f"{came_by[state]}: {state}")
        for step, after in steps(design, state):
            if after not in came_by:
                came_by[after] = f"{came_by[state]}, {step}"
                waiting.append(after)
    return Found(len(came_by))


def steps(design: Design, state: State) -> Iterator[tuple[str, State]]:
    """Yield the possible steps: a writer writes, `finish` hashes, or a runner takes one step."""
    for content in "gh":
        yield f"write {content}", state._replace(spool=content)
    if not state.finished:
        yield "finish", state._replace(finished=state.spool)
        yield "finish while somebody writes", state._replace(finished="?")
        return
    for which in RUNNERS:
        for step, after in _run(design, state, which):
            yield f"{which} {step}", after


def _run(design: Design, state: State, which: int) -> Iterator[tuple[str, State]]:
    step, runner, after = STEPS[state.runners[which - 1].at](design, state, which, state.runners[which - 1])
    runners = (runner, state.runners[1]) if which == 1 else (state.runners[0], runner)
    yield step, after._replace(runners=runners)


Stepped = tuple[str, Runner, State]


def _read(design: Design, state: State, which: int, runner: Runner) -> Stepped:
    return "reads", runner._replace(at="decodes", snapshot=state.spool), state


def _decode(design: Design, state: State, which: int, runner: Runner) -> Stepped:
    if design.compares_source and runner.snapshot != state.finished:
        return "refuses", runner._replace(at="ended"), state
    copy = f"{runner.snapshot if design.one_read else state.spool}{which}"
    return "copies", runner._replace(at="checked", copy=copy), state._replace(clean=copy)


def _write_row(design: Design, state: State, which: int, runner: Runner) -> Stepped:
    after = state if state.answered else state._replace(row=runner.copy)
    return "writes the row", runner._replace(at="puts"), after


def _put(design: Design, state: State, which: int, runner: Runner) -> Stepped:
    ended = runner._replace(at="ended")
    if state.answered or (design.compares_copy and state.clean != runner.copy):
        return "stores nothing", ended, state
    row = runner.copy if design.records_sent else state.row
    return "puts", ended, state._replace(stored=state.clean, row=row, answered=True)


def _rest(design: Design, state: State, which: int, runner: Runner) -> Stepped:
    return "rests", runner, state


STEPS = {"begins": _read, "decodes": _decode, "checked": _write_row, "puts": _put, "ended": _rest}

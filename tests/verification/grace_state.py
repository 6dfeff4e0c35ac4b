"""One state of the model of grace, and the bounds of a search."""

from __future__ import annotations

from typing import NamedTuple

NOBODY = -1
"""No slot: the job is not acquired, the tab is not connected, or the row's incarnation lapsed and was replaced."""


class Rules(NamedTuple):
    """The bounds of one search, and the planted error ("" for none)."""

    files: int = 1
    tabs: int = 2
    faults: int = 2
    grace: int = 1
    lease: int = 1
    mutant: str = ""


class Slot(NamedTuple):
    """One server process. `lease` is in ticks, -1 when it lapsed."""

    status: str
    """``new``, ``up``, ``paused`` or ``down``."""
    lease: int
    call: tuple[int, str, bool] | None = None
    """The store call in progress: (file, kind of job, whether the store has done it)."""


class State(NamedTuple):
    """The whole state."""

    draft: str
    """``G`` grace, ``O`` open, ``C`` committed, ``X`` expiring, ``E`` expired."""
    left: int
    """Ticks until the deadline."""
    idle: int
    """Ticks since a tab was last usable; not part of the design, only of the checks."""
    files: tuple[str, ...]
    """``-`` none, ``R`` receiving, ``S`` stored, ``L`` linked, ``P`` permanent, ``D`` deleting, ``X`` deleted."""
    objects: tuple[str, ...]
    """Which of the keys ``t`` (temporary) and ``p`` (permanent) hold bytes."""
    jobs: tuple[tuple[str, ...], ...]
    claims: tuple[int, ...]
    late: tuple[bool, ...]
    """A PUT whose caller was killed and which may still land."""
    puts: tuple[int, ...]
    """Calls that may still take effect: 0 none, 1 the only one so far, 2 several (`File.put_in_flight_until_ms`)."""
    slots: tuple[Slot, ...]
    tabs: tuple[int, ...]
    """The slot each tab is connected to."""
    rows: tuple[int, ...]
    """The slots of the open socket rows, including those of dead processes."""
    faults: int
    overdue: bool = False
    """A sweeper has read that the draft is due and acts on it later (one planted error)."""


def start(rules: Rules) -> State:
    """A page has just opened the draft; two servers are up, a third can replace a dead one."""
    n, up = rules.files, Slot("up", rules.lease)
    slots, tabs = (up, up, Slot("new", -1)), (NOBODY,) * rules.tabs
    nothing = (("-",) * n, ("",) * n, ((),) * n, (NOBODY,) * n, (False,) * n, (0,) * n)
    return State("G", rules.grace, 0, *nothing, slots, tabs, (), rules.faults)


def canonical(state: State) -> State:
    """States are equal if they differ only in the names of servers and tabs, or in a lease that does not matter."""
    tabs, rows, claims = state.tabs, state.rows, state.claims
    slots = tuple(
        slot._replace(lease=-1) if slot.status == "down" and i not in rows and i not in claims else slot
        for i, slot in enumerate(state.slots)
    )
    order = sorted(
        range(len(slots)),
        key=lambda i: (slots[i][:2], slots[i].call or (), tabs.count(i), rows.count(i), [c == i for c in claims]),
    )
    to = {NOBODY: NOBODY, **{old: new for new, old in enumerate(order)}}
    return state._replace(
        slots=tuple(slots[i] for i in order),
        tabs=tuple(sorted(to[i] for i in tabs)),
        rows=tuple(sorted(to[i] for i in rows)),
        claims=tuple(to[i] for i in claims),
    )

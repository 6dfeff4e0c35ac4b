from __future__ import annotations

from collections.abc import Sequence

import pytest

from uploads.core import states
from uploads.core.states import DRAFT_TRANSITIONS, FILE_TRANSITIONS, LIVE, DraftEvent, DraftState, FileEvent, FileState

ENDS = {DraftState.COMMITTED, DraftState.EXPIRED}


def reachable(start: str, moves: Sequence[tuple[str, str]]) -> set[str]:
    found = {start}
    while more := {to for source, to in moves if source in found} - found:
        found |= more
    return found


DRAFT_MOVES = [(source, to) for table in DRAFT_TRANSITIONS.values() for source, to in table.items()]
FILE_MOVES = [(source, to) for table in FILE_TRANSITIONS.values() for source, to in table.items()]


def test_every_event_has_a_row_in_its_table():
    assert set(DRAFT_TRANSITIONS) == set(DraftEvent)
    assert set(FILE_TRANSITIONS) == set(FileEvent)


@pytest.mark.parametrize("end", sorted(ENDS))
def test_the_ends_of_a_draft_are_final(end: DraftState):
    assert [to for source, to in DRAFT_MOVES if source == end] == []


def test_an_expiring_draft_never_comes_back():
    assert reachable(DraftState.EXPIRING, DRAFT_MOVES) == {DraftState.EXPIRING, DraftState.EXPIRED}


def test_every_live_draft_can_end_either_way():
    for state in LIVE:
        assert reachable(state, DRAFT_MOVES) >= ENDS


def test_only_a_draft_in_grace_can_be_overdue():
    assert set(DRAFT_TRANSITIONS[DraftEvent.OVERDUE]) == {DraftState.GRACE}


def test_every_file_state_is_reachable_from_the_first_or_from_an_attached_reference():
    found = reachable(FileState.RECEIVING, FILE_MOVES) | reachable(FileState.ATTACHED, FILE_MOVES)
    assert found == set(FileState)


def test_a_file_on_its_way_out_only_goes_further_out():
    assert reachable(FileState.DELETING, FILE_MOVES) == {FileState.DELETING, FileState.DELETED}


def test_an_attached_reference_is_never_deleted():
    moves = [(FileState.ATTACHED, FileState.REMOVED), (FileState.REMOVED, FileState.ATTACHED)]
    assert [move for move in FILE_MOVES if move[0] == FileState.ATTACHED] == moves[:1]
    assert FILE_TRANSITIONS[FileEvent.RESTORE_ATTACHED] == dict(moves[1:])


def test_a_file_of_a_product_is_only_let_go_by_a_release():
    leaving = {
        event
        for event, table in FILE_TRANSITIONS.items()
        for source in (FileState.LINKED, FileState.PERMANENT)
        if table.get(source) == FileState.DELETING
    }
    assert leaving == {FileEvent.RELEASE}


def test_every_visible_state_has_a_way_out_of_the_draft():
    for state in states.VISIBLE - {FileState.ATTACHED}:
        assert FileState.DELETED in reachable(state, FILE_MOVES)


def test_whatever_blocks_a_save_stands_in_a_list():
    assert states.UNFINISHED < states.LISTED < states.VISIBLE
    assert FileState.REJECTED not in states.UNFINISHED


def test_every_event_leads_to_one_state():
    for draft_event, draft_moves in DRAFT_TRANSITIONS.items():
        assert set(draft_moves.values()) == {states.target(draft_event)}
    for file_event, file_moves in FILE_TRANSITIONS.items():
        assert set(file_moves.values()) == {states.target(file_event)}


def test_the_sources_of_an_event_are_those_of_its_table():
    assert set(states.sources(DraftEvent.COMMIT)) == LIVE
    assert set(states.sources(FileEvent.RELEASE)) == {FileState.LINKED, FileState.PERMANENT}

from __future__ import annotations

from contextlib import suppress
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import ordering
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import LAST, MAIN, ListKey, Lists, Position

FILES = [UUID(int=number) for number in range(1, 9)]
A, B, C, D = FILES[:4]
RED: ListKey = ("variant_image", "red")
BLUE: ListKey = ("variant_image", "blue")
KEYS = [MAIN, RED, BLUE]

files = st.sampled_from(FILES)
keys = st.sampled_from(KEYS)
moved = st.lists(files, min_size=1, max_size=4, unique=True)
afters = st.one_of(st.none(), st.just(LAST), files)
positions = st.dictionaries(files, st.builds(Position, keys, st.integers(0, 12)))
operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), moved, keys, afters),
        st.tuples(st.just("put_at"), files, keys, st.integers(0, 12)),
        st.tuples(st.just("drop"), moved),
        st.tuples(st.just("keep_variants"), st.sets(st.sampled_from(["red", "blue"]))),
    ),
    max_size=25,
)


def apply(lists: Lists, operation: tuple) -> Lists:
    name, *arguments = operation
    with suppress(Refusal):
        return getattr(ordering, name)(lists, *arguments)
    return lists


def members(lists: Lists) -> list[UUID]:
    return [file for listed in lists.values() for file in listed]


@given(positions, operations)
def test_lists_stay_dense_and_hold_each_file_once_whatever_happens(start: dict[UUID, Position], steps: list[tuple]):
    lists = ordering.lists_of(start)
    for step in steps:
        before = members(lists)
        lists = apply(lists, step)
        held = members(lists)
        assert len(held) == len(set(held))
        for key, listed in lists.items():
            told = [ordering.positions_of(lists)[file] for file in listed]
            assert told == [Position(key, at) for at in range(len(listed))]
        changed = {"put": step[1], "put_at": [step[1]], "drop": step[1]}.get(step[0], [])
        assert set(held) ^ set(before) <= set(changed)


@given(positions, operations)
def test_a_change_leaves_its_input_alone(start: dict[UUID, Position], steps: list[tuple]):
    lists = ordering.lists_of(start)
    for step in steps:
        copy = {key: list(listed) for key, listed in lists.items()}
        after = apply(lists, step)
        assert lists == copy
        lists = after


@given(positions)
def test_reading_places_back_gives_the_same_lists(start: dict[UUID, Position]):
    lists = ordering.lists_of(start)
    assert ordering.lists_of(ordering.positions_of(lists)) == lists


@given(positions, moved, keys, afters)
def test_a_move_keeps_the_order_of_all_other_files(start: dict[UUID, Position], some: list[UUID], key: ListKey, after):
    lists = ordering.lists_of(start)
    now = apply(lists, ("put", some, key, after))
    for each in KEYS:
        assert [f for f in now.get(each, []) if f not in some] == [f for f in lists.get(each, []) if f not in some]


@given(positions, moved, keys, afters)
def test_what_moves_stands_together_in_its_order_behind_its_place(
    start: dict[UUID, Position], some: list[UUID], key: ListKey, after
):
    lists = ordering.lists_of(start)
    target = lists.get(key, [])
    if after is not None and after is not LAST and after not in target:
        return
    now = ordering.put(lists, some, key, after)[key]
    at = now.index(some[0])
    assert now[at : at + len(some)] == some
    before = [] if after is None else target if after is LAST else target[: target.index(after) + 1]
    assert now[:at] == [file for file in before if file not in some]


def test_a_file_goes_first_last_or_behind_a_named_one():
    lists: Lists = {MAIN: [A, B]}
    assert ordering.put(lists, [C], MAIN, None)[MAIN] == [C, A, B]
    assert ordering.put(lists, [C], MAIN, LAST)[MAIN] == [A, B, C]
    assert ordering.put(lists, [C], MAIN, A)[MAIN] == [A, C, B]


def test_a_file_moves_between_lists():
    assert ordering.put({MAIN: [A, B], RED: [C]}, [A], RED, C) == {MAIN: [B], RED: [C, A]}
    assert ordering.put({MAIN: [A, B], RED: [C]}, [C, A], BLUE, None) == {MAIN: [B], RED: [], BLUE: [C, A]}


def test_a_file_behind_itself_stays_where_it_is():
    lists: Lists = {MAIN: [A, B]}
    assert ordering.put(lists, [B], MAIN, B) == lists


def test_files_behind_one_of_themselves_gather_where_it_stands():
    assert ordering.put({MAIN: [A, B, C], RED: [D]}, [D, C, A], MAIN, C) == {MAIN: [B, D, C, A], RED: []}


@pytest.mark.parametrize("after", [C, D])
def test_a_place_behind_a_file_of_another_list_is_refused(after: UUID):
    with pytest.raises(Refusal) as refused:
        ordering.put({MAIN: [A], RED: [C]}, [A], MAIN, after)
    assert refused.value.code == Code.UNKNOWN_POSITION


def test_a_file_comes_back_to_its_index_or_to_the_end_of_a_shorter_list():
    lists: Lists = {MAIN: [A, B]}
    assert ordering.put_at(lists, C, MAIN, 1)[MAIN] == [A, C, B]
    assert ordering.put_at(lists, C, MAIN, 9)[MAIN] == [A, B, C]
    assert ordering.put_at(lists, C, RED, 3)[RED] == [C]


ranked = st.lists(st.integers(0, 12), min_size=1, max_size=len(FILES))


@given(ranked, st.randoms())
def test_ranked_files_end_in_the_order_of_their_ranks_whichever_comes_first(asked: list[int], random: Random):
    ranks = dict(zip(FILES, asked, strict=False))
    arriving = random.sample(list(ranks), len(ranks))
    lists: Lists = {}
    for file in arriving:
        lists = ordering.put_ranked(lists, file, MAIN, ranks[file], ranks)
    # Of several with the same rank, the first to arrive comes first.
    assert lists[MAIN] == sorted(arriving, key=lambda file: ranks[file])


@given(st.lists(files, unique=True), st.integers(0, 12), st.dictionaries(files, st.integers(0, 12)))
def test_a_ranked_file_moves_no_other(listed: list[UUID], rank: int, ranks: dict[UUID, int]):
    new = UUID(int=99)
    now = ordering.put_ranked({MAIN: listed}, new, MAIN, rank, ranks)[MAIN]
    assert [file for file in now if file != new] == listed


def test_a_ranked_file_takes_its_index_among_files_without_ranks():
    assert ordering.put_ranked({MAIN: [A, B]}, C, MAIN, 0, {})[MAIN] == [C, A, B]
    assert ordering.put_ranked({MAIN: [A, B]}, C, MAIN, 1, {})[MAIN] == [A, C, B]
    assert ordering.put_ranked({MAIN: [A, B]}, C, MAIN, 9, {})[MAIN] == [A, B, C]
    # As near to it as the ranks of its neighbours allow.
    assert ordering.put_ranked({MAIN: [A, B, D]}, C, MAIN, 0, {B: 0})[MAIN] == [A, B, C, D]
    assert ordering.put_ranked({MAIN: [A, B, D]}, C, MAIN, 2, {B: 3})[MAIN] == [A, C, B, D]


def test_images_of_a_variant_that_is_gone_stand_at_the_end_of_the_main_list():
    lists: Lists = {MAIN: [A], RED: [B, C], BLUE: [D]}
    assert ordering.keep_variants(lists, ["blue"]) == {MAIN: [A, B, C], BLUE: [D]}


def test_equal_places_have_one_order():
    start = {B: Position(MAIN, 0), A: Position(MAIN, 0), C: Position(MAIN, 7)}
    assert ordering.lists_of(start) == ordering.lists_of(dict(reversed(start.items()))) == {MAIN: [A, B, C]}

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from uploads.images.fair_queue import FairQueue


def anything(_: object, __: object) -> bool:
    return True


def filled(*items: str) -> FairQueue[str]:
    """Each item belongs to the owner named by its first letter."""
    queue: FairQueue[str] = FairQueue()
    for item in items:
        queue.push(item[0], item)
    return queue


def drained(queue: FairQueue[str]) -> list[str]:
    found = []
    while (item := queue.pop(anything)) is not None:
        found.append(item)
    return found


def test_owners_take_turns_however_much_one_of_them_has_waiting():
    assert drained(filled("a1", "a2", "a3", "a4", "b1", "c1", "b2")) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_who_comes_while_another_is_served_waits_for_one_of_theirs_at_most():
    queue = filled("a1", "a2", "a3")
    assert queue.pop(anything) == "a1"
    queue.push("b", "b1")
    assert drained(queue) == ["a2", "b1", "a3"]


def test_what_is_not_possible_yet_holds_up_nobody():
    queue = filled("a1", "a2", "b1")
    assert queue.pop(lambda _, item: item == "a2") == "a2"
    assert queue.pop(lambda owner, _: owner == "b") == "b1"
    assert queue.pop(lambda _, __: False) is None
    assert (len(queue), queue.count("a"), queue.count("b")) == (1, 1, 0)


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_everything_comes_out_once_each_owners_in_order_and_nobody_waits_for_two_of_another(owners: list[str]):
    items = [f"{owner}{number:02}" for number, owner in enumerate(owners)]
    found = drained(filled(*items))

    assert sorted(found) == sorted(items)
    for owner in set(owners):
        mine = [item for item in found if item[0] == owner]
        assert mine == sorted(mine)
        places = [found.index(item) for item in mine]
        for before, after in zip([-1, *places], places, strict=False):
            between = [item[0] for item in found[before + 1 : after]]
            assert len(between) == len(set(between))

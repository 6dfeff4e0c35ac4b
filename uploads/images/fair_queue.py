"""A queue that serves the owners in turn, however many items each of them has waiting. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items in order of arrival, one queue per owner."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, deque[Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def count(self, owner: Hashable) -> int:
        """Return how many items of `owner` wait."""
        return len(self._waiting.get(owner, ()))

    def push(self, owner: Hashable, item: Item) -> None:
        """Add an item after the others of its owner."""
        self._waiting.setdefault(owner, deque()).append(item)

    def pop(self, is_possible: Callable[[Hashable, Item], bool]) -> Item | None:
        """Take the next item that is possible now; its owner then moves to the end. Returns None if there is none."""
        for owner, items in self._waiting.items():
            for item in items:
                if is_possible(owner, item):
                    items.remove(item)
                    self._waiting.move_to_end(owner)
                    if not items:
                        del self._waiting[owner]
                    return item
        return None

"""A real store on disk that fails as remote stores do: it refuses, loses its response, or responds late."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from uploads.stores.base import Promoted, Receipt, StoreError
from uploads.stores.django_storage import DjangoStorageStore

Hook = Callable[[], object]
Answer = TypeVar("Answer")


class UnreliableStore(DjangoStorageStore):
    """Fails as instructed and counts the calls.

    With `moving` it promotes by renaming. `told` is the receipt of every put.
    """

    def __init__(self, alias: str = "draft_uploads") -> None:
        super().__init__(alias)
        self.calls: Counter[str] = Counter()
        self.refusing: Counter[str] = Counter()
        self.losing_answers: Counter[str] = Counter()
        self.refused_keys: set[str] = set()
        self.delaying = self.cutting = 0
        self.moving = False
        self.told: Receipt = {}
        self._delayed: list[tuple[str, bytes]] = []
        self.failing: dict[str, list[tuple[Exception, bool]]] = {}
        self.before: dict[str, Hook] = {}
        self.after: dict[str, Hook] = {}

    def refuse(self, verb: str, times: int = 1) -> None:
        """Make the next `times` calls fail without effect."""
        self.refusing[verb] = times

    def lose_answers(self, verb: str, times: int = 1) -> None:
        """Make the next `times` calls fail although they take effect."""
        self.losing_answers[verb] = times

    def fail(self, verb: str, error: Exception, *, applied: bool = False, times: int = 1) -> None:
        """Make the next `times` calls raise `error`, after taking effect if `applied`."""
        self.failing[verb] = [(error, applied)] * times

    def delay_puts(self, times: int = 1) -> None:
        """Leave the next `times` puts unanswered; they take effect only when `land` is called."""
        self.delaying = times

    def cut_puts(self, times: int = 1) -> None:
        """Make the next `times` puts fail and leave half of their object behind."""
        self.cutting = times

    def land(self) -> None:
        """Carry out the puts that were only received."""
        while self._delayed:
            key, content = self._delayed.pop()
            super().put(key, io.BytesIO(content), "")

    def put(self, key: str, content: BinaryIO, content_type: str) -> Receipt:
        if key in self.refused_keys:
            raise StoreError("put: this one never")
        if self.cutting > 0:
            self.cutting -= 1
            whole = content.read()
            super().put(key, io.BytesIO(whole[: len(whole) // 2]), content_type)
            raise StoreError("put: reset")
        if self.delaying > 0:
            self.delaying -= 1
            self._delayed.append((key, content.read()))
            raise StoreError("put: timeout")
        self._call("put", lambda: super(UnreliableStore, self).put(key, content, content_type))
        return self.told

    def destroy(self, key: str) -> None:
        self._call("destroy", lambda: super(UnreliableStore, self).destroy(key))

    def promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        return self._call("promote", lambda: self._promote(key, to, receipt))

    def _promote(self, key: str, to: str, receipt: Receipt) -> Promoted:
        promoted = super().promote(key, to, receipt)
        if not self.moving:
            return promoted
        super().destroy(key)
        return Promoted(to, {**receipt, "moved": True}, left=True)

    def open(self, key: str) -> BinaryIO:
        if hook := self.before.pop("open", None):
            hook()
        return super().open(key)

    def _call(self, verb: str, effect: Callable[[], Answer]) -> Answer:
        self.calls[verb] += 1
        if hook := self.before.pop(verb, None):
            hook()
        if self.failing.get(verb):
            error, applied = self.failing[verb].pop()
            if applied:
                effect()
            raise error
        if self.refusing[verb] > 0:
            self.refusing[verb] -= 1
            raise StoreError(f"{verb}: refused")
        answer = effect()
        if hook := self.after.pop(verb, None):
            hook()
        if self.losing_answers[verb] > 0:
            self.losing_answers[verb] -= 1
            raise StoreError(f"{verb}: no answer")
        return answer

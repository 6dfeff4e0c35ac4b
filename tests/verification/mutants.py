"""Planted errors: the product's own text with one wrong idea in it, switched on while a test runs.

Each is a change of source text, so that it can rot in one way only: when the text is not there any
more, planting it fails and says so. The changed functions take the place of the real ones wherever
they were imported, because their code is exchanged and not their name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from msgspec import Struct


class Mutant(Struct, frozen=True, kw_only=True):
    """One planted error: `edits` are pairs of old and new text of `module`; the test `killer` must turn red."""

    id: str
    error: str
    module: str
    edits: tuple[tuple[str, str], ...]
    killer: str
    """``module::test`` below `tests`."""
    engine: str | None = None
    """The one database on which the error can show; None: on each."""

    def test(self) -> Callable[..., object]:
        """The test that must turn red. Raises `AttributeError` when there is none of that name."""
        module, name = self.killer.split("::")
        found: Callable[..., object] = getattr(importlib.import_module(f"tests.{module}"), name)
        return found


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The error is in the product for the length of the block. Raises `AssertionError` when its text is gone."""
    module = importlib.import_module(mutant.module)
    source = wrong = Path(str(module.__file__)).read_text()
    for old, new in mutant.edits:
        assert wrong.count(old) == 1, f"{mutant.id}: {mutant.module} has {wrong.count(old)} times: {old}"
        wrong = wrong.replace(old, new)
    changed = {
        name: code for name, code in _codes(wrong, module).items() if not _same(code, _codes(source, module)[name])
    }
    functions = {name: _function(module, name) for name in changed}
    right = {name: function.__code__ for name, function in functions.items()}
    try:
        for name, function in functions.items():
            function.__code__ = changed[name]
        yield
    finally:
        for name, function in functions.items():
            function.__code__ = right[name]


def _codes(source: str, module: ModuleType) -> dict[str, CodeType]:
    """The code of every function and method of the module's text, by qualified name."""
    whole = compile(source, str(module.__file__), "exec", dont_inherit=True)
    return dict(_functions_in(whole))


def _functions_in(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for constant in code.co_consts:
        if not isinstance(constant, CodeType) or "<" in constant.co_name:
            continue
        if constant.co_flags & 0x2:  # CO_NEWLOCALS: a function; the body of a class has none
            yield constant.co_qualname, constant
        else:
            yield from _functions_in(constant)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether both do the same; lines may stand elsewhere."""
    if (one.co_code, one.co_names, len(one.co_consts)) != (other.co_code, other.co_names, len(other.co_consts)):
        return False
    return all(
        _same(mine, its) if isinstance(mine, CodeType) and isinstance(its, CodeType) else mine == its
        for mine, its in zip(one.co_consts, other.co_consts, strict=True)
    )


def _function(module: ModuleType, qualified_name: str) -> FunctionType:
    """The living function, below whatever decorators stand on it."""
    found: Any = module
    for name in qualified_name.split("."):
        found = found.__dict__[name]
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    assert isinstance(found, FunctionType), f"{module.__name__}.{qualified_name} is no function"
    return found

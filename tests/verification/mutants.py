"""Planted errors: the product's own source with one error in it, active while a test runs.

Each is a change of source text, so that it can become stale in one way only: if the text no longer exists, planting it
fails and says so. Changed functions take effect wherever they were imported, because their code objects are exchanged,
not their names.
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
    """A planted error: `edits` are pairs of old and new text in `module`; the test `killer` must fail."""

    id: str
    error: str
    module: str
    edits: tuple[tuple[str, str], ...]
    killer: str
    """``module::test`` below `tests`."""
    engine: str | None = None
    """The only database on which the error can show; None: any."""

    def test(self) -> Callable[..., object]:
        """Return the test that must fail. Raises `AttributeError` if there is none of that name."""
        module, name = self.killer.split("::")
        found: Callable[..., object] = getattr(importlib.import_module(f"tests.{module}"), name)
        return found


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Plant the error in the product for the duration of the block. Raises `AssertionError` if its text is gone."""
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
    """Return the code of every function and method in the module's source, by qualified name."""
    whole = compile(source, str(module.__file__), "exec", dont_inherit=True)
    return dict(_functions_in(whole))


def _functions_in(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for constant in code.co_consts:
        if not isinstance(constant, CodeType) or "<" in constant.co_name:
            continue
        if constant.co_flags & 0x2:  # CO_NEWLOCALS: a function; the body of a class does not have it.
            yield constant.co_qualname, constant
        else:
            yield from _functions_in(constant)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether both do the same; line numbers may differ."""
    if (one.co_code, one.co_names, len(one.co_consts)) != (other.co_code, other.co_names, len(other.co_consts)):
        return False
    return all(
        _same(mine, its) if isinstance(mine, CodeType) and isinstance(its, CodeType) else mine == its
        for mine, its in zip(one.co_consts, other.co_consts, strict=True)
    )


def _function(module: ModuleType, qualified_name: str) -> FunctionType:
    """Return the live function, inside any decorators."""
    found: Any = module
    for name in qualified_name.split("."):
        found = found.__dict__[name]
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    assert isinstance(found, FunctionType), f"{module.__name__}.{qualified_name} is no function"
    return found

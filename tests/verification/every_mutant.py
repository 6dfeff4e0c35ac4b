"""All planted errors: the original eighteen, and those of the guards in the modules `security_mutants_*`."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.verification import planted_errors
from tests.verification.mutants import Mutant


def security_mutants() -> list[Mutant]:
    """Return the `MUTANTS` of each of these modules."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("security_mutants_*.py"))
    modules = [importlib.import_module(f"tests.verification.{name}") for name in names]
    return [mutant for module in modules for mutant in module.MUTANTS]


def every_mutant() -> list[Mutant]:
    """Return all of them."""
    return [*planted_errors.MUTANTS, *security_mutants()]
